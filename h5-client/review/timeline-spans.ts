import type { TrackRecord } from '../../signaling/protocol/archive.ts'
import { capturePauses, recordedSpans } from '../../signaling/protocol/capture-spans.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
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

/** Everything on the timeline that lasts: what was seen, and where something was missing. In order of beginning. Pure. */
export function timelineSpans(
  entries: readonly JournalEntry[],
  tracks: readonly TrackRecord[],
  durationMs: number,
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
  return [
    ...spans,
    ...gapSpans(tracks, durationMs, capturePauses(entries)),
    ...recorderSpans(entries, durationMs),
  ].sort((a, b) => a.fromMs - b.fromMs)
}

/** What is missing or held up at a moment, for the words over the picture; what is merely seen is not among them. */
export function troublesAt(spans: readonly TimelineSpan[], atMs: number): readonly SpanKind[] {
  const quiet: readonly SpanKind[] = ['camera-live', 'page', 'share']
  return [
    ...new Set(
      spans
        .filter(span => span.fromMs <= atMs && atMs < span.toMs && !quiet.includes(span.kind))
        .map(({ kind }) => kind),
    ),
  ]
}
