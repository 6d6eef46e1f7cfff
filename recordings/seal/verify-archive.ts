import { createHash, type KeyObject } from 'node:crypto'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ArchiveProblem, type ArchiveVerdict, SealedManifest } from '../../signaling/protocol/archive.ts'
import { evidenceFiles, hashFile, MANIFEST_FILE } from '../archive/durable-file.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { findDamage } from '../tracks/find-damage.ts'
import { canonicalJson } from './canonical-json.ts'
import { signedText } from './seal-folder.ts'
import { isSignedBy, keyIdOf, pemOf, publicKeyFromPem } from './seal-key.ts'

export type VerifyOptions = {
  /**
   * Public keys (PEM) that may have sealed the archive. Without them the archive is only checked against the key it
   * brings along: that shows damage, but not that nobody made the whole archive anew.
   */
  readonly trustedKeys?: readonly string[]
}

/** Checks a sealed folder byte by byte. Never throws on bad content: whatever is wrong becomes a problem. */
export async function verifyArchive(folder: string, options: VerifyOptions = {}): Promise<ArchiveVerdict> {
  const problems: ArchiveProblem[] = []
  const sealed = await readManifest(folder, problems)
  if (sealed === undefined) return verdict(undefined, problems, 0, 0)
  checkSeal(sealed, options.trustedKeys, problems)

  const present = new Set(await evidenceFiles(folder))
  let bytesChecked = 0
  for (const record of sealed.files) {
    // A path that is not in the listing (missing, or pointing out of the folder) is never opened.
    if (!present.delete(record.path)) {
      problems.push({ kind: 'file-missing', file: record.path })
      continue
    }
    const path = join(folder, record.path)
    if (!(await lstat(path)).isFile()) {
      problems.push({ kind: 'file-changed', file: record.path })
      continue
    }
    const { sha256, bytes } = await hashFile(path)
    bytesChecked += bytes
    if (sha256 === record.sha256 && bytes === record.bytes) continue
    problems.push({ kind: bytes === record.bytes ? 'file-changed' : 'file-size', file: record.path })
    await narrowDown(folder, record.path, sealed, problems)
  }
  for (const file of present) problems.push({ kind: 'file-added', file })
  await checkJournalHead(folder, sealed, problems)
  return verdict(sealed, problems, sealed.files.length, bytesChecked)
}

async function readManifest(folder: string, problems: ArchiveProblem[]): Promise<SealedManifest | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, MANIFEST_FILE), 'utf8')
  } catch {
    problems.push({ kind: 'manifest-missing' })
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

function checkSeal(sealed: SealedManifest, trusted: readonly string[] | undefined, problems: ArchiveProblem[]): void {
  let key: KeyObject
  try {
    key = publicKeyFromPem(sealed.seal.publicKey)
  } catch {
    problems.push({ kind: 'signature-wrong' })
    return
  }
  const { keyId, publicKey, signature } = sealed.seal
  const honest = keyIdOf(key) === keyId && pemOf(key) === publicKey && isSignedBy(key, signedText(sealed), signature)
  if (!honest) problems.push({ kind: 'signature-wrong' })
  if (trusted === undefined) return
  const known = trusted.some(pem => {
    try {
      return pemOf(publicKeyFromPem(pem)) === pemOf(key)
    } catch {
      return false
    }
  })
  if (!known) problems.push({ kind: 'unknown-key' })
}

/** Says where in a changed file the change is, as closely as checkpoints and chain allow. */
async function narrowDown(
  folder: string,
  file: string,
  sealed: SealedManifest,
  problems: ArchiveProblem[],
): Promise<void> {
  if (file.endsWith('.rtpj')) {
    const damage = await findDamage(join(folder, file))
    if (damage !== undefined) problems.push({ kind: 'track-checkpoint-wrong', file, ...damage })
  } else if (file === sealed.journal.file) {
    problems.push({ kind: 'journal-chain-broken', file, entry: await firstFalseEntry(join(folder, file), sealed) })
  }
}

/** The first entry that differs from what was sealed: the one whose hash the next line (or the manifest) denies. */
async function firstFalseEntry(path: string, sealed: SealedManifest): Promise<number> {
  const { lines: count, firstBad } = await readCallJournal(path)
  if (firstBad === undefined) return Math.max(0, Math.min(count, sealed.journal.entries) - 1)
  const lines = (await readFile(path)).toString('latin1').split('\n')
  const line = lines[firstBad] ?? ''
  // A whole line with a proper number but a false `prev` says that the line before it was altered.
  try {
    const { seq } = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as { seq: unknown }
    if (seq === firstBad && firstBad > 0 && hashFollows(lines, firstBad + 1)) return firstBad - 1
  } catch {
    // Not JSON: this very line is torn or altered.
  }
  return firstBad
}

/** True when line `index` (if there is one) carries the hash of the line before it. */
function hashFollows(lines: readonly string[], index: number): boolean {
  const next = lines[index]
  if (next === undefined || next === '') return true
  const before = createHash('sha256')
    .update(Buffer.from(lines[index - 1] ?? '', 'latin1'))
    .digest('hex')
  return next.includes(`"prev":"${before}"`)
}

/** The files may match a manifest whose journal was already broken when it was sealed; say so. */
async function checkJournalHead(folder: string, sealed: SealedManifest, problems: ArchiveProblem[]): Promise<void> {
  if (problems.some(problem => 'file' in problem && problem.file === sealed.journal.file)) return
  const file = sealed.journal.file
  const journal = await readCallJournal(join(folder, file)).catch(() => undefined)
  if (journal === undefined) {
    problems.push({ kind: 'file-missing', file })
    return
  }
  const { entries, head } = sealed.journal
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
    callId: sealed?.callId,
    sealedAt: sealed?.seal.sealedAt,
    keyId: sealed?.seal.keyId,
    filesChecked,
    bytesChecked,
    problems,
  }
}
