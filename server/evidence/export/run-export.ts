import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PackageZip } from '../../../recordings/export/package-zip.ts'
import { openCallFiles } from '../../../recordings/vault/open-call-files.ts'
import { buildPackage, shownFacts, shownOrder } from './build-package.ts'
import type { ExportOrder, ExportResult } from './export-order.ts'
import { readFacts } from './read-facts.ts'
import { writeReport } from './write-report.ts'

/** Reading and verifying the record, before the first byte of the package. */
const VERIFY_SHARE = 0.3

/** Makes what was ordered, in whatever process this runs. @throws what reading, drawing or writing throws */
export async function runExport(
  given: ExportOrder,
  o: {
    readonly sign: (text: string) => Promise<string>
    readonly onProgress?: (progress: number) => void
    readonly signal?: AbortSignal
  },
): Promise<ExportResult> {
  const order = shownOrder(given)
  const files = openCallFiles(order.files)
  const facts = await readFacts(files, order)
  o.onProgress?.(VERIFY_SHARE)
  if (order.origin.kind === 'report') {
    const report = join(order.workFolder, 'report.pdf')
    await writeReport(report, { files, facts: shownFacts(facts, order), order })
    const result = await hashOf(report)
    await rename(report, order.out)
    return result
  }
  const allBytes = Math.max(
    1,
    facts.list.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  let done = 0
  const zip = new PackageZip(new Date(order.origin.at))
  const hash = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(piece: Buffer, _, next) {
      hash.update(piece)
      bytes += piece.length
      next(null, piece)
    },
  })
  const written = pipeline(zip.output, counted, createWriteStream(order.out, { mode: 0o600 }), {
    ...(o.signal && { signal: o.signal }),
  })
  const built = buildPackage(zip, {
    files,
    facts,
    order,
    sign: o.sign,
    onBytes: more => {
      done += more
      o.onProgress?.(VERIFY_SHARE + (1 - VERIFY_SHARE) * Math.min(1, done / allBytes))
    },
  })
  // A full disk ends the writing, and then nobody reads what is built any more.
  await Promise.race([built, written.then(() => built)])
  zip.end()
  await written
  return { bytes, sha256: hash.digest('hex') }
}

async function hashOf(path: string): Promise<ExportResult> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
