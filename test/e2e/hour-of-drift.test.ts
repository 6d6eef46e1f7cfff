import { join } from 'node:path'
import t from 'tap'
import { answeredCall } from '../../recordings/fixture.ts'
import {
  beepingVoice,
  beepsOf,
  camera,
  flashesOf,
  flashingFrames,
  noise,
  play,
  replayRequest,
  testMuxer,
} from '../../recordings/mux/fixture.ts'

// An hour of real packets, decoded: a minute on an idle machine, several on a busy one.
t.setTimeout(600_000)

t.test('[DL2] an hour with clocks 300 ppm apart in both directions: voice and picture stay together', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive, clock } = call
  const minute = flashingFrames({ codec: 'VP8', seconds: 60, size: '64x64', flashFrames: 2, fps: 5 })
  const frames = Array.from({ length: 59 }, () => minute).flat()
  const random = noise(3)
  const hourMs = 3_600_000
  // The axis is simulated, the packets are real: 180 000 of voice, 17 700 pictures.
  await play(clock, [
    ...beepingVoice({
      ...{ archive, track: 'caller-voice', fromMs: 0, toMs: hourMs, clockFactor: 1.0003 },
      delayMs: () => 30 + random() * 50,
      drop: () => random() < 0.01,
    }),
    ...camera({
      ...{ archive, codec: 'VP8', frames, fromMs: 20_000, ssrc: 1, fps: 5, clockFactor: 0.9997 },
      delayMs: () => 40 + random() * 60,
    }),
  ])
  clock.ms = hourMs
  await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  await (await testMuxer(t)).mux(replayRequest(archive.folder))
  const replay = join(archive.folder, 'derived/replay.webm')
  const beeps = beepsOf(replay, 0)
  const flashes = flashesOf(replay, 128, 20)
  t.ok(beeps.length >= 3590, `${beeps.length} beeps`)
  t.equal(flashes.length, 59 * 60)
  const skews = flashes.map(flash =>
    Math.min(
      ...beeps
        .slice(Math.max(0, Math.floor(flash / 1000) - 2), Math.floor(flash / 1000) + 3)
        .map(beep => Math.abs(flash - beep)),
    ),
  )
  skews.sort((a, b) => a - b)
  const p = (q: number) => skews[Math.ceil(skews.length * q) - 1] ?? Number.NaN
  t.comment(`skew p50 ${p(0.5)} p95 ${p(0.95)} p99 ${p(0.99)} max ${skews.at(-1)} ms`)
  t.ok(p(0.95) <= 80, `p95 ${p(0.95)} ms`)
  const last = beeps.at(-1) ?? 0
  t.ok(Math.abs((last % 1000) - 30) < 60, `the last beep is on its second: ${last}`)
})
