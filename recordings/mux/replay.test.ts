import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { answeredCall } from '../fixture.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import {
  beepingVoice,
  beepsOf,
  camera,
  ffmpeg,
  ffprobe,
  flashesOf,
  flashingFrames,
  noise,
  play,
  replayRequest,
  testMuxer,
} from './fixture.ts'

// Real encoders on a busy machine.
t.setTimeout(120_000)

const CALL_MS = 20_000

/** Offsets flash - beep for every flash that has a beep within 400 ms. */
function skews(beeps: readonly number[], flashes: readonly number[]): number[] {
  return flashes.flatMap(flash => {
    const nearest = beeps.reduce(
      (a, b) => (Math.abs(b - flash) < Math.abs(a - flash) ? b : a),
      Number.POSITIVE_INFINITY,
    )
    return Math.abs(nearest - flash) < 400 ? [flash - nearest] : []
  })
}

function p95(values: readonly number[]): number {
  const sorted = values.map(Math.abs).sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN
}

async function replayOf(call: Awaited<ReturnType<typeof answeredCall>>, t: { teardown(fn: () => unknown): void }) {
  call.clock.ms = CALL_MS
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const muxer = await testMuxer(t)
  const { file, durationMs } = await muxer.mux(replayRequest(call.archive.folder))
  const about = JSON.parse(readFileSync(join(call.archive.folder, 'derived/manifest.json'), 'utf8'))
  return { durationMs, replayFile: file, path: join(call.archive.folder, file), about }
}

t.test(
  '[RE30] beep and flash of a call with jitter, drift, loss, late packets and two cameras stay together',
  async t => {
    const call = await answeredCall(t)
    call.answer()
    const random = noise(1)
    const { archive } = call
    // The picture of the first camera starts at 3 s, that of the second, larger one at 12 s; their clocks are wrong.
    const first = flashingFrames({ codec: 'VP8', seconds: 6, size: '320x180', flashFrames: 3 })
    const second = flashingFrames({ codec: 'VP8', seconds: 7, size: '640x360', flashFrames: 3 })
    await play(call.clock, [
      ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: CALL_MS, delayMs: () => 30 + random() * 60 }),
      ...beepingVoice({
        ...{ archive, track: 'agent-voice', fromMs: 0, toMs: CALL_MS, hz: 600 },
        delayMs: () => 30 + random() * 10,
        // Held from 5 to 8 s: nothing is sent, but timestamps count on.
        drop: atMs => atMs >= 5000 && atMs < 8000,
      }),
      ...camera({
        ...{ archive, codec: 'VP8', frames: first, fromMs: 3000, ssrc: 1, clockFactor: 1.0005 },
        // Every seventh packet was lost and comes as a retransmission; some come twice.
        delayMs: packet => 50 + random() * 40 + (packet % 7 === 3 ? 120 : 0),
        fate: packet => (packet % 11 === 5 ? 'twice' : 'once'),
      }),
      ...camera({
        ...{ archive, codec: 'VP8', frames: second, fromMs: 12_000, ssrc: 2, clockFactor: 0.9995 },
        delayMs: () => 50 + random() * 40,
      }),
    ])
    const { path, durationMs, replayFile, about } = await replayOf(call, t)
    t.equal(replayFile, 'derived/replay.webm')
    t.equal(durationMs, CALL_MS)

    const beeps = beepsOf(path, 0)
    const flashes = flashesOf(path)
    t.equal(beeps.length, 20, 'every second beeps')
    t.equal(flashes.length, 13, 'every second of camera flashes')
    const found = skews(beeps, flashes)
    t.equal(found.length, 13)
    t.comment(`flash - beep: ${found.map(Math.round).join(' ')} ms`)
    t.ok(p95(found) <= 80, `A/V skew p95 ${Math.round(p95(found))} ms`)
    t.strictSame(beepsOf(path, 1).length, 17, 'the held seconds are silent on the right channel')
    const late = beepsOf(path, 1).map(ms => Math.abs((ms % 1000) - 50))
    t.ok(Math.max(...late) < 20, 'and after the hold the agent is at the right second again')

    t.equal(ffprobe(['-show_entries', 'format=duration', '-of', 'csv=p=0', path]), (CALL_MS / 1000).toFixed(6))
    const packets = ffprobe(['-select_streams', 'v', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', path])
    const times = packets.split('\n').map(line => Number(line.split(',')[0]))
    t.equal(times[0], 0, 'a black picture from the start')
    t.ok(Math.abs((times[1] ?? 0) - 3.05) < 0.05, `the camera joins at its own time: ${times[1]}`)
    t.equal(times.length, 1 + first.length + second.length, 'late and doubled packets cost no frame')
    t.match(about, {
      callId: call.callId,
      replay: {
        video: { codec: 'VP8', droppedFrames: 0, frames: first.length + second.length, blackUntilStart: true },
      },
    })
    t.strictSame(
      about.replay.video.sizes.map((size: { widthPx: number }) => size.widthPx),
      [320, 640],
    )
    t.strictSame(
      about.files.map((file: { path: string }) => file.path),
      [
        ...['derived/agent.ogg', 'derived/caller.ogg', 'derived/camera.webm', 'derived/mixed.ogg'],
        ...['derived/peaks.json', 'derived/replay.webm', 'derived/spans.json', 'derived/speech.json'],
      ],
    )
    t.ok((await verifyArchive(new PlainCallFiles(archive.folder))).intact, 'the seal does not mind')
  },
)

