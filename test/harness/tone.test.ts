import t from 'tap'
import { beeps, mixed, silence, tone } from '../../scripts/simulated-caller/sample-source.ts'
import { dominantHz, onsetsOf, shareOf } from './tone.ts'

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
