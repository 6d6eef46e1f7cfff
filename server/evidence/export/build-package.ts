import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { watermarked } from '../../../media/picture/watermark.ts'
import { PACKAGE_FORMAT, PACKAGE_MANIFEST, signPackage } from '../../../recordings/export/package-manifest.ts'
import type { PackageZip } from '../../../recordings/export/package-zip.ts'
import type { CallFiles } from '../../../recordings/vault/call-files.ts'
import { packageSortOf } from '../../../signaling/protocol/export-kinds.ts'
import type { PackageData } from '../../../signaling/protocol/record-export.ts'
import type { RecordSpans } from '../../../signaling/protocol/record-span.ts'
import type { ExportOrder } from './export-order.ts'
import { exportSpeech } from './export-speech.ts'
import { journalPage } from './journal-page.ts'
import { maskRecord, maskWritten } from './mask-record.ts'
import { packageLeaflet } from './package-leaflet.ts'
import { packagePage } from './package-page.ts'
import { type PackagePlan, type PlannedFile, planPackage } from './package-plan.ts'
import { digestPath, type RecordFacts } from './read-facts.ts'
import { writeReport } from './write-report.ts'

const REPLAYS = ['derived/replay.webm', 'derived/replay.mp4'] as const
const PEAKS = 'derived/peaks.json'
const SCREEN = 'derived/screen.webm'
const LANGUAGES = ['zh-CN', 'en'] as const
const TEXT = { compress: true } as const

export type BuildOptions = {
  readonly files: CallFiles
  readonly facts: RecordFacts
  readonly order: ExportOrder
  readonly sign: (text: string) => Promise<string>
  readonly onBytes: (bytes: number) => void
}

/** The facts as this export may show them: a viewing copy and a report alone have numbers masked. */
export function shownFacts(facts: RecordFacts, { origin }: ExportOrder): RecordFacts {
  return isOpen(origin) ? facts : { ...facts, ...maskRecord(facts.record, facts.entries), manifestSha256: '' }
}

/** The same of what people wrote when they looked at the record or took it out. */
export function shownOrder(order: ExportOrder): ExportOrder {
  const { origin, access } = order
  if (isOpen(origin)) return order
  return {
    ...order,
    origin: { ...origin, reason: maskWritten(origin.reason) },
    access: access.map(line => ({ ...line, detail: maskWritten(line.detail) })),
  }
}

function isOpen({ kind, redactionId }: ExportOrder['origin']): boolean {
  return kind === 'evidence' && redactionId === undefined
}

/** Puts one package together, file by file; whoever calls reads the ZIP meanwhile. @throws what reading or writing throws */
export async function buildPackage(zip: PackageZip, o: BuildOptions): Promise<void> {
  const { files, facts, order } = o
  const { origin } = order
  const shown = shownFacts(facts, order)
  const plan = planPackage(facts.list, { kind: origin.kind, redactionId: origin.redactionId })
  const text = (path: string, content: string | Buffer) =>
    zip.add({ path, bytes: Buffer.byteLength(content), ...TEXT }, () => Readable.from([Buffer.from(content)]))

  const speeches = [origin.language, ...LANGUAGES.filter(one => one !== origin.language)].map(language =>
    exportSpeech(language, order.timeZone),
  )
  await text('README.txt', packageLeaflet({ facts: shown, origin, originals: plan.originals }))
  await text('index.html', await indexPage(o, shown, plan))
  await text('journal.html', journalPage(shown.record, shown.entries, speeches))
  await text('journal.json', `${JSON.stringify(shown.entries, null, 1)}\n`)
  if (!plan.originals) await text('record.json', `${JSON.stringify(shown.record, null, 1)}\n`)

  const report = join(order.workFolder, 'report.pdf')
  await writeReport(report, { files, facts: shown, order })
  await zip.add({ path: 'report.pdf', bytes: (await stat(report)).size }, () => createReadStream(report))

  for (const file of plan.files) await copy(zip, o, file)
  if (plan.originals && facts.digest) {
    await text(digestPath(facts.digest.day, 'json'), facts.digest.bytes)
    if (facts.digest.stamp) await text(digestPath(facts.digest.day, 'tsr'), facts.digest.stamp)
  }
  await text('verify/tongping-verify.mjs', await readFile(join(order.pagesFolder, 'tongping-verify.mjs')))
  await text('verify/seal-key.pub.pem', sealKeysOf(facts, order).join(''))
  if (plan.originals && order.authorities.length > 0) await text('verify/tsa-roots.pem', order.authorities.join('\n'))
  await text('SHA256SUMS', zip.files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''))
  await text(PACKAGE_MANIFEST, await manifestOf(zip, o, plan))
}

