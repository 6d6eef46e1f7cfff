import { readdirSync } from 'node:fs'
import { access, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SealedManifest, TrackRecord } from '../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { errorText } from '../error-text.ts'
import { CallJournal, JOURNAL_FILE } from '../journal/call-journal.ts'
import { type JournalReading, readCallJournal } from '../journal/read-call-journal.ts'
import type { Log } from '../log.ts'
import { sealFolder } from '../seal/seal-folder.ts'
import type { SealKey } from '../seal/seal-key.ts'
import { VAULT_FILE } from '../vault/vault-names.ts'
import { MANIFEST_FILE, removeTemporaryFiles, writeDurably } from './durable-file.ts'
import { isFolderInUse, takeOverLock, unlockFolder } from './folder-lock.ts'
import { recoverTrack } from './recover-track.ts'

/** Lines of the call journal that no longer chain, kept as they were found. */
const REJECTED_FILE = 'journal.rejected'
const DAY = /^\d{4}-\d{2}-\d{2}$/
const NO_TRACK = { record: { packets: 0 } }
const CALL = /^\.?call_[0-9a-z]{20}$/

export type RecoveredCall = { readonly folder: string } & (
  | { readonly outcome: 'sealed'; readonly manifest: SealedManifest }
  /** The crash came between manifest and unlocking: nothing was missing. */
  | { readonly outcome: 'already-sealed' }
  /** The call had not been answered: nothing was kept of it. */
  | { readonly outcome: 'discarded' }
  /** Left as found; a person must look. */
  | { readonly outcome: 'unreadable'; readonly reason: string }
)

/**
 * Finalises the folders of calls whose process died: torn tails cut off, `call.ended` with `server-crashed` appended,
 * sealed as such. Folders of living processes are left alone. One folder's trouble never stops the others.
 */
export async function recoverOrphans(root: string, key: SealKey, logger: Log): Promise<RecoveredCall[]> {
  const recovered: RecoveredCall[] = []
  for (const folder of await openFolders(root)) {
    if (isFolderInUse(folder) || !(await takeOverLock(folder))) continue
    let call: RecoveredCall
    try {
      call = await recoverCall(folder, key)
    } catch (error) {
      call = { folder, outcome: 'unreadable', reason: errorText(error) }
    }
    if (call.outcome !== 'discarded') unlockFolder(folder)
    if (call.outcome === 'unreadable') logger.error(call, 'a call folder could not be recovered')
    else logger.warn({ folder, outcome: call.outcome }, 'a call folder was recovered')
    recovered.push(call)
  }
  return recovered
}

/** Call folders that are locked or have no manifest. */
async function openFolders(root: string): Promise<string[]> {
  const folders: string[] = []
  for (const day of (await readdir(root).catch(() => [])).filter(name => DAY.test(name)).sort()) {
    for (const call of (await readdir(join(root, day))).filter(name => CALL.test(name)).sort()) {
      const names = readdirSync(join(root, day, call))
      if (names.includes('call.lock') || !(names.includes(MANIFEST_FILE) || names.includes(VAULT_FILE)))
        folders.push(join(root, day, call))
    }
  }
  return folders
}

