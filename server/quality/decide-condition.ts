import type { Evidence } from '../../signaling/protocol/quality.ts'
import type { QualityUnknown } from '../../signaling/protocol/quality-kinds.ts'
import { type CallFacts, isEstimated } from './call-facts.ts'
import { evidenceOf, type PlacedText } from './call-texts.ts'
import type { Condition } from './quality-rules.ts'

/** Whether a condition holds, with where it can be seen; or why nobody can say. */
export type Decision =
  | {
      readonly holds: boolean
      readonly certainty: 'exact' | 'estimate'
      readonly evidence: readonly Evidence[]
      readonly measured?: number
      readonly limit?: number
    }
  | { readonly holds: undefined; readonly why: QualityUnknown }

/** Which texts a pattern matches; `too-slow` when the pattern was put out of use. */
export type PatternHits = ReadonlyMap<PlacedText, readonly [number, number] | undefined> | 'too-slow'
export type Patterns = (condition: Condition) => PatternHits

const MAX_EVIDENCE = 50

/** Pure: facts and hits of patterns decide, nothing else. */
export function decideCondition(condition: Condition, facts: CallFacts, patterns: Patterns): Decision {
  if ('number' in condition) return decideNumber(condition, facts)
  if ('event' in condition) return decideEvent(condition, facts)
  if ('text' in condition) return decideText(condition, facts, patterns)
  if ('sensitive' in condition) {
    const found = facts.sensitive.filter(
      ({ kind, evidence }) =>
        condition.sensitive.includes(kind) &&
        (condition.in === undefined || (evidence.source !== undefined && condition.in.includes(evidence.source))),
    )
    const said = found.some(({ evidence }) => evidence.source?.startsWith('transcript-'))
    const onlySaid = condition.in?.every(source => source.startsWith('transcript-')) === true
    if (found.length === 0 && onlySaid && !facts.hasTranscript) return { holds: undefined, why: 'no-transcript' }
    return {
      holds: found.length > 0 !== condition.absent,
      certainty: said || onlySaid ? 'estimate' : 'exact',
      evidence: found.map(one => one.evidence).slice(0, MAX_EVIDENCE),
    }
  }
  const holds = (condition.end as readonly string[]).includes(facts.end.cause)
  return { holds, certainty: 'exact', evidence: [{ atMs: lastMs(facts), about: facts.end.cause }] }
}

function decideNumber(condition: Extract<Condition, { number: unknown }>, facts: CallFacts): Decision {
  const measure = facts.measures.find(one => one.id === condition.number)
  if (!measure) return { holds: undefined, why: 'no-speech-file' }
  const { certainty } = measure
  const limit = condition.above ?? condition.below ?? 0
  // What never happened came later than every limit.
  if (measure.never) return { holds: condition.above !== undefined, certainty, evidence: [], limit }
  if (measure.value === null) return { holds: undefined, why: measure.why ?? 'too-little-speech' }
  const holds = condition.above !== undefined ? measure.value > condition.above : measure.value < limit
  return {
    holds,
    certainty,
    evidence: evidenceOfNumber(condition.number, measure.value, facts),
    measured: measure.value,
    limit,
  }
}

/** Where to look at a number: the occurrences that it sums up, or the moment that it is. */
function evidenceOfNumber(number: string, value: number, facts: CallFacts): Evidence[] {
  if (number === 'first-word.agent' || number === 'code.first') return [{ atMs: value }]
  const event = {
    'hold.total': 'hold',
    'silence.total': 'silence',
    'cross-talk.total': 'cross-talk',
    'cross-talk.share': 'cross-talk',
  }[number] as 'hold' | 'silence' | 'cross-talk' | undefined
  const longest = (one: Evidence) => (one.toMs ?? one.atMs) - one.atMs
  const all = event ? (facts.events.get(event) ?? []) : []
  return all
    .toSorted((a, b) => longest(b) - longest(a))
    .slice(0, 10)
    .sort((a, b) => a.atMs - b.atMs)
}

function decideEvent(condition: Extract<Condition, { event: unknown }>, facts: CallFacts): Decision {
  const all = facts.events.get(condition.event)
  if (all === undefined)
    return { holds: undefined, why: condition.event === 'record.changed' ? 'no-verdict' : 'no-speech-file' }
  const least = condition.longerThanMs
  const found = least === undefined ? all : all.filter(one => (one.toMs ?? one.atMs) - one.atMs > least)
  const happened = found.length > condition.moreThan
  const longest = Math.max(0, ...found.map(one => (one.toMs ?? one.atMs) - one.atMs))
  return {
    holds: happened !== condition.absent,
    certainty: isEstimated(condition.event) ? 'estimate' : 'exact',
    evidence: found.slice(0, MAX_EVIDENCE),
    ...(least !== undefined && happened && { measured: Math.round(longest), limit: least }),
  }
}

function decideText(condition: Extract<Condition, { text: unknown }>, facts: CallFacts, patterns: Patterns): Decision {
  const wantsSpeech = condition.text.some(source => source.startsWith('transcript-'))
  const texts = textsAsked(condition, facts)
  const hits = condition.words ? wordHits(condition.words, texts) : patterns(condition)
  if (hits === 'too-slow') return { holds: undefined, why: 'pattern-too-slow' }
  // Without a transcript nobody can say that something was not said; what was found elsewhere is found.
  if (hits.size === 0 && wantsSpeech && !facts.hasTranscript) return { holds: undefined, why: 'no-transcript' }
  const evidence = [...hits].map(([text, chars]) => evidenceOf(text, chars)).slice(0, MAX_EVIDENCE)
  return {
    holds: hits.size > 0 !== condition.absent,
    // OCR and transcripts are readings of machines: a text that is not found may still have been there.
    certainty: 'estimate',
    evidence,
  }
}

export function textsAsked(condition: Extract<Condition, { text: unknown }>, facts: CallFacts): PlacedText[] {
  return facts.texts.filter(
    ({ source, atMs }) =>
      condition.text.includes(source) && (condition.withinMs === undefined || atMs <= condition.withinMs),
  )
}

function wordHits(words: readonly string[], texts: readonly PlacedText[]): Map<PlacedText, readonly [number, number]> {
  const hits = new Map<PlacedText, readonly [number, number]>()
  const wanted = words.map(word => spelled(word).chars)
  for (const text of texts) {
    const { chars, places } = spelled(text.text)
    for (const word of wanted) {
      const at = word === '' ? -1 : chars.indexOf(word)
      if (at === -1) continue
      hits.set(text, [places[at] ?? 0, (places[at + word.length - 1] ?? 0) + 1])
      break
    }
  }
  return hits
}

/** Without width, case and spaces, each character with its place in what was given. */
function spelled(text: string): { chars: string; places: number[] } {
  let chars = ''
  const places: number[] = []
  for (let i = 0; i < text.length; i++) {
    const plain = (text[i] ?? '').normalize('NFKC').toLowerCase().replace(/\s/g, '')
    for (const _ of plain) places.push(i)
    chars += plain
  }
  return { chars, places }
}

function lastMs(facts: CallFacts): number {
  return facts.measures.find(one => one.id === 'duration')?.value ?? 0
}
