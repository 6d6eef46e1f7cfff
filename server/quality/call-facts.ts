import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { Evidence, Measure, QualityReport } from '../../signaling/protocol/quality.ts'
import { QUALITY_EVENTS, type QualityEvent } from '../../signaling/protocol/quality-kinds.ts'
import type { CallMaterial } from './call-material.ts'
import { evidenceOf, type PlacedText, textsOfCall } from './call-texts.ts'
import { measureJournal } from './measure-journal.ts'
import { measureVoice } from './measure-voice.ts'
import { findSensitive } from './sensitive.ts'

/** What can be known of a call without any rule; rules only ask about it. */
export type CallFacts = {
  readonly scenario: string | undefined
  readonly end: CallEnd
  readonly measures: readonly Measure[]
  /** Every event has an entry; undefined: not known. */
  readonly events: ReadonlyMap<QualityEvent, readonly Evidence[] | undefined>
  readonly texts: readonly PlacedText[]
  readonly sensitive: QualityReport['sensitive']
  readonly hasTranscript: boolean
}

const FROM_SPEECH: readonly QualityEvent[] = ['silence', 'cross-talk', 'monologue.agent', 'monologue.caller']
const ESTIMATED: readonly QualityEvent[] = [...FROM_SPEECH, 'snapshot.unannounced']
/** The code readers see a number of a card in these; what the agent wrote down or a caller said is another matter. */
const SEEN = ['ocr', 'code', 'document', 'correction']

/** Pure: the same record gives the same facts. */
export function factsOfCall(material: CallMaterial): CallFacts {
  // Nothing of a voice that ran in another system came here: that nobody is heard says nothing about the call.
  const voice = measureVoice(
    material.manifest.external?.voice === 'elsewhere' ? { ...material, speech: undefined } : material,
  )
  const journal = measureJournal(material)
  const texts = textsOfCall(material.entries, material.transcript)
  const sensitive = texts.flatMap(text =>
    findSensitive(text.text).map(({ kind, spoken, from, to }) => ({
      kind,
      spoken,
      evidence: evidenceOf(text, [from, to]),
    })),
  )
  const events = new Map<QualityEvent, readonly Evidence[] | undefined>()
  for (const event of QUALITY_EVENTS) {
    const source = FROM_SPEECH.includes(event) ? voice.events : journal.events
    events.set(event, source.has(event) ? source.get(event) : FROM_SPEECH.includes(event) ? undefined : [])
  }
  events.set('card-number.unshuttered', cardNumbers(material, sensitive))
  return {
    scenario: material.entries.findLast(entry => entry.type === 'scenario.chosen')?.scenario,
    end: material.manifest.end,
    measures: [...journal.measures, ...voice.measures],
    events,
    texts,
    sensitive,
    hasTranscript: material.transcript !== undefined,
  }
}

/** Whether what is said of an event comes from loudness rather than from an entry. */
export function isEstimated(event: QualityEvent): boolean {
  return ESTIMATED.includes(event)
}

/** One for each reading; a card that was read as a document carries a shortened number, and counts too. */
function cardNumbers({ entries }: CallMaterial, sensitive: QualityReport['sensitive']): Evidence[] {
  const bySeq = new Map<number, Evidence>()
  for (const { kind, evidence } of sensitive)
    if (
      kind === 'bank-card' &&
      evidence.seq !== undefined &&
      SEEN.includes(evidence.source ?? '') &&
      !bySeq.has(evidence.seq)
    )
      bySeq.set(evidence.seq, evidence)
  for (const entry of entries)
    if (entry.type === 'document.read' && entry.result.kind === 'bank-card' && !bySeq.has(entry.seq))
      bySeq.set(entry.seq, { source: 'document', atMs: Math.max(0, entry.atMs), seq: entry.seq })
  return [...bySeq.values()].sort((a, b) => a.atMs - b.atMs)
}
