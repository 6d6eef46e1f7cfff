import { dirname, join } from 'node:path'
import {
  ARCHIVE_FORMAT,
  ArchiveManifest,
  type FileRecord,
  type SealedManifest,
  type TrackRecord,
} from '../../signaling/protocol/archive.ts'
import type { CallEnd, Participant } from '../../signaling/protocol/call.ts'
import { consentRecords } from '../../signaling/protocol/consent-records.ts'
import { externalRecord } from '../../signaling/protocol/external-record.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import { evidenceFiles, hashFile, MANIFEST_FILE, syncFolder, writeDurably } from '../archive/durable-file.ts'
import { JOURNAL_FILE } from '../journal/call-journal.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { canonicalJson } from './canonical-json.ts'
import { findingText, reconcile } from './reconcile.ts'
import type { SealKey } from './seal-key.ts'

/** What the owner of the call knows and the folder does not say by itself. */
export type CallFacts = {
  readonly from: string
  readonly to: string
  readonly agent: { readonly id: UserId; readonly name: string }
  /** Wall clock of the answer, ISO 8601. */
  readonly answeredAt: string
  readonly participants: readonly Participant[]
}

export type SealInput = {
  readonly folder: string
  readonly callId: CallId
  readonly end: CallEnd
  readonly durationMs: number
  readonly facts: CallFacts
  readonly tracks: readonly TrackRecord[]
  readonly remarks: readonly string[]
  readonly key: SealKey
  /** SHA-256 that the writers computed on the way, by path: the disk must agree. */
  readonly expected: ReadonlyMap<string, string>
  /** Packets that the media side counted by itself, by track file. */
  readonly forwarded?: ReadonlyMap<string, number>
  /** When the end was decided; a voice that lasts until then is whole. Default: `durationMs`. */
  readonly endedAtMs?: number
}

/** The text that the seal's signature covers: the whole manifest except the signature itself. */
export function signedText(manifest: SealedManifest): string {
  const { signature: _, ...seal } = manifest.seal
  return canonicalJson({ ...manifest, seal })
}

/**
 * Hashes every file of the folder, signs, and writes `manifest.json` last (temporary name, fsync, rename, fsync of the
 * folders). All writers must have been closed. What does not add up goes into `remarks`; nothing is hidden.
 */
export async function sealFolder(input: SealInput): Promise<SealedManifest> {
  const { folder, key } = input
  const remarks = [...input.remarks]
  const journal = await readCallJournal(join(folder, JOURNAL_FILE))
  if (journal.firstBad !== undefined) remarks.push(`journal.jsonl: entry ${journal.firstBad} cannot be read or chained`)
  if (journal.unreadable.length > 0)
    remarks.push(
      `journal.jsonl: ${journal.unreadable.length} entries do not fit the schema, first ${journal.unreadable[0]}`,
    )
  const files: FileRecord[] = []
  const folders = new Set([folder])
  for (const path of await evidenceFiles(folder)) {
    const { sha256, bytes } = await hashFile(join(folder, path))
    files.push({ path, bytes, sha256 })
    folders.add(dirname(join(folder, path)))
  }
  for (const path of [...folders, dirname(folder)]) await syncFolder(path)
  const { tracks, durationMs, expected, forwarded = new Map() } = input
  const endedAtMs = Math.min(input.endedAtMs ?? durationMs, durationMs)
  const findings = reconcile({ entries: journal.entries, tracks, files, durationMs, endedAtMs, expected, forwarded })
  remarks.push(...findings.map(findingText))

  const external = externalRecord(journal.entries)
  // Parsed, so that members the schema does not know never get into the signed text.
  const manifest = ArchiveManifest.parse({
    format: ARCHIVE_FORMAT,
    callId: input.callId,
    from: input.facts.from,
    to: input.facts.to,
    agent: input.facts.agent,
    ...(external && { external }),
    answeredAt: input.facts.answeredAt,
    durationMs: input.durationMs,
    end: input.end,
    participants: [...input.facts.participants],
    consents: consentRecords(journal.entries),
    tracks: [...input.tracks].sort((a, b) => (a.file < b.file ? -1 : 1)),
    pages: journal.entries.flatMap(entry => (entry.type === 'page.added' ? [entry.page] : [])),
    journal: { file: JOURNAL_FILE, entries: journal.lines, head: journal.head },
    files,
    findings,
    remarks,
  } satisfies ArchiveManifest)
  const sealed: SealedManifest = {
    ...manifest,
    seal: {
      sealedAt: new Date().toISOString(),
      algorithm: 'Ed25519',
      keyId: key.keyId,
      publicKey: key.publicKeyPem,
      signature: '',
    },
  }
  sealed.seal.signature = key.sign(signedText(sealed))
  await writeDurably(join(folder, MANIFEST_FILE), Buffer.from(canonicalJson(sealed)))
  return sealed
}
