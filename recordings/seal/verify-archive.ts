import {
  type ArchiveProblem,
  type ArchiveVerdict,
  type FileRecord,
  SealedManifest,
} from '../../signaling/protocol/archive.ts'
import { DERIVED_FOLDER, MANIFEST_FILE } from '../archive/durable-file.ts'
import { parseCallJournal } from '../journal/read-call-journal.ts'
import type { ByteSource } from '../vault/byte-source.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { VaultDamage } from '../vault/vault-format.ts'
import { canonicalJson } from './canonical-json.ts'
import { checkSignature } from './check-signature.ts'
import { hashSource } from './hash-source.ts'
import { journalFlaw } from './journal-flaw.ts'
import { signedText } from './seal-folder.ts'
import { trackFlaws } from './track-flaws.ts'

export type VerifyOptions = {
  /**
   * Public keys (PEM) that may have sealed the archive. Without them the archive is only checked against the key it
   * brings along: that shows damage, but not that nobody made the whole archive anew.
   */
  readonly trustedKeys?: readonly string[]
  /** The call that ought to be here: the record of another one is then told. */
  readonly callId?: string
}

type Found = ArchiveProblem[]

/** Checks a sealed call byte by byte. Never throws on bad content: whatever is wrong becomes a problem. */
export async function verifyArchive(files: CallFiles, options: VerifyOptions = {}): Promise<ArchiveVerdict> {
  const problems: Found = []
  const sealed = await readManifest(files, problems)
  if (sealed === undefined) return verdict(undefined, problems, 0, 0)
  problems.push(...checkSignature(sealed.seal, signedText(sealed), options.trustedKeys))
  // A manifest that was altered accuses nobody.
  if (problems.some(({ kind }) => kind === 'signature-wrong')) return verdict(sealed, problems, 0, 0)
  if (options.callId !== undefined && options.callId !== sealed.callId)
    problems.push({ kind: 'call-swapped', file: MANIFEST_FILE, callId: sealed.callId })

  const present = new Set((await evidenceOf(files)).concat(await files.strangers()))
  let bytesChecked = 0
  for (const record of sealed.files) {
    // A path that is not in the listing (missing, or pointing out of the folder) is never opened.
    if (!present.delete(record.path)) problems.push({ kind: 'file-missing', file: record.path })
    else bytesChecked += await checkFile(files, record, sealed, problems)
  }
  for (const file of present) problems.push({ kind: 'file-added', file })
  await checkJournalHead(files, sealed, problems)
  return verdict(sealed, problems, sealed.files.length, bytesChecked)
}

async function evidenceOf(files: CallFiles): Promise<string[]> {
  const paths = (await files.list()).map(file => file.path)
  return paths.filter(path => path !== MANIFEST_FILE && !path.startsWith(`${DERIVED_FOLDER}/`))
}

async function readManifest(files: CallFiles, problems: Found): Promise<SealedManifest | undefined> {
  let text: string
  try {
    text = (await files.read(MANIFEST_FILE)).toString('utf8')
  } catch (error) {
    problems.push({ kind: error instanceof VaultDamage ? 'manifest-unreadable' : 'manifest-missing' })
    return undefined
  }
  try {
    const sealed = SealedManifest.parse(JSON.parse(text))
    // Only our own spelling counts: otherwise white space or unknown members could be changed unseen.
    if (canonicalJson(sealed) === text) return sealed
  } catch {
    // Reported below.
  }
  problems.push({ kind: 'manifest-unreadable' })
  return undefined
}

/** @returns how many bytes were looked at */
async function checkFile(files: CallFiles, record: FileRecord, sealed: SealedManifest, problems: Found) {
  let source: ByteSource
  try {
    source = await files.open(record.path)
  } catch (error) {
    problems.push(damageOf(record.path, error))
    return 0
  }
  try {
    const sha256 = await hashSource(source)
    if (sha256 === record.sha256 && source.bytes === record.bytes) return source.bytes
    problems.push({ kind: source.bytes === record.bytes ? 'file-changed' : 'file-size', file: record.path })
    const twin = sealed.files.find(file => file.sha256 === sha256 && file.bytes === source.bytes)
    if (twin) problems.push({ kind: 'file-swapped', file: record.path, with: twin.path })
    else problems.push(...(await narrowDown(source, record, sealed)))
  } catch (error) {
    problems.push(damageOf(record.path, error))
  } finally {
    await source.close()
  }
  return source.bytes
}

/** Not a plain file, or its encrypted form does not decrypt (which says where). */
function damageOf(file: string, error: unknown): ArchiveProblem {
  if (!(error instanceof VaultDamage)) return { kind: 'file-changed', file }
  return error.chunk === undefined ? { kind: 'file-head-wrong', file } : { ...error.place, kind: 'chunks-wrong', file }
}

/** Says where in a changed file the change is, as closely as checkpoints and chain allow. */
async function narrowDown(source: ByteSource, record: FileRecord, sealed: SealedManifest): Promise<ArchiveProblem[]> {
  if (record.path.endsWith('.rtpj')) return trackFlaws(source, record, sealed.callId)
  if (record.path !== sealed.journal.file) return []
  const flaw = journalFlaw(await source.read(0, source.bytes), { ...record, callId: sealed.callId, ...sealed.journal })
  return [flaw]
}

/** The files may match a manifest whose journal was already broken when it was sealed; say so. */
async function checkJournalHead(files: CallFiles, sealed: SealedManifest, problems: Found): Promise<void> {
  const { file, entries, head } = sealed.journal
  if (problems.some(problem => 'file' in problem && problem.file === file)) return
  const bytes = await files.read(file).catch(() => undefined)
  if (bytes === undefined) {
    problems.push({ kind: 'file-missing', file })
    return
  }
  const journal = parseCallJournal(bytes)
  if (journal.firstBad !== undefined || journal.lines !== entries || journal.head !== head)
    problems.push({ kind: 'journal-chain-broken', file, entry: journal.firstBad ?? journal.lines })
}

function verdict(
  sealed: SealedManifest | undefined,
  problems: readonly ArchiveProblem[],
  filesChecked: number,
  bytesChecked: number,
): ArchiveVerdict {
  return {
    intact: problems.length === 0,
    form: 'plain',
    callId: sealed?.callId,
    sealedAt: sealed?.seal.sealedAt,
    keyId: sealed?.seal.keyId,
    filesChecked,
    bytesChecked,
    problems,
  }
}
