import type { TrackRecord } from '../../signaling/protocol/archive.ts'
import { assertNever } from '../../signaling/protocol/assert-never.ts'
import { capturePauses, recordedSpans } from '../../signaling/protocol/capture-spans.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { RecordSpan } from '../../signaling/protocol/record-span.ts'
import { FIRST_MOMENT, foldMoment, type Moment } from './replay-index.ts'

export const LANES = ['picture', 'stage', 'voice', 'recorder'] as const
export type Lane = (typeof LANES)[number]
export type SpanKind =
  | 'camera-live'
  | 'camera-paused'
  | 'camera-interrupted'
  | 'camera-off'
  | 'camera-gap'
  | 'slow-scan'
  | 'page'
  | 'share'
  | 'held-caller'
  | 'held-agent'
  | 'agent-away'
  | 'voice-lost'
  | 'caller-voice-gap'
  | 'agent-voice-gap'
  | 'card-shutter'
  | 'voice-unrecorded'
  | 'picture-unrecorded'
  | 'caller-voice-loss'
  | 'agent-voice-loss'
  | 'picture-loss'
  | 'screen-loss'
  | 'media-lost'
  | 'server-crash'

/** A stretch of the call's clock in which something was so, in milliseconds. */
export type TimelineSpan = {
  readonly lane: Lane
  readonly kind: SpanKind
  readonly fromMs: number
  readonly toMs: number
}

/** What holds at a moment, at most one kind of each line. */
type Line = { readonly lane: Lane; readonly kindAt: (moment: Moment) => SpanKind | undefined }

function cameraKind({ camera, stage, rung }: Moment): SpanKind | undefined {
  switch (camera) {
    case 'live':
      return rung !== 'live' && stage.scan ? 'slow-scan' : 'camera-live'
    case 'paused':
      return 'camera-paused'
    case 'interrupted':
      return 'camera-interrupted'
    case 'stopped':
      return 'camera-off'
    default:
      return undefined
  }
}

const LINES: readonly Line[] = [
  { lane: 'picture', kindAt: cameraKind },
  {
    lane: 'stage',
    kindAt: ({ stage }) => (stage.showing === 'share' ? 'share' : stage.showing === 'live' ? undefined : 'page'),
  },
  { lane: 'voice', kindAt: ({ heldBy }) => heldBy && `held-${heldBy}` },
  { lane: 'voice', kindAt: ({ agentAway }) => (agentAway ? 'agent-away' : undefined) },
  { lane: 'voice', kindAt: ({ voiceLost }) => (voiceLost ? 'voice-lost' : undefined) },
  { lane: 'recorder', kindAt: ({ mediaLost }) => (mediaLost ? 'media-lost' : undefined) },
]

const GAP_KINDS: Readonly<Record<string, readonly [Lane, SpanKind]>> = {
  'caller-voice': ['voice', 'caller-voice-gap'],
  'agent-voice': ['voice', 'agent-voice-gap'],
  'caller-camera': ['picture', 'camera-gap'],
}

/** A gap begins with the last packet before the shutter and ends with the first one after it. */
const SHUTTER_EDGE_MS = 1_000

/** Gaps of the recorded tracks: nothing arrived, whatever the journal says. What the card shutter explains is said there. */
function gapSpans(
  tracks: readonly TrackRecord[],
  durationMs: number,
  shut: readonly { readonly fromMs: number; readonly toMs: number }[],
): TimelineSpan[] {
  const isExplained = ([fromMs, toMs]: readonly [number, number]) =>
    shut.some(one => fromMs >= one.fromMs - SHUTTER_EDGE_MS && toMs <= one.toMs + SHUTTER_EDGE_MS)
  return tracks.flatMap(({ track, gaps }) => {
    const known = GAP_KINDS[track]
    if (!known) return []
    const [lane, kind] = known
    return gaps
      .filter(gap => !isExplained(gap))
      .map(([fromMs, toMs]) => ({
        lane,
        kind,
        fromMs: Math.max(0, fromMs),
        toMs: Math.min(durationMs, toMs),
      }))
  })
}

const LOSS_KINDS = {
  'caller-voice': 'caller-voice-loss',
  'agent-voice': 'agent-voice-loss',
  'caller-camera': 'picture-loss',
  'agent-screen': 'screen-loss',
} as const satisfies Record<NonNullable<RecordSpan['track']>, SpanKind>