async function recoverCall(folder: string, key: SealKey): Promise<RecoveredCall> {
  if ((await exists(join(folder, MANIFEST_FILE))) || (await exists(join(folder, VAULT_FILE))))
    return { folder, outcome: 'already-sealed' }
  await removeTemporaryFiles(folder)
  const journalPath = join(folder, JOURNAL_FILE)
  const reading = (await exists(journalPath)) ? await readCallJournal(journalPath) : undefined
  if (reading === undefined || reading.totalBytes === 0) {
    // A power cut may take the first entry and leave packets; they are nobody's to throw away.
    if (await hasMedia(folder)) return { folder, outcome: 'unreadable', reason: 'there is media but no journal' }
    await rm(folder, { recursive: true, force: true })
    return { folder, outcome: 'discarded' }
  }
  const answered = reading.entries[0]
  if (answered?.type !== 'call.answered')
    return { folder, outcome: 'unreadable', reason: 'the journal does not begin with call.answered' }

  const remarks = ['the server ended while this call was open; it was sealed at the next start']
  remarks.push(...(await cutJournal(folder, reading)))
  const { tracks, endsAtMs } = await recoverTracks(folder, remarks)
  const { end, durationMs } = await endJournal(journalPath, reading, endsAtMs)
  const manifest = await sealFolder({
    folder,
    callId: answered.callId,
    end,
    durationMs,
    facts: {
      from: answered.from,
      to: answered.to,
      agent: answered.agent,
      answeredAt: answered.wallClock,
      participants: participantsOf(reading.entries),
    },
    tracks,
    remarks,
    key,
    expected: new Map(),
  })
  return { folder, outcome: 'sealed', manifest }
}

async function hasMedia(folder: string): Promise<boolean> {
  for (const name of await readdir(join(folder, 'tracks')).catch(() => [])) {
    const { record } = await recoverTrack(join(folder, 'tracks', name), name, 'read-only').catch(() => NO_TRACK)
    if (record.packets > 0) return true
  }
  return false
}

/** Ends the journal after its last good line. What more than one torn line held is kept beside it. */
async function cutJournal(folder: string, reading: JournalReading): Promise<string[]> {
  if (reading.firstBad === undefined) return []
  const path = join(folder, JOURNAL_FILE)
  const tail = (await readFile(path)).subarray(reading.goodBytes)
  const manyLines = tail.subarray(0, -1).includes(0x0a)
  if (manyLines) await writeDurably(join(folder, REJECTED_FILE), tail)
  const handle = await open(path, 'r+')
  try {
    await handle.truncate(reading.goodBytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  const kept = manyLines ? `, kept in ${REJECTED_FILE}` : ''
  return [`${JOURNAL_FILE}: ${tail.length} torn bytes removed after entry ${reading.lines - 1}${kept}`]
}

async function recoverTracks(folder: string, remarks: string[]): Promise<{ tracks: TrackRecord[]; endsAtMs: number }> {
  const tracks: TrackRecord[] = []
  let endsAtMs = 0
  const names = await readdir(join(folder, 'tracks')).catch(() => [])
  for (const name of names.filter(name => name.endsWith('.rtpj')).sort()) {
    const file = `tracks/${name}`
    try {
      const track = await recoverTrack(join(folder, file), file)
      tracks.push(track.record)
      remarks.push(...track.remarks)
      endsAtMs = Math.max(endsAtMs, track.endsAtMs)
    } catch (error) {
      remarks.push(`${file}: cannot be read (${errorText(error)}), kept as found`)
    }
  }
  return { tracks, endsAtMs }
}

/** Appends `call.ended` unless the crash came after it. */
async function endJournal(path: string, reading: JournalReading, tracksEndAtMs: number) {
  const before = reading.entries.find(entry => entry.type === 'call.ended')
  if (before !== undefined) return { end: before.end, durationMs: before.atMs }
  const lastAtMs = reading.entries.at(-1)?.atMs ?? 0
  const journal = new CallJournal({
    path,
    nowMs: () => Math.max(lastAtMs, tracksEndAtMs),
    onDegraded: () => undefined,
    resume: { entries: reading.lines, head: reading.head, lastAtMs },
  })
  const end: CallEnd = { cause: 'server-crashed' }
  const { atMs } = journal.append({ type: 'call.ended', end })
  await journal.close()
  if (journal.unwrittenBytes > 0) throw new Error('the end of the call could not be written')
  return { end, durationMs: atMs }
}

function participantsOf(entries: readonly JournalEntry[]) {
  const joined = entries.flatMap(entry => (entry.type === 'participant.joined' ? [entry.participant] : []))
  return [...new Map(joined.map(participant => [participant.id, participant])).values()]
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