t.test('[RE31] the parties do not bleed into each other', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  await play(call.clock, beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: CALL_MS, delayMs: () => 20 }))
  const { path } = await replayOf(call, t)
  const pcm = ffmpeg(['-i', path, '-ac', '2', '-ar', '8000', '-f', 's16le', 'pipe:1'])
  const energy = [0, 0]
  for (let i = 0; i + 1 < pcm.length; i += 2)
    energy[(i >> 1) & 1] = (energy[(i >> 1) & 1] ?? 0) + pcm.readInt16LE(i) ** 2
  const decibels = 10 * Math.log10((energy[0] ?? 0) / Math.max(1, energy[1] ?? 0))
  t.ok(decibels > 40, `left over right: ${decibels.toFixed(1)} dB`)
  const streams = ffprobe(['-show_entries', 'stream=codec_name,channels', '-of', 'csv=p=0', path])
  t.equal(streams, 'opus,2', 'a call without camera is sound only')
})

t.test('[RE32] a frame that cannot be whole is dropped, with all up to the next key frame', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  const frames = flashingFrames({ codec: 'VP8', seconds: 6, size: '320x180', flashFrames: 3 })
  const perFrame = frames.map(frame => Math.ceil(frame.length / 1100))
  // One packet in the middle of frame 70 (a key frame comes every 60) is lost for good.
  const lost = perFrame.slice(0, 70).reduce((a, b) => a + b, 0)
  await play(call.clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: CALL_MS, delayMs: () => 20 }),
    ...camera({
      ...{ archive, codec: 'VP8', frames, fromMs: 1000, ssrc: 1, delayMs: () => 20 },
      fate: packet => (packet === lost ? 'never' : 'once'),
    }),
  ])
  const { about, path } = await replayOf(call, t)
  t.match(about.replay.video, { droppedFrames: 50, frames: 130 })
  t.equal(ffmpeg(['-i', path, '-map', '0:v', '-f', 'null', '-']).length, 0, 'what is left decodes without complaint')
})

t.test('[RE33] H.264 gives an MP4 with the same timing', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  const frames = flashingFrames({ codec: 'H264', seconds: 6, size: '320x180', flashFrames: 3 })
  await play(call.clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: CALL_MS, delayMs: () => 20 }),
    ...camera({ archive, codec: 'H264', frames, fromMs: 5000, ssrc: 1, delayMs: () => 40 }),
  ])
  const { path, replayFile, about } = await replayOf(call, t)
  t.equal(replayFile, 'derived/replay.mp4')
  t.match(about.replay.video, { codec: 'H264', frames: 180, sizes: [{ widthPx: 320, heightPx: 180 }] })
  const pts = ffprobe(['-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path]).split('\n')
  t.ok(Math.abs(Number(pts[0]) - 5.02) < 0.05, `the picture begins where the camera did: ${pts[0]}`)
  const found = skews(beepsOf(path, 0), flashesOf(path))
  // Six flashes; the first begins with the picture itself, so there is no darkness before it to see it by.
  t.equal(found.length, 5)
  t.ok(p95(found) <= 80, `A/V skew p95 ${Math.round(p95(found))} ms`)
})

t.test(
  '[RE34] a muxer that is closed ends its child and refuses what waits; a bad ffmpeg is a typed error',
  async t => {
    const call = await answeredCall(t)
    call.answer()
    const { archive } = call
    await play(call.clock, beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: 5000, delayMs: () => 20 }))
    await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
    const broken = await testMuxer(t, '/bin/false')
    await t.rejects(broken.mux(replayRequest(archive.folder)), { name: 'MuxError', code: 'ffmpeg-failed' })
    await broken.close()

    const muxer = await testMuxer(t)
    const running = muxer.mux(replayRequest(archive.folder))
    const waiting = muxer.mux(replayRequest(archive.folder))
    t.strictSame(muxer.stats, { waiting: 1, running: 1 })
    const both = Promise.allSettled([running, waiting])
    await muxer.close()
    t.match(await both, [
      { status: 'rejected', reason: { code: 'closed' } },
      { status: 'rejected', reason: { code: 'closed' } },
    ])
    t.strictSame(muxer.stats, { waiting: 0, running: 0 })
    await t.rejects(muxer.mux(replayRequest(archive.folder)), { code: 'closed' })
  },
)
