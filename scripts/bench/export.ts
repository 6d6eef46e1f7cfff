/**
 * What a package costs: reading and verifying the record, decrypting, packing, the report.
 *
 *   node scripts/bench/export.ts [mebibytes=256]
 *
 * One real sealed call with a large file in place of an hour's camera, plain and encrypted, exported in this process.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answeredCall, talk } from '../../recordings/fixture.ts'
import { encrypt, orderFor } from '../../server/evidence/export/fixture.ts'
import { runExport } from '../../server/evidence/export/run-export.ts'
import { buildPages } from '../build-pages.mjs'
import { printTable, type Row, round, surroundings, writeReport } from './report.ts'

const MIB = 1024 * 1024
const mebibytes = Number(process.argv[2] ?? 256)
const root = await mkdtemp(join(tmpdir(), 'export-bench-'))
const at = surroundings()
const endings: (() => unknown)[] = []
try {
  const pagesFolder = join(root, 'pages')
  await mkdir(pagesFolder)
  await buildPages({ pages: ['package'], outFolder: pagesFolder, log: () => {} })
  const call = await answeredCall({ teardown: fn => endings.push(fn) })
  call.answer()
  talk(call, 3000)
  await call.archive.addFile('pages/large.bin', randomBytes(mebibytes * MIB))
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const sealed = { ...call, folder: call.archive.folder }
  const measured = async (what: string, files?: Parameters<typeof orderFor>[1]['files']): Promise<Row> => {
    const folder = await mkdtemp(join(root, 'work-'))
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    const order = orderFor(sealed, { folder, pagesFolder, ...(files && { files }) })
    const { bytes } = await runExport(order, { sign: async text => call.key.sign(text) })
    const tookMs = performance.now() - startedMs
    const { user, system } = process.cpuUsage(cpu)
    await rm(folder, { recursive: true })
    const megabytes = bytes / 1e6
    return {
      ...{ what, MB: round(megabytes, 0), s: round(tookMs / 1000) },
      ...{
        'MB/s': round(megabytes / (tookMs / 1000), 0),
        'MB per CPU second': round(megabytes / ((user + system) / 1e6), 0),
      },
    }
  }
  const rows = [
    await measured('evidence package, plain'),
    await measured('evidence package, encrypted', await encrypt(sealed)),
  ]
  printTable('Evidence packages', rows)
  await writeReport('export', { at, rows })
} finally {
  for (const end of endings.reverse()) await end()
  await rm(root, { recursive: true, force: true })
}
