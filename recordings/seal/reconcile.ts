import type { ArchiveFinding, FileRecord, TrackRecord } from '../../signaling/protocol/archive.ts'
import { recordedSpans } from '../../signaling/protocol/capture-spans.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Picture } from '../../signaling/protocol/page.ts'

/** Voice that starts or ends further than this from the call itself is a finding. */
const VOICE_SLACK_MS = 2000

export type ReconcileInput = {
  readonly entries: readonly JournalEntry[]
  readonly tracks: readonly TrackRecord[]
  readonly files: readonly FileRecord[]
  readonly durationMs: number
  /** When the end was decided: from then on no voice is expected, however long the disk takes. */
  readonly endedAtMs: number
  /** SHA-256 that the writers computed on the way, by path: the disk must agree. */
  readonly expected: ReadonlyMap<string, string>
  /**
   * Packets that the media side counted by itself for a track and meant to be recorded, by file. It counts where packets
   * enter the server, not where they are written, so that a recorder that was never fed cannot agree with itself.
   */
  readonly forwarded: ReadonlyMap<string, number>
}

/**
 * Compares what was promised with what is there: tracks, packets, durations, hashes, pictures. Whatever does not add up is
 * an alarm and a mark on the record; an empty list is a statement too.
 */
export function reconcile(input: ReconcileInput): ArchiveFinding[] {
  return [...tracksOf(input), ...voicesOf(input), ...speakersOf(input), ...filesOf(input), ...picturesOf(input)]
}

function* tracksOf({ entries, tracks, durationMs, forwarded }: ReconcileInput): Generator<ArchiveFinding> {
  const found = new Set(tracks.map(track => track.file))
  for (const entry of entries)
    if (entry.type === 'track.opened' && !found.has(entry.file))
      yield { kind: 'track-missing', file: entry.file, track: entry.track }
  for (const track of tracks) {
    const { file, packets: recorded, packetsReceived: received } = track
    if (received !== recorded) yield { kind: 'packets-not-recorded', file, received, recorded }
    const counted = forwarded.get(file)
    if (counted !== undefined && counted !== received)
      yield { kind: 'packets-unaccounted', file, forwarded: counted, received }
    const byMs = Math.round(track.endsAtMs - durationMs)
    if (byMs > VOICE_SLACK_MS) yield { kind: 'track-after-call', file, byMs }
    const closed = entries.findLast(entry => entry.type === 'track.closed' && entry.file === file)
    if (closed?.type === 'track.closed' && closed.packets !== recorded)
      yield { kind: 'journal-disagrees', file, journalled: closed.packets, recorded }
  }
  for (const [file, counted] of forwarded)
    if (counted > 0 && !found.has(file)) yield { kind: 'packets-unaccounted', file, forwarded: counted, received: 0 }
}

/** Both voices, from where they were to be recorded to where they were not any more. A voice that was not to be recorded has no `track.opened`. */
function* voicesOf({ entries, tracks, durationMs, endedAtMs }: ReconcileInput): Generator<ArchiveFinding> {
  // Of a call that is recorded by hand or by rule the policy says so some milliseconds after the answer: nothing can be of those.
  const wanted = recordedSpans(entries, 'voice', durationMs).filter(span => span.toMs - span.fromMs > VOICE_SLACK_MS)
  const [fromMs, toMs] = [wanted[0]?.fromMs ?? 0, Math.min(wanted.at(-1)?.toMs ?? durationMs, endedAtMs)]
  for (const track of ['caller-voice', 'agent-voice'] as const) {
    const opened = entries.some(entry => entry.type === 'track.opened' && entry.track === track)
    const voice = tracks.filter(one => one.track === track && one.packets > 0)
    if (voice.length === 0) {
      if ((opened && toMs - fromMs > VOICE_SLACK_MS) || entries.length === 0) yield { kind: 'nothing-recorded', track }
      continue
    }
    const lateMs = Math.round(Math.min(...voice.map(one => one.startsAtMs)) - fromMs)
    const earlyMs = Math.round(toMs - Math.max(...voice.map(one => one.endsAtMs)))
    if (lateMs > VOICE_SLACK_MS) yield { kind: 'track-late', track, byMs: lateMs }
    if (earlyMs > VOICE_SLACK_MS) yield { kind: 'track-short', track, byMs: earlyMs }
  }
}

/** A track is to hold one person's voice from beginning to end. */
function* speakersOf({ entries }: ReconcileInput): Generator<ArchiveFinding> {
  for (const track of ['caller-voice', 'agent-voice'] as const) {
    const changes = entries.filter(entry => entry.type === 'voice.speakers' && entry.changed.includes(track))
    const [first] = changes
    if (first) yield { kind: 'speaker-changed', track, atMs: Math.round(first.atMs), times: changes.length }
  }
}

function* filesOf({ files, expected }: ReconcileInput): Generator<ArchiveFinding> {
  const present = new Map(files.map(file => [file.path, file.sha256]))
  for (const [file, sha256] of expected) {
    const found = present.get(file)
    if (found === undefined) yield { kind: 'file-missing', file }
    else if (found !== sha256) yield { kind: 'file-differs', file }
  }
}

/** Every picture that the journal speaks of must be there, byte for byte. */
function* picturesOf({ entries, files, expected }: ReconcileInput): Generator<ArchiveFinding> {
  const present = new Map(files.map(file => [file.path, file.sha256]))
  const told = new Map<string, string>()
  for (const entry of entries) for (const picture of pictures(entry)) told.set(picture.file, picture.sha256)
  for (const [file, sha256] of told) {
    // A still that was shown and, by the caller's wish, not kept has a hash and no file.
    if (file === '' || expected.has(file)) continue
    const found = present.get(file)
    if (found === undefined) yield { kind: 'file-missing', file }
    else if (found !== sha256) yield { kind: 'file-differs', file }
  }
}

function pictures(entry: JournalEntry): readonly Pick<Picture, 'file' | 'sha256'>[] {
  switch (entry.type) {
    case 'page.added':
      return entry.page.kind === 'card' ? [] : [entry.page.picture]
    case 'page.bettered':
    case 'scan.frame':
      return [entry.picture]
    case 'file.received':
      return [{ file: entry.file, sha256: entry.sha256 }]
    default:
      return []
  }
}

/** A finding in words, for the manifest's remarks. */
export function findingText(finding: ArchiveFinding): string {
  switch (finding.kind) {
    case 'packets-not-recorded': {
      const lost = finding.received - finding.recorded
      return `${finding.file}: ${lost} of ${finding.received} packets were not recorded`
    }
    case 'packets-unaccounted':
      return `${finding.file}: the media side counted ${finding.forwarded} packets, the recorder received ${finding.received}`
    case 'journal-disagrees':
      return `${finding.file}: the journal says ${finding.journalled} packets, the file holds ${finding.recorded}`
    case 'track-missing':
      return `${finding.file}: was opened and is not there`
    case 'track-after-call':
      return `${finding.file}: ends ${finding.byMs} ms after the call`
    case 'track-late':
      return `${finding.track}: begins ${finding.byMs} ms after the answer`
    case 'track-short':
      return `${finding.track}: ends ${finding.byMs} ms before the call`
    case 'nothing-recorded':
      return `${finding.track}: nothing recorded`
    case 'speaker-changed':
      return `${finding.track}: holds more than one person's voice, from ${finding.atMs} ms on (${finding.times} changes)`
    case 'file-missing':
      return `${finding.file}: was kept and is not there`
    case 'file-differs':
      return `${finding.file}: the file on disk differs from what was written`
  }
}