/**
 * What only the finished recordings tell: what the recorder could not keep, and that the server ended in mid-call. Of gaps it has
 * those that no hold and no pause explains. Holds and pauses themselves the journal tells.
 */
function recordedTroubles(recorded: readonly RecordSpan[], durationMs: number): TimelineSpan[] {
  return recorded.flatMap(({ kind, track, fromMs, toMs }) => {
    const span = { fromMs: Math.max(0, fromMs), toMs: Math.min(durationMs, toMs) }
    switch (kind) {
      case 'loss':
        return track === undefined ? [] : [{ lane: 'recorder' as const, kind: LOSS_KINDS[track], ...span }]
      case 'crash':
        return [{ lane: 'recorder' as const, kind: 'server-crash' as const, ...span }]
      case 'gap': {
        const known = GAP_KINDS[track ?? '']
        return known ? [{ lane: known[0], kind: known[1], ...span }] : []
      }
      case 'hold':
      case 'pause':
      case 'camera-off':
        return []
      default:
        return assertNever(kind)
    }
  })
}

/** Where nothing was captured on purpose: the card shutter, or a part that was not (yet) to be recorded. */
function recorderSpans(entries: readonly JournalEntry[], durationMs: number): TimelineSpan[] {
  const shut = capturePauses(entries).map(({ fromMs, toMs }) => ({ kind: 'card-shutter' as const, fromMs, toMs }))
  const off = (['voice', 'picture'] as const).flatMap(part => {
    // Behind the shutter nothing was recorded either; that is said once.
    const kept = [...recordedSpans(entries, part, durationMs), ...shut].sort((a, b) => a.fromMs - b.fromMs)
    const gaps: { kind: SpanKind; fromMs: number; toMs: number }[] = []
    let atMs = 0
    for (const { fromMs, toMs } of [...kept, { fromMs: durationMs, toMs: durationMs }]) {
      if (fromMs > atMs) gaps.push({ kind: `${part}-unrecorded`, fromMs: atMs, toMs: fromMs })
      atMs = Math.max(atMs, toMs)
    }
    return gaps
  })
  return [...shut, ...off].map(span => ({ lane: 'recorder' as const, ...span }))
}

/**
 * Everything on the timeline that lasts: what was seen, and where something was missing. `recorded`: `derived/spans.json`; without it
 * the tracks' own gaps are shown. In order of beginning. Pure.
 */
export function timelineSpans(
  entries: readonly JournalEntry[],
  tracks: readonly TrackRecord[],
  durationMs: number,
  recorded?: readonly RecordSpan[],
): readonly TimelineSpan[] {
  const spans: TimelineSpan[] = []
  const open = LINES.map((): { kind: SpanKind; fromMs: number } | undefined => undefined)
  const step = (moment: Moment | undefined, atMs: number) =>
    LINES.forEach(({ lane, kindAt }, index) => {
      const kind = moment && kindAt(moment)
      const since = open[index]
      if (since?.kind === kind) return
      if (since && atMs > since.fromMs) spans.push({ lane, ...since, toMs: atMs })
      open[index] = kind && { kind, fromMs: atMs }
    })
  let moment = FIRST_MOMENT
  for (const entry of entries) {
    const next = foldMoment(moment, entry)
    if (next !== moment) step(next, entry.atMs)
    moment = next
  }
  step(undefined, durationMs)
  const missing = recorded
    ? recordedTroubles(recorded, durationMs)
    : gapSpans(tracks, durationMs, capturePauses(entries))
  return [...spans, ...missing, ...recorderSpans(entries, durationMs)].sort((a, b) => a.fromMs - b.fromMs)
}

/** What is missing or held up at a moment, for the words over the picture; what is merely seen is not among them. */
export function troublesAt(spans: readonly TimelineSpan[], atMs: number): readonly SpanKind[] {
  const now = troublesOf(spans).filter(span => span.fromMs <= atMs && atMs < span.toMs)
  return [...new Set(now.map(({ kind }) => kind))]
}

const QUIET: ReadonlySet<SpanKind> = new Set(['camera-live', 'page', 'share'])

/** The stretches in which something was missing or held up. */
export function troublesOf(spans: readonly TimelineSpan[]): readonly TimelineSpan[] {
  return spans.filter(({ kind }) => !QUIET.has(kind))
}
