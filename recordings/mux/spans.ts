import type { JournalEntry, TrackName } from '../../signaling/protocol/journal-entry.ts'
import type { RecordSpan, RecordSpans } from '../../signaling/protocol/record-span.ts'
import type { TrackEvent, TrackIndex } from './packet-runs.ts'

/** Shorter silences on a track are jitter. */
const GAP_MS = 200
/** A camera sends as it can: a picture now and then is no gap yet. */
const PICTURE_GAP_MS = 1000

export type TrackFacts = {
  readonly path: string
  readonly track: TrackName
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly gaps: readonly (readonly [number, number])[]
  readonly events: readonly TrackEvent[]
}

/** What the spans need of a track: the index itself is too large to keep until the end. */
export function trackFacts(index: TrackIndex): TrackFacts {
  const { path, header, events, startsAtMs, endsAtMs, gaps } = index
  const least = isPicture(header.track) ? PICTURE_GAP_MS : GAP_MS
  return {
    ...{ path, track: header.track, startsAtMs, endsAtMs, events },
    gaps: gaps.filter(([fromMs, toMs]) => toMs - fromMs > least),
  }
}

/** Why something is not heard or seen, and when: for the timeline, and for those who count. Sorted by time. */
export function drawSpans(o: {
  readonly entries: readonly JournalEntry[]
  readonly tracks: readonly TrackFacts[]
  readonly durationMs: number
}): RecordSpans {
  const spans: RecordSpan[] = [
    ...pairs(o.entries, 'voice.held', 'voice.retrieved', o.durationMs).map(span => ({
      kind: 'hold' as const,
      ...span,
    })),
    ...pairs(o.entries, 'capture.paused', 'capture.resumed', o.durationMs).map(span => ({
      kind: 'pause' as const,
      ...span,
    })),
    ...cameraPauses(o.entries, o.durationMs),
    ...o.tracks.flatMap(losses),
    ...cameraOff(o.tracks, o.durationMs),
    ...crash(o.entries, o.tracks, o.durationMs),
  ]
  const explained = spans.filter(span => span.kind === 'hold' || span.kind === 'pause')
  for (const track of o.tracks) spans.push(...gapsOf(track, o.durationMs, explained))
  spans.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs || (a.kind < b.kind ? -1 : 1))
  return { format: 'tongping-spans/1', spans }
}

/** Stretches between an entry of one type and the next of the other; open ones last until the end of the call. */
function pairs(entries: readonly JournalEntry[], from: string, to: string, durationMs: number) {
  const found: { fromMs: number; toMs: number; by?: string }[] = []
  const open = new Map<string, { fromMs: number; by?: string }>()
  for (const entry of entries) {
    const type: string = entry.type
    if (type !== from && type !== to) continue
    const by = 'by' in entry && typeof entry.by === 'string' ? entry.by : undefined
    // Both parties may hold at once; whoever took the picture away may not be the one who brings it back.
    const key = from === 'voice.held' ? (by ?? '') : ''
    const begun = open.get(key)
    if (type === from && begun === undefined) open.set(key, { fromMs: entry.atMs, ...(by !== undefined && { by }) })
    if (type !== to || begun === undefined) continue
    open.delete(key)
    found.push({ ...begun, toMs: entry.atMs })
  }
  for (const begun of open.values()) found.push({ ...begun, toMs: durationMs })
  return found.map(span => rounded(span))
}

/** A camera that stops or starts anew while paused is not paused any more. */
function cameraPauses(entries: readonly JournalEntry[], durationMs: number): RecordSpan[] {
  const spans: RecordSpan[] = []
  let begun: { fromMs: number; by?: string } | undefined
  for (const entry of entries) {
    if (entry.type === 'camera.paused') begun ??= { fromMs: entry.atMs, by: entry.by }
    const ends = entry.type === 'camera.resumed' || entry.type === 'camera.stopped' || entry.type === 'camera.started'
    if (!ends || begun === undefined) continue
    spans.push({ kind: 'pause', track: 'caller-camera', ...rounded({ ...begun, toMs: entry.atMs }) })
    begun = undefined
  }
  if (begun) spans.push({ kind: 'pause', track: 'caller-camera', ...rounded({ ...begun, toMs: durationMs }) })
  return spans
}

function losses(track: TrackFacts): RecordSpan[] {
  return track.events
    .filter(event => event.type === 'loss')
    .map(event => ({
      kind: 'loss',
      track: track.track,
      ...rounded({ fromMs: numberOr(event.fromMs, event.atMs), toMs: numberOr(event.toMs, event.atMs) }),
      packets: numberOr(event.packets, 0),
    }))
}

/** Between the films, and after the last one. Before the first there was no camera yet. */
function cameraOff(tracks: readonly TrackFacts[], durationMs: number): RecordSpan[] {
  const films = tracks.filter(track => track.track === 'caller-camera').sort((a, b) => a.startsAtMs - b.startsAtMs)
  return films.flatMap((film, i) => {
    const span = rounded({ fromMs: film.endsAtMs, toMs: films[i + 1]?.startsAtMs ?? durationMs })
    return span.toMs - span.fromMs > GAP_MS ? [{ kind: 'camera-off' as const, track: film.track, ...span }] : []
  })
}

function crash(entries: readonly JournalEntry[], tracks: readonly TrackFacts[], durationMs: number): RecordSpan[] {
  const end = entries.findLast(entry => entry.type === 'call.ended')
  if (end?.type !== 'call.ended' || end.end.cause !== 'server-crashed') return []
  const lastMs = Math.max(0, ...tracks.map(track => track.endsAtMs), entries.at(-2)?.atMs ?? 0)
  return [{ kind: 'crash', ...rounded({ fromMs: Math.min(lastMs, durationMs), toMs: durationMs }) }]
}

/** Silences that no hold and no pause explains, cut off at the edges of the call. */
function gapsOf(track: TrackFacts, durationMs: number, explained: readonly RecordSpan[]): RecordSpan[] {
  return track.gaps.flatMap(([from, to]) => {
    const { fromMs, toMs } = rounded({ fromMs: Math.max(0, from), toMs: Math.min(durationMs, to) })
    const known = explained.some(
      span =>
        (span.track === undefined || span.track === track.track) &&
        span.fromMs <= fromMs + GAP_MS &&
        span.toMs >= toMs - GAP_MS,
    )
    return known || toMs <= fromMs ? [] : [{ kind: 'gap' as const, track: track.track, fromMs, toMs }]
  })
}

function isPicture(track: TrackName): boolean {
  return track === 'caller-camera' || track === 'agent-screen'
}

function rounded<T extends { fromMs: number; toMs: number }>(span: T): T {
  return { ...span, fromMs: Math.round(span.fromMs), toMs: Math.round(span.toMs) }
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' ? value : other
}
