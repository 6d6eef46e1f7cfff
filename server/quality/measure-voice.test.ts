import t from 'tap'
import { SPEECH_FORMAT, type SpeechOfCall } from '../../recordings/mux/speech.ts'
import type { QualityNumber } from '../../signaling/protocol/quality-kinds.ts'
import { measureVoice, monologues, type VoiceMaterial } from './measure-voice.ts'
import type { Span } from './spans.ts'

const talk = (segments: readonly Span[], syllables = 0) => ({ segments, syllables, levelDb: -20 })
function measured(
  o: { caller: SpeechOfCall['caller']; agent: SpeechOfCall['agent'] },
  spans?: NonNullable<VoiceMaterial['spans']>,
) {
  const speech: SpeechOfCall = { format: SPEECH_FORMAT, durationMs: 60_000, ...o }
  const voice = measureVoice({ speech, spans, manifest: { durationMs: 60_000 } })
  return { ...voice, number: (id: QualityNumber) => voice.measures.find(one => one.id === id) }
}

t.test('[QC3] a pace is syllables by minutes of own speech; of too little speech there is none', async t => {
  // 20 s of speech, however long the call is: 90 syllables are 270 a minute.
  const { number } = measured({
    caller: talk([[0, 9_999]], 40),
    agent: talk(
      [
        [10_000, 22_000],
        [30_000, 38_000],
      ],
      90,
    ),
  })
  t.same(number('pace.agent'), { id: 'pace.agent', value: 270, certainty: 'estimate' })
  t.same(number('pace.caller'), {
    ...{ id: 'pace.caller', value: null, why: 'too-little-speech', certainty: 'estimate' },
  })
  t.match(number('speech.agent'), { value: 20_000 })
  t.match(number('talk-share.agent'), { value: 0.667 })
})

t.test(
  '[QC3] a monologue goes on over pauses and short words of the other, and ends where the other speaks',
  async t => {
    const own: Span[] = [
      [0, 10_000],
      // Breath: 1.5 s, and a "yes" of the other in it.
      [11_500, 30_000],
      // Longer than a breath.
      [31_501, 40_000],
      // The other says something in a pause short enough.
      [41_000, 50_000],
    ]
    const yes: Span = [10_200, 10_900]
    t.same(monologues(own, [yes, [40_100, 40_900]]), [
      [0, 30_000],
      [31_501, 40_000],
      [41_000, 50_000],
    ])
    t.same(monologues(own, [yes]).at(-1), [31_501, 50_000], 'without it the two are one')
    t.same(monologues([[0, 20_000]], [[5_000, 8_000]]), [
      [0, 5_000],
      [8_000, 20_000],
    ])
    t.same(monologues([[100, 800]], []), [], 'a "yes" is none')
    const { events } = measured({ caller: talk([[20_000, 24_000]]), agent: talk([[0, 15_000]]) })
    t.same(events.get('monologue.agent'), [{ atMs: 0, toMs: 15_000 }])
    t.same(events.get('monologue.caller'), [{ atMs: 20_000, toMs: 24_000 }])
  },
)

t.test('[QC3] silence is what nobody says and nothing explains; cross-talk from 0.3 s on', async t => {
  const { number, events } = measured(
    {
      caller: talk([
        [5_000, 20_000],
        [24_000, 25_000],
      ]),
      agent: talk([
        [19_000, 21_000],
        [24_701, 26_000],
        [58_500, 59_000],
      ]),
    },
    [{ kind: 'hold', track: 'caller-voice', fromMs: 30_000, toMs: 50_000 }],
  )
  t.same(events.get('silence'), [
    { atMs: 0, toMs: 5_000 },
    { atMs: 21_000, toMs: 24_000 },
    { atMs: 26_000, toMs: 30_000 },
    { atMs: 50_000, toMs: 58_500 },
  ])
  t.match(number('silence.total'), { value: 20_500 })
  t.same(events.get('cross-talk'), [{ atMs: 19_000, toMs: 20_000 }])
  t.match(number('first-word.agent'), { value: 19_000 })
})
