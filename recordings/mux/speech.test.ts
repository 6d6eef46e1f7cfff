import { readFileSync } from 'node:fs'
import t from 'tap'
import { readWav } from '../../scripts/simulated-caller/wav.ts'
import { findSpeech } from './speech.ts'

const RATE_HZ = 8000
const at = (ms: number) => Math.round((ms * RATE_HZ) / 1000)

/** The recorded sentences that the simulated caller says. */
const recordedSpeech = () =>
  readWav(readFileSync(new URL('../../scripts/simulated-caller/speech.wav', import.meta.url))).samples

/** Quiet of a real line: a little noise, always the same. */
function line(durationMs: number, amplitude: number): Int16Array {
  let state = 1
  return Int16Array.from({ length: at(durationMs) }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return Math.round((state / 0x7fffffff - 0.5) * 2 * amplitude)
  })
}
function say(pcm: Int16Array, atMs: number, what: Int16Array): number {
  for (let i = 0; i < what.length && at(atMs) + i < pcm.length; i++)
    pcm[at(atMs) + i] = (pcm[at(atMs) + i] ?? 0) + (what[i] ?? 0)
  return atMs + (what.length * 1000) / RATE_HZ
}

t.test('[QC1] recorded speech is found where it was said, on quiet and on noisy lines', async t => {
  const speech = recordedSpeech()
  const alone = findSpeech(speech, RATE_HZ)
  const [firstMs, lastMs] = [alone.segments[0]?.[0] ?? 0, alone.segments.at(-1)?.[1] ?? 0]
  t.ok(alone.segments.length > 0)
  for (const noise of [0, 30, 120]) {
    const pcm = line(60_000, noise)
    say(pcm, 10_000, speech)
    say(pcm, 35_000, speech)
    const { segments, levelDb } = findSpeech(pcm, RATE_HZ)
    for (const startMs of [10_000, 35_000]) {
      const own = segments.filter(([fromMs]) => fromMs >= startMs - 500 && fromMs < startMs + 20_000)
      t.ok(Math.abs((own[0]?.[0] ?? 0) - startMs - firstMs) <= 200, `noise ${noise}: begins`)
      t.ok(Math.abs((own.at(-1)?.[1] ?? 0) - startMs - lastMs) <= 400, `noise ${noise}: ends`)
    }
    t.ok((levelDb ?? -99) > -40, `noise ${noise}: ${levelDb} dB`)
  }
})

t.test('[QC1] silence and hiss are no speech', async t => {
  for (const noise of [0, 5, 60]) t.same(findSpeech(line(20_000, noise), RATE_HZ).segments, [], `noise ${noise}`)
  t.equal(findSpeech(new Int16Array(0), RATE_HZ).levelDb, undefined)
})

t.test('[QC2] syllables are counted: five bursts a second for six seconds', async t => {
  const pcm = line(10_000, 10)
  const burst = Int16Array.from({ length: at(120) }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 220 * i) / RATE_HZ) * Math.sin((Math.PI * i) / at(120))),
  )
  for (let k = 0; k < 30; k++) say(pcm, 2000 + k * 200, burst)
  const { syllables, segments } = findSpeech(pcm, RATE_HZ)
  t.equal(segments.length, 1, 'one stretch')
  t.ok(Math.abs(syllables - 30) <= 1, `${syllables}`)
})