/** Of the record, of the package and of the digest: one, unless the seal's key was changed meanwhile. */
function sealKeysOf({ record, digest }: RecordFacts, { sealKey }: ExportOrder): string[] {
  return [
    ...new Set([record.seal.publicKey, sealKey.publicKeyPem, digest?.digest?.seal.publicKey ?? sealKey.publicKeyPem]),
  ]
}

async function copy(zip: PackageZip, { files, order, onBytes }: BuildOptions, file: PlannedFile): Promise<void> {
  if (file.as === 'copy') {
    await zip.add({ path: file.to, bytes: file.bytes, compress: file.to.endsWith('.json') }, async () => {
      const source = await files.stream(file.from)
      source.on('data', (piece: Buffer) => onBytes(piece.length))
      return source
    })
    return
  }
  const { by, at } = order.origin
  const lines = [by.name, `${at.slice(0, 19).replace('T', ' ')} UTC`, order.callId]
  const image = await files.read(file.from)
  onBytes(image.length)
  // One that cannot be drawn is left out; the page says that it did not arrive.
  const bytes = await watermarked(image, lines).catch(() => undefined)
  if (bytes) await zip.add({ path: file.to, bytes: bytes.length }, () => Readable.from([bytes]))
}

async function indexPage({ files, order }: BuildOptions, facts: RecordFacts, plan: PackagePlan): Promise<string> {
  const template = await readFile(join(order.pagesFolder, 'package.html'), 'utf8')
  const replay = REPLAYS.map(path => plan.shown[path]).find(path => path !== undefined)
  const peaksFrom = plan.files.find(({ to }) => to === plan.shown[PEAKS])?.from
  const peaks = peaksFrom === undefined ? Buffer.from('{}') : await files.read(peaksFrom)
  const screen = plan.shown[SCREEN]
  const data: PackageData = {
    format: 'tongping-package-page/1',
    origin: order.origin,
    record: facts.record,
    entries: facts.entries,
    verdict: facts.verdict,
    manifestSha256: facts.manifestSha256,
    stamps: facts.stamps,
    access: order.access,
    files: plan.shown,
    replay:
      replay === undefined
        ? null
        : {
            url: replay,
            peaksUrl: `data:application/json;base64,${peaks.toString('base64')}`,
            ...(facts.spans.length > 0 && { spansUrl: spansAddress(facts) }),
            ...(screen !== undefined && { screenUrl: screen }),
          },
    media: plan.files.map(({ to }) => to).filter(path => /^(media|redacted)\//.test(path)),
  }
  const { words } = exportSpeech(order.origin.language, order.timeZone)
  const title = `${words.packageTitles[packageSortOf(order.origin)]} · ${order.callId}`
  return packagePage(template, data, { title, fallback: words.noScript })
}

function spansAddress({ spans }: RecordFacts): string {
  const file: RecordSpans = { format: 'tongping-spans/1', spans }
  return `data:application/json;base64,${Buffer.from(JSON.stringify(file)).toString('base64')}`
}

function manifestOf(zip: PackageZip, { facts, order, sign }: BuildOptions, plan: PackagePlan): Promise<Buffer> {
  const { origin } = order
  if (origin.kind === 'report') throw new Error('a report alone is no package')
  return signPackage(
    {
      format: PACKAGE_FORMAT,
      exportId: origin.exportId,
      kind: origin.kind,
      callId: order.callId,
      language: origin.language,
      exportedAt: origin.at,
      exportedBy: origin.by,
      reason: origin.reason,
      originals: plan.originals,
      ...(origin.redactionId !== undefined && { redactionId: origin.redactionId }),
      ...(origin.release && { release: origin.release }),
      ...(plan.originals && {
        sealedManifestSha256: facts.manifestSha256,
        sealSignature: facts.record.seal.signature,
      }),
      intact: facts.verdict.intact,
      files: [...zip.files],
    },
    { ...order.sealKey, sign },
  )
}
