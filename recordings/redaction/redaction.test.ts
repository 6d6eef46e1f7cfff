import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { RedactionItems } from '../../signaling/protocol/redaction.ts'
import { readCode } from '../../test/harness/counter-code.ts'
import { answeredCall } from '../fixture.ts'
import { beepingVoice, camera, ffmpeg, ffprobe, play, testMuxer } from '../mux/fixture.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { MARKER_HZ } from './cover-voice.ts'
import { goertzel, HEIGHT, movingCode, type Patch, patchAt, WIDTH } from './harness/moving-code.ts'

// Real encoders on a busy machine.
t.setTimeout(180_000)

const CALL_MS = 10_000
const FILM_FROM_MS = 1000
const FRAMES = 240
/** Spans of the plan. */
const FILM = { fromMs: 3000, toMs: 6000 }
const VOICE = { fromMs: 4000, toMs: 7000 }
const why = { reason: 'of a third person' }

function hashes(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    if (name.startsWith('derived') || statSync(path).isDirectory()) continue
    found[name] = createHash('sha256').update(readFileSync(path)).digest('hex')
  }
  return found
}

function share({ left, top, width, height }: Patch) {
  return { x: left / WIDTH, y: top / HEIGHT, width: width / WIDTH, height: height / HEIGHT }
}

