import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Facet } from '../../signaling/protocol/review.ts'
import type { CallFlag, TextKind } from '../../signaling/protocol/review-kinds.ts'
import { type EntryText, textsOfEntry } from './texts-of-entry.ts'

/** Raised whenever this file finds more: records of an older number are read again at the next start. */
export const FACTS_MADE_BY = 2
/** A caller who is not heard for so long, without a hold, is worth a look. */
const SILENCE_MS = 10_000
/** A call is sealed within seconds of its end; later than this something was in the way. */
const LATE_MS = 10 * 60_000

export type CallText = { readonly kind: TextKind; readonly atMs: number; readonly text: string }
export type CallFacts = {
  readonly scenario: Facet | null
  readonly flags: readonly CallFlag[]
  readonly texts: readonly CallText[]
  readonly pictures: number
  readonly entries: number
  readonly evidenceBytes: number
}

/** What a call can be found by besides its numbers and times. Pure: the same record gives the same facts. */
export function factsOfCall(manifest: SealedManifest, entries: readonly JournalEntry[]): CallFacts {
  const flags = new Set<CallFlag>(flagsOfManifest(manifest))
  const texts: CallText[] = []
  let scenario: Facet | null = null
  let pictures = 0
  for (const entry of entries) {
    if (entry.type === 'scenario.chosen') scenario = { id: entry.scenario, title: entry.title }
    if ((entry.type === 'page.added' && entry.page.kind !== 'card') || entry.type === 'page.bettered') pictures++
    const flag = flagOf(entry)
    if (flag) flags.add(flag)
    for (const { kind, text } of foundBy(entry)) texts.push({ kind, atMs: Math.round(entry.atMs), text })
  }
  if (isSilent(manifest, entries)) flags.add('silence')
  const evidenceBytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  return { scenario, flags: [...flags].sort(), texts, pictures, entries: entries.length, evidenceBytes }
}

function* flagsOfManifest(manifest: SealedManifest): Generator<CallFlag> {
  if (manifest.remarks.length > 0) yield 'degraded'
  if (manifest.end.cause === 'server-crashed') yield 'crash-sealed'
  const endedAtMs = Date.parse(manifest.answeredAt) + manifest.durationMs
  if (Date.parse(manifest.seal.sealedAt) - endedAtMs > LATE_MS) yield 'late'
}

function flagOf(entry: JournalEntry): CallFlag | undefined {
  switch (entry.type) {
    case 'recording.degraded':
      return 'degraded'
    case 'consent.given':
      return entry.consent.given ? undefined : 'consent-refused'
    case 'consent.withdrawn':
      return 'consent-withdrawn'
    case 'voice.held':
      return 'hold'
    case 'capture.paused':
      return 'card-shutter'
    case 'voice.lost':
      return 'silence'
    case 'agent.away':
      return 'agent-away'
    case 'document.read':
      return 'document'
    case 'participant.joined':
      return entry.participant.role === 'supervisor' || entry.participant.role === 'guest' ? 'onlooker' : undefined
    default:
      return undefined
  }
}

/** The fields of a document are one text: they are looked for together. */
function foundBy(entry: JournalEntry): readonly EntryText[] {
  const texts = [...textsOfEntry(entry)]
  if (entry.type !== 'document.read' || texts.length === 0) return texts
  return [{ kind: 'document', text: texts.map(({ text }) => text).join('\n') }]
}

/** A gap in the caller's voice that neither a hold nor a pause of the recording explains. */
function isSilent(manifest: SealedManifest, entries: readonly JournalEntry[]): boolean {
  const explained = quietSpans(entries, manifest.durationMs)
  return manifest.tracks
    .filter(track => track.track === 'caller-voice')
    .flatMap(track => track.gaps)
    .some(([fromMs, toMs]) => {
      const coveredMs = explained.reduce(
        (sum, [from, to]) => sum + Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs)),
        0,
      )
      return toMs - fromMs - coveredMs >= SILENCE_MS
    })
}

/** Holds and pauses of the recording. */
function quietSpans(entries: readonly JournalEntry[], endMs: number): [number, number][] {
  const spans: [number, number][] = []
  let since: number | undefined
  for (const entry of entries) {
    if (entry.type === 'voice.held' || entry.type === 'capture.paused') since ??= entry.atMs
    if ((entry.type === 'voice.retrieved' || entry.type === 'capture.resumed') && since !== undefined) {
      spans.push([since, entry.atMs])
      since = undefined
    }
  }
  if (since !== undefined) spans.push([since, endMs])
  return spans
}
