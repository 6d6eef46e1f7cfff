import { createHash } from 'node:crypto'
import { DigestFolder, type KeptDigest } from '../../../recordings/anchor/digest-folder.ts'
import { readStamps } from '../../../recordings/anchor/read-stamps.ts'
import { TimestampError } from '../../../recordings/anchor/timestamp-error.ts'
import { verifyTimestamp } from '../../../recordings/anchor/verify-timestamp.ts'
import { MANIFEST_FILE } from '../../../recordings/archive/durable-file.ts'
import { JOURNAL_FILE } from '../../../recordings/journal/call-journal.ts'
import { parseCallJournal } from '../../../recordings/journal/read-call-journal.ts'
import { REDACTED_JOURNAL, redactionFolder } from '../../../recordings/redaction/redaction-folder.ts'
import { LocalFolder } from '../../../recordings/store/local-folder.ts'
import type { CallFile, CallFiles, CallFilesRef } from '../../../recordings/vault/call-files.ts'
import { verifyRecord } from '../../../recordings/vault/verify-record.ts'
import { type ArchiveVerdict, SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { ExportStamp } from '../../../signaling/protocol/record-export.ts'
import type { RecordSpan, RecordSpans } from '../../../signaling/protocol/record-span.ts'
import type { ExportOrder } from './export-order.ts'

const SPANS = 'derived/spans.json'
/** A digest is made in the night after its day; when the server was away, later. */
const DIGEST_DAYS = 10

/** Everything that an export says of a record, read and checked now. */
export type RecordFacts = {
  readonly record: SealedManifest
  readonly manifestSha256: string
  readonly entries: readonly JournalEntry[]
  readonly verdict: ArchiveVerdict
  readonly stamps: readonly ExportStamp[]
  readonly digest: KeptDigest | undefined
  readonly spans: readonly RecordSpan[]
  readonly list: readonly CallFile[]
}

/** @throws Error when the manifest cannot be read: then there is nothing that could be handed out as a record */
export async function readFacts(files: CallFiles, order: ExportOrder): Promise<RecordFacts> {
  const bytes = await files.read(MANIFEST_FILE)
  const record = SealedManifest.parse(JSON.parse(bytes.toString('utf8')))
  const journal = parseCallJournal(await files.read(JOURNAL_FILE).catch(() => Buffer.alloc(0)))
  const digest = await digestOf(order, record, sha256(bytes))
  return {
    record,
    manifestSha256: sha256(bytes),
    entries:
      order.origin.redactionId === undefined ? journal.entries : await redactedEntries(files, order.origin.redactionId),
    verdict: await verify(order.files, order),
    stamps: [...(await stampsOf(files, order)), ...(await stampOfDigest(digest, order))],
    digest,
    spans: await readSpans(files),
    list: await files.list(),
  }
}

/** What a redaction left of the journal. @throws Error when it has not been made: nothing else may be shown in its place */
async function redactedEntries(files: CallFiles, redactionId: string): Promise<readonly JournalEntry[]> {
  const text = (await files.read(`${redactionFolder(redactionId)}/${REDACTED_JOURNAL}`)).toString('utf8')
  const { entries } = JSON.parse(text) as { entries: readonly Omit<JournalEntry, 'prev'>[] }
  return entries.map(entry => ({ ...entry, prev: '' }) as JournalEntry)
}

export function stampPath(file: string): string {
  return `stamps/${file.split('/').at(-1)}`
}

export function digestPath(day: string, ending: 'json' | 'tsr'): string {
  return `stamps/digest-${day}.${ending}`
}

function verify(ref: CallFilesRef, { trustedKeys, callId }: ExportOrder): Promise<ArchiveVerdict> {
  const dataKey = ref.kind === 'vault' ? Buffer.from(ref.dataKey, 'base64') : undefined
  return verifyRecord(new LocalFolder(ref.folder), { trustedKeys, callId, ...(dataKey && { dataKey }) })
}

async function stampsOf(files: CallFiles, { authorities }: ExportOrder): Promise<ExportStamp[]> {
  return (await readStamps(files, authorities)).map(one => ({
    file: stampPath(one.file),
    of: 'manifest' as const,
    ...('stamp' in one ? { at: one.stamp.at, by: one.stamp.by, trusted: one.stamp.trusted } : { fault: one.fault }),
  }))
}

/** The first digest since the day of sealing that names this very manifest. */
async function digestOf(order: ExportOrder, record: SealedManifest, sha: string): Promise<KeptDigest | undefined> {
  const folder = new DigestFolder(order.anchorsFolder)
  const sealedDay = record.seal.sealedAt.slice(0, 10)
  for (const day of (await folder.days()).filter(day => day >= sealedDay).slice(0, DIGEST_DAYS)) {
    const kept = await folder.read(day)
    if (kept?.digest?.calls.some(call => call.callId === record.callId && call.manifestSha256 === sha)) return kept
  }
  return undefined
}

async function stampOfDigest(digest: KeptDigest | undefined, { authorities }: ExportOrder): Promise<ExportStamp[]> {
  if (!digest?.stamp) return []
  const about = { file: digestPath(digest.day, 'tsr'), of: 'digest' as const }
  try {
    const { at, by, trusted } = await verifyTimestamp({ response: digest.stamp, data: digest.bytes, authorities })
    return [{ ...about, at, by, trusted }]
  } catch (error) {
    if (!(error instanceof TimestampError)) throw error
    return [{ ...about, fault: error.fault }]
  }
}

/** None: they have not been drawn. */
async function readSpans(files: CallFiles): Promise<readonly RecordSpan[]> {
  if (!(await files.has(SPANS))) return []
  try {
    return (JSON.parse((await files.read(SPANS)).toString('utf8')) as RecordSpans).spans
  } catch {
    return []
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
