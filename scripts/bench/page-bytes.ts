/**
 * How much script the pages bring, as a browser gets it (gzip) and as it is parsed.
 *
 *   node scripts/bench/page-bytes.ts
 *
 * Builds the pages into a folder of its own; the running server's pages stay as they are.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPages } from '../build-pages.mjs'
import { printTable, round, surroundings, writeReport } from './report.ts'

const outFolder = await mkdtemp(join(tmpdir(), 'bench-pages-'))
try {
  const built = await buildPages({ minify: true, outFolder })
  const kilobytes = (bytes: number) => round(bytes / 1024)
  const rows = built.pages.map(page => ({
    page: page.page,
    'script before first use, KB gzip': kilobytes(page.initialScriptGzipBytes),
    'all script, KB gzip': kilobytes(page.scriptGzipBytes),
    'all script, KB parsed': kilobytes(
      page.assets.reduce((sum, asset) => sum + (asset.kind === 'script' ? asset.bytes : 0), 0),
    ),
    'HTML, KB gzip': kilobytes(page.htmlGzipBytes),
  }))
  printTable('Bytes of the pages', rows)
  await writeReport('page-bytes', { surroundings: surroundings(), rows })
  await built.close()
} finally {
  await rm(outFolder, { recursive: true, force: true })
}