t.test('[RX1] [RX2] [RX3] what is covered is gone from film and voice, and everything else is as it was', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  const frames = movingCode(FRAMES)
  await play(call.clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: CALL_MS, delayMs: () => 20 }),
    ...beepingVoice({ archive, track: 'agent-voice', fromMs: 0, toMs: CALL_MS, hz: 600, delayMs: () => 20 }),
    ...camera({ archive, codec: 'VP8', frames, fromMs: FILM_FROM_MS, ssrc: 1, delayMs: () => 20 }),
  ])
  call.clock.ms = CALL_MS
  await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const before = hashes(archive.folder)
  const muxer = await testMuxer(t)
  const files = async () => ({ kind: 'plain' as const, folder: archive.folder })
  await muxer.mux({ kind: 'replay', files })

  const plan: RedactionItems = [
    {
      ...{ ...why, itemId: 'a', kind: 'video-region', track: 'camera', ...FILM },
      // A keyframe each third of a second, as a tracker in the page sends them.
      keyframes: Array.from({ length: 10 }, (_, i) => {
        const atMs = FILM.fromMs + i * 333
        return { atMs, box: share(patchAt((atMs - FILM_FROM_MS) / 1000)) }
      }),
    },
    { ...why, itemId: 'b', kind: 'audio-span', party: 'caller', ...VOICE },
  ]
  const told: number[] = []
  const { redaction } = await muxer.mux({
    ...{ kind: 'redaction', files, redaction: { redactionId: 'red_1', plan } },
    onProgress: done => told.push(done),
  })
  t.ok(redaction, 'the child says what it made')
  t.ok(told.length > 3 && told.every((one, i) => i === 0 || one >= (told[i - 1] ?? 0)), 'progress rises')
  const folder = join(archive.folder, 'derived/redactions/red_1')
  const film = join(folder, 'replay-redacted.webm')

  const timesOf = (path: string) =>
    ffprobe([
      '-select_streams',
      'v',
      '-show_entries',
      'packet=pts_time,data_hash',
      '-show_data_hash',
      'md5',
      '-of',
      'csv=p=0',
      path,
    ])
      .split('\n')
      .map(line => ({ atMs: Math.round(Number(line.split(',')[0]) * 1000), hash: line.split(',')[1] }))
  const times = timesOf(film)
  const originals = timesOf(join(archive.folder, 'derived/replay.webm'))
  t.strictSame(
    times.map(one => one.atMs),
    originals.map(one => one.atMs),
    'every frame stands at its old place',
  )
  const same = times.filter((one, i) => one.hash === originals[i]?.hash)
  t.ok(same.some(one => one.atMs < FILM.fromMs - 100) && same.some(one => one.atMs > FILM.toMs + 2500))
  t.equal(
    times.filter((one, i) => one.atMs < FILM.fromMs - 100 && one.hash !== originals[i]?.hash).length,
    0,
    'before the span every byte is the old one',
  )

  const picture = (WIDTH * HEIGHT * 3) / 2
  const raw = ffmpeg([
    '-i',
    film,
    '-map',
    '0:v',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    'pipe:1',
  ])
  t.equal(raw.length / picture, times.length, 'every frame decodes')
  let [inside, outside, leaked, lost] = [0, 0, 0, 0]
  for (const [i, { atMs }] of times.entries()) {
    // The first is the black lead of the muxer.
    if (i === 0) continue
    const patch = patchAt((i - 1) / 30)
    const data = new Uint8Array(patch.width * patch.height)
    for (let y = 0; y < patch.height; y++) {
      const from = i * picture + (patch.top + y) * WIDTH + patch.left
      data.set(raw.subarray(from, from + patch.width), y * patch.width)
    }
    // One plane stands for all three colours.
    const code = readCode({
      data: Buffer.from([...data].flatMap(one => [one, one, one])),
      width: patch.width,
      height: patch.height,
      channels: 3,
    })
    const read = code?.counter === i - 1
    const covered = atMs >= FILM.fromMs && atMs < FILM.toMs
    if (covered) {
      inside += 1
      if (read) leaked += 1
    } else {
      outside += 1
      if (!read) lost += 1
    }
  }
  t.comment(`${inside} frames inside the span, ${outside} outside`)
  t.ok(inside > 80 && outside > 100)
  t.equal(leaked, 0, 'inside the box the code is not read in any frame of the span')
  // The last frame before the span stands into it, so it is covered, too.
  t.ok(lost <= 2, `outside the span it is read in every frame (${lost} not)`)

  const pcm = ffmpeg(['-i', film, '-map', '0:a', '-ac', '2', '-ar', '8000', '-f', 's16le', 'pipe:1'])
  const channel = (which: 0 | 1) =>
    Int16Array.from({ length: pcm.length / 4 }, (_, i) => pcm.readInt16LE(i * 4 + which * 2))
  const [caller, agent] = [channel(0), channel(1)]
  const level = (samples: Int16Array, hz: number, fromMs: number, toMs: number) =>
    goertzel(samples.subarray(fromMs * 8, toMs * 8), hz, 8000)
  for (const second of [4000, 5000, 6000]) {
    t.ok(level(caller, 1000, second + 10, second + 90) < 150, `the beep at ${second} ms is gone`)
    t.ok(level(agent, 600, second + 10, second + 90) > 3000, 'and the other party is heard')
  }
  for (const second of [2000, 3000, 7000, 8000])
    t.ok(level(caller, 1000, second + 10, second + 90) > 3000, `the beep at ${second} ms is there`)
  const loud = (at: number) => level(caller, MARKER_HZ, at, at + 10) > 1500
  const steps = Array.from({ length: CALL_MS / 5 - 2 }, (_, i) => i * 5).filter(loud)
  t.ok(Math.abs((steps[0] ?? 0) - VOICE.fromMs) <= 20, `the marker tone begins at ${steps[0]} ms`)
  t.ok(Math.abs((steps.at(-1) ?? 0) + 10 - VOICE.toMs) <= 20, `and ends at ${(steps.at(-1) ?? 0) + 10} ms`)
  t.equal(steps.length, ((steps.at(-1) ?? 0) - (steps[0] ?? 0)) / 5 + 1, 'without a gap')
  const alone = ffmpeg(['-i', join(folder, 'caller.ogg'), '-ac', '1', '-ar', '8000', '-f', 's16le', 'pipe:1'])
  const mono = Int16Array.from({ length: alone.length / 2 }, (_, i) => alone.readInt16LE(i * 2))
  t.ok(level(mono, 1000, 5010, 5090) < 150 && level(mono, 1000, 8010, 8090) > 3000, 'the same in the file of one party')

  t.match(redaction, { covered: { audioMs: { caller: 3000, agent: 0 } } })
  t.equal(redaction?.covered.videoFrames, inside + 1)
  t.strictSame(hashes(archive.folder), before, 'no byte of the evidence changed')
  t.ok((await verifyArchive(new PlainCallFiles(archive.folder))).intact)
})
