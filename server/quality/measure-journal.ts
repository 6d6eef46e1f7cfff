import { capturePauses } from '../../signaling/protocol/capture-spans.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Evidence, Measure } from '../../signaling/protocol/quality.ts'
import type { QualityEvent } from '../../signaling/protocol/quality-kinds.ts'
import type { CallMaterial } from './call-material.ts'
import { consentTroubles } from './consent-troubles.ts'
import type { Occurrences } from './measure-voice.ts'
import { totalMs, union } from './spans.ts'

/** An announcement is looked for in this stretch before a picture is taken. */
const ANNOUNCED_WITHIN_MS = 10_000

/** What the journal, the manifest and the verification say. Exact, but for what is said to be an estimate. */
export function measureJournal(material: CallMaterial): { measures: readonly Measure[]; events: Occurrences } {
  const { entries, manifest, verdict } = material
  const events = new Map<QualityEvent, Evidence[] | undefined>()
  const add = (event: QualityEvent, evidence: Evidence) => events.set(event, [...(events.get(event) ?? []), evidence])
  for (const entry of entries) {
    const event = eventOf(entry)
    if (event) add(event.event, { ...at(entry), ...(event.about !== undefined && { about: event.about }) })
  }
  for (const evidence of pairs(entries, 'agent.away', 'agent.back', manifest.durationMs)) add('agent-away', evidence)
  for (const evidence of pairs(entries, 'voice.lost', 'voice.found', manifest.durationMs)) add('voice-lost', evidence)
  for (const pause of capturePauses(entries))
    add('card-shutter', { atMs: pause.fromMs, toMs: pause.toMs, about: pause.trigger })
  for (const { event, evidence } of consentTroubles(entries, manifest)) add(event, evidence)
  for (const evidence of unseenPages(entries)) add('page.unseen', evidence)
  for (const evidence of unjudged(entries)) add('document.unjudged', evidence)
  for (const finding of manifest.findings ?? [])
    add('record.incomplete', {
      atMs: 0,
      about: `${finding.kind}${'file' in finding ? ` ${finding.file}` : ''}`.slice(0, 200),
    })
  if ((manifest.remarks ?? []).length > 0) add('record.incomplete', { atMs: 0, about: 'remarks' })
  if (!verdict) events.set('record.changed', undefined)
  for (const problem of verdict?.problems ?? [])
    add('record.changed', {
      atMs: 0,
      about: `${problem.kind}${'file' in problem ? ` ${problem.file}` : ''}`.slice(0, 200),
    })
  const holds = holdsOf(material)
  for (const evidence of holds) add('hold', evidence)
  unannounced(material, events)
  const issued = entries.find(entry => entry.type === 'invite.issued')
  return {
    measures: [
      { id: 'duration', value: Math.round(manifest.durationMs), certainty: 'exact' },
      {
        id: 'hold.total',
        value: totalMs(union(holds.map(({ atMs, toMs }) => [atMs, toMs ?? atMs] as const))),
        certainty: 'exact',
      },
      issued
        ? { id: 'code.first', value: Math.round(issued.atMs), certainty: 'exact' }
        : { id: 'code.first', value: null, never: true, certainty: 'exact' },
    ],
    events,
  }
}

function at(entry: JournalEntry): Evidence {
  return { atMs: Math.max(0, entry.atMs), seq: entry.seq }
}

function eventOf(entry: JournalEntry): { event: QualityEvent; about?: string } | undefined {
  switch (entry.type) {
    case 'camera.failed':
      return entry.trouble === 'denied' ? { event: 'camera.refused' } : undefined
    case 'consent.given': {
      if (entry.consent.given) return undefined
      const { kind } = entry.consent
      return kind === 'camera' ? { event: 'camera.refused', about: kind } : { event: 'consent.refused', about: kind }
    }
    case 'consent.withdrawn':
      return { event: 'consent.withdrawn', about: entry.kind }
    case 'document.judged':
      return entry.verdict === 'differs' ? { event: 'document.differs' } : undefined
    case 'text.corrected':
      return { event: 'ocr.corrected' }
    case 'codes.found':
      return entry.result.codes.length > 0 ? { event: 'code.found' } : undefined
    case 'recording.degraded':
      return { event: 'recording.degraded', about: entry.reason }
    default:
      return undefined
  }
}

function pairs(entries: readonly JournalEntry[], from: string, to: string, endMs: number): Evidence[] {
  const found: Evidence[] = []
  let open: Evidence | undefined
  for (const entry of entries) {
    if (entry.type === from) open ??= at(entry)
    if (entry.type !== to || !open) continue
    found.push({ ...open, toMs: Math.max(open.atMs, entry.atMs) })
    open = undefined
  }
  if (open) found.push({ ...open, toMs: Math.max(open.atMs, endMs) })
  return found
}

/** Both may hold at once; each hold is one occurrence. */
function holdsOf({ entries, manifest }: CallMaterial): Evidence[] {
  const of = (party: 'caller' | 'agent') =>
    pairs(
      entries.filter(
        entry =>
          !('by' in entry) || (entry.type !== 'voice.held' && entry.type !== 'voice.retrieved') || entry.by === party,
      ),
      'voice.held',
      'voice.retrieved',
      manifest.durationMs,
    ).map(evidence => ({ ...evidence, about: party }))
  return [...of('caller'), ...of('agent')].sort((a, b) => a.atMs - b.atMs)
}

/** Pages that stood on the stage and that the caller's phone never told to be in view; one per page. */
function unseenPages(entries: readonly JournalEntry[]): Evidence[] {
  const seen = new Set(entries.flatMap(entry => (entry.type === 'page.seen' ? [entry.pageId] : [])))
  const shown = new Map<string, Evidence>()
  for (const entry of entries)
    if (entry.type === 'stage.page' && !seen.has(entry.pageId) && !shown.has(entry.pageId))
      shown.set(entry.pageId, { ...at(entry), about: entry.pageId })
  return [...shown.values()]
}

function unjudged(entries: readonly JournalEntry[]): Evidence[] {
  const judged = new Set(entries.flatMap(entry => (entry.type === 'document.judged' ? [entry.reading] : [])))
  return entries
    .filter(entry => entry.type === 'document.read' && !judged.has(entry.seq))
    .map(entry => ({ ...at(entry), ...(entry.type === 'document.read' && { about: entry.result.kind }) }))
}

/** Whether the agent said anything shortly before; what was said, loudness cannot tell. */
function unannounced({ entries, speech }: CallMaterial, events: Map<QualityEvent, Evidence[] | undefined>): void {
  const pictures = entries.filter(entry => entry.type === 'page.added' && entry.page.kind === 'camera')
  if (!speech) {
    if (pictures.length > 0) events.set('snapshot.unannounced', undefined)
    return
  }
  const silent = pictures.filter(
    ({ atMs }) => !speech.agent.segments.some(([from, to]) => from < atMs && to > atMs - ANNOUNCED_WITHIN_MS),
  )
  events.set('snapshot.unannounced', silent.map(at))
}
