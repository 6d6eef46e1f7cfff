import t from 'tap'
import { beeps, mixed, silence, tone } from '../../scripts/simulated-caller/sample-source.ts'
import { dominantHz, mostInAPacket, onsetsOf, shareInPieces, shareOf } from './tone.ts'

t.test('[HAR1] the measuring instrument tells tones apart', async t => {
  const samples = tone(440)(0, 8000)
  t.equal(dominantHz(samples, 8000), 440)
  t.ok(shareOf(440, samples, 8000) > 0.95)
  t.ok(shareOf(620, samples, 8000) < 0.01)
  t.equal(dominantHz(silence(0, 8000), 8000), undefined)
  t.equal(shareOf(440, silence(0, 8000), 8000), 0)
  const both = mixed(tone(440, 8000), tone(620, 2000))(0, 8000)
  t.equal(dominantHz(both, 8000), 440)
  t.ok(shareOf(620, both, 8000) > 0.03 && shareOf(620, both, 8000) < 0.1, 'crosstalk of -12 dB shows')
})

t.test('[HAR1] beeps are found within 10 ms of their start', async t => {
  const samples = beeps({ hz: 1000, onMs: 100, everyMs: 2000 })(8000, 40_000)
  const onsets = onsetsOf(1000, samples, 8000)
  t.equal(onsets.length, 2)
  t.ok(Math.abs((onsets[0] ?? 0) - 1000) < 10, `${onsets[0]}`)
  t.ok(Math.abs((onsets[1] ?? 0) - 3000) < 10, `${onsets[1]}`)
})

/** What is left of a tone whose sender skips a frame now and then: the phase jumps. */
function skipping(hz: number, everyMs: number): Int16Array {
  const turn = (at: number) => Math.floor(at / (everyMs * 8)) * 2.2
  return Int16Array.from({ length: 15 * 8000 }, (_, at) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * at) / 8000 + turn(at))),
  )
}

t.test(
  '[HAR1] frames that a loaded machine skips are neither taken for another tone nor for less of this one',
  async t => {
    for (const everyMs of [300, 1_000]) {
      const samples = skipping(440, everyMs)
      t.ok(shareOf(440, samples.subarray(-24_000), 8000) < 0.3, 'shifted parts cancel each other out')
      t.ok(shareInPieces(440, samples, 8000) > 0.85)
      for (const hz of [620, 1010, 1270]) {
        t.ok(shareInPieces(hz, samples, 8000) < 0.001)
        t.ok(mostInAPacket(hz, samples, 8000) < 0.2)
      }
    }
  },
)

t.test(
  '[HAR1] one packet of another voice in a quarter of a minute is noticed, or all of it mixed in softly',
  async t => {
    const samples = skipping(440, 300)
    const strayed = Int16Array.from(samples)
    strayed.set(tone(1010)(0, 160), 40_000)
    t.ok(shareOf(1010, strayed, 8000) < 0.001, 'the share of the whole does not show it')
    t.ok(mostInAPacket(1010, strayed, 8000) > 0.9)
    const mixedIn = samples.map((sample, at) => sample + (tone(1010, 600)(at, 1)[0] ?? 0))
    t.ok(shareInPieces(1010, mixedIn, 8000) > 0.004)
  },
)
