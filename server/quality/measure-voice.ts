import type { Evidence, Measure } from '../../signaling/protocol/quality.ts'
import type { QualityEvent, QualityNumber } from '../../signaling/protocol/quality-kinds.ts'
import type { CallMaterial } from './call-material.ts'
import { bridged, difference, intersection, type Span, totalMs, union } from './spans.ts'

/** Less speech than this says nothing about a pace or a share. */
const LEAST_SPEECH_MS = 10_000
/** The edges of found speech are right within some 0.2 s: shorter overlaps are not claimed. */
const LEAST_OVERLAP_MS = 300
/** Shorter silences belong to talking. */
const LEAST_SILENCE_MS = 2_000
/** A party that speaks on after at most such a pause, while the other is quiet, speaks on. */
const MONOLOGUE_PAUSE_MS = 1_500
/** "Yes", "mm": whoever says no more than this does not take the word. */
const BACKCHANNEL_MS = 700

export type Occurrences = ReadonlyMap<QualityEvent, readonly Evidence[] | undefined>
export type VoiceMaterial = Pick<CallMaterial, 'speech' | 'spans'> & {
  readonly manifest: Pick<CallMaterial['manifest'], 'durationMs'>
}
type Voice = { readonly measures: readonly Measure[]; readonly events: Occurrences }
const SPEECH_NUMBERS = [
  'speech.caller',
  'speech.agent',
  'talk-share.agent',
  'pace.agent',
  'pace.caller',
  'silence.total',
  'cross-talk.total',
  'cross-talk.share',
  'first-word.agent',
] as const satisfies readonly QualityNumber[]

/** What loudness says about the talk: silence, cross-talk, pace, shares. Estimates all of them. */
export function measureVoice({ speech, spans, manifest }: VoiceMaterial): Voice {
  if (!speech) {
    const missing = SPEECH_NUMBERS.map(id => ({
      ...{ id, value: null, why: 'no-speech-file' as const, certainty: 'estimate' as const },
    }))
    return { measures: missing, events: new Map() }
  }
  const endMs = manifest.durationMs
  const [caller, agent] = [union(speech.caller.segments), union(speech.agent.segments)]
  // On hold nobody is meant to speak, behind the shutter nothing is recorded: neither is a silence.
  const apart = (spans ?? [])
    .filter(({ kind, track }) => kind !== 'camera-off' && track !== 'caller-camera' && track !== 'agent-screen')
    .map(({ fromMs, toMs }): Span => [fromMs, toMs])
  const spoken = union([...caller, ...agent])
  const silence = difference(difference([[0, endMs]], apart), spoken).filter(
    ([from, to]) => to - from >= LEAST_SILENCE_MS,
  )
  const crossTalk = intersection(caller, agent).filter(([from, to]) => to - from >= LEAST_OVERLAP_MS)
  const [callerMs, agentMs, spokenMs] = [totalMs(caller), totalMs(agent), totalMs(spoken)]
  const enough = spokenMs >= LEAST_SPEECH_MS
  const firstMs = agent[0]?.[0]
  return {
    measures: [
      estimate('speech.caller', callerMs),
      estimate('speech.agent', agentMs),
      enough ? estimate('talk-share.agent', agentMs / (agentMs + callerMs)) : tooLittle('talk-share.agent'),
      pace('pace.agent', speech.agent.syllables, agentMs),
      pace('pace.caller', speech.caller.syllables, callerMs),
      estimate('silence.total', totalMs(silence)),
      estimate('cross-talk.total', totalMs(crossTalk)),
      enough ? estimate('cross-talk.share', totalMs(crossTalk) / spokenMs) : tooLittle('cross-talk.share'),
      firstMs === undefined
        ? { id: 'first-word.agent', value: null, never: true, certainty: 'estimate' }
        : estimate('first-word.agent', firstMs),
    ],
    events: new Map([
      ['silence', silence.map(place)],
      ['cross-talk', crossTalk.map(place)],
      ['monologue.agent', monologues(agent, caller).map(place)],
      ['monologue.caller', monologues(caller, agent).map(place)],
    ]),
  }
}

/** Stretches in which one speaks and the other takes no word. */
export function monologues(own: readonly Span[], other: readonly Span[]): Span[] {
  const taken = union(other).filter(([from, to]) => to - from > BACKCHANNEL_MS)
  // Cut where the other takes the word first, so that a bridge never spans it.
  const pieces: Span[] = []
  let from = Number.NEGATIVE_INFINITY
  for (const [cutFrom, cutTo] of [...taken, [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as Span]) {
    const inside = intersection(own, [[from, cutFrom]])
    pieces.push(...bridged(inside, MONOLOGUE_PAUSE_MS))
    from = cutTo
  }
  return pieces.filter(([a, b]) => b - a > BACKCHANNEL_MS)
}

function place([from, to]: Span): Evidence {
  return { atMs: Math.max(0, from), toMs: Math.max(0, to) }
}

function estimate(id: QualityNumber, value: number): Measure {
  return { id, value: Math.round(value * 1000) / 1000, certainty: 'estimate' }
}

function tooLittle(id: QualityNumber): Measure {
  return { id, value: null, why: 'too-little-speech', certainty: 'estimate' }
}

function pace(id: QualityNumber, syllables: number, speechMs: number): Measure {
  return speechMs < LEAST_SPEECH_MS ? tooLittle(id) : estimate(id, Math.round((syllables * 60_000) / speechMs))
}
