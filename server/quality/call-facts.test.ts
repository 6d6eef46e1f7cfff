import t from 'tap'
import { factsOfCall } from './call-facts.ts'
import type { CallMaterial } from './call-material.ts'

const QUIET = { segments: [], syllables: 0 }

function facts(external: object, entries: object[] = []) {
  const manifest = { durationMs: 60_000, tracks: [], pages: [], end: { cause: 'ended-elsewhere' }, ...external }
  const speech = { caller: QUIET, agent: QUIET }
  return factsOfCall({ manifest, speech, entries, spans: [], transcript: undefined } as unknown as CallMaterial)
}

t.test('[EX7] a voice that was elsewhere is not known; it is not silence', async t => {
  t.equal(facts({}).events.get('silence')?.length, 1, 'a call of ours in which nobody spoke is silent')
  const elsewhere = facts({ external: { system: 'acd', id: '1', origin: 'api', voice: 'elsewhere' } })
  t.equal(elsewhere.events.get('silence'), undefined)
  t.match(
    elsewhere.measures.find(one => one.id === 'silence.total'),
    { value: null, why: 'no-speech-file' },
  )
  const recorded = facts({ external: { system: 'siprec', id: '1', origin: 'siprec', voice: 'recorded' } })
  t.equal(recorded.events.get('silence')?.length, 1, 'a voice that was handed to us is judged like any other')
})

t.test('[VC43] holds of either side are hold time; where both hold, it counts once', async t => {
  const entry = (atMs: number, type: string, by: string) => ({ seq: atMs, atMs, type, by })
  const { measures, events } = facts({}, [
    entry(10_000, 'voice.held', 'agent'),
    entry(12_000, 'voice.held', 'caller'),
    entry(15_000, 'voice.retrieved', 'agent'),
    entry(16_000, 'voice.retrieved', 'caller'),
    entry(50_000, 'voice.held', 'agent'),
  ])
  t.match(
    measures.find(one => one.id === 'hold.total'),
    { value: 16_000, certainty: 'exact' },
    'ten to sixteen, and from fifty to the end',
  )
  t.same(
    events.get('hold')?.map(({ about, atMs, toMs }) => [about, atMs, toMs]),
    [
      ['agent', 10_000, 15_000],
      ['caller', 12_000, 16_000],
      ['agent', 50_000, 60_000],
    ],
  )
})
