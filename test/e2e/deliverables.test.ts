import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { answeredCall, rtpPacket, temporaryFolder } from '../../recordings/fixture.ts'
import { checkRemux } from '../../recordings/mux/check-remux.ts'
import { DerivedManifest } from '../../recordings/mux/derived-manifest.ts'
import {
  beepingVoice,
  beepsOf,
  camera,
  FFMPEG,
  ffmpeg,
  ffprobe,
  flashesOf,
  flashingFrames,
  noise,
  play,
  replayRequest,
  testMuxer,
} from '../../recordings/mux/fixture.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { vaultFor } from '../../recordings/vault/fixture.ts'
import { openCallFiles } from '../../recordings/vault/open-call-files.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import type { RecordSpans } from '../../signaling/protocol/record-span.ts'

// Real encoders on a busy machine.
t.setTimeout(400_000)

type Call = Awaited<ReturnType<typeof answeredCall>>
type Test = { teardown(fn: () => unknown): void }

async function sealAt(call: Call, ms: number) {
  call.clock.ms = ms
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
}

async function muxed(call: Call, t: Test, ms: number) {
  await sealAt(call, ms)
  const muxer = await testMuxer(t)
  await muxer.mux(replayRequest(call.archive.folder))
  const at = (name: string) => join(call.archive.folder, 'derived', name)
  const about = DerivedManifest.parse(JSON.parse(await readFile(at('manifest.json'), 'utf8')))
  const { spans } = JSON.parse(await readFile(at('spans.json'), 'utf8')) as RecordSpans
  return { muxer, at, about, spans }
}

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
const samplesOf = (path: string) => ffmpeg(['-i', path, '-ac', '1', '-ar', '8000', '-f', 's16le', 'pipe:1'])
/** The decoded size of every picture of a film, in order. */
const sizesOf = (path: string) =>
  ffprobe(['-select_streams', 'v', '-show_entries', 'frame=width,height', '-of', 'csv=p=0', path])
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(',').slice(0, 2).join('x'))
const changesOf = (values: readonly string[]) => values.filter((value, i) => value !== values[i - 1])

t.test(
  '[DL1] one file per party, both mixed, the picture alone bit by bit, all together; each with hash and sources',
  async t => {
    const call = await answeredCall(t)
    call.answer()
    const { archive } = call
    const frames = flashingFrames({ codec: 'VP8', seconds: 4, size: '320x180', flashFrames: 3 })
    await play(call.clock, [
      ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: 8000, delayMs: () => 20 }),
      ...beepingVoice({ archive, track: 'agent-voice', fromMs: 500, toMs: 8000, hz: 600, delayMs: () => 20 }),
      ...camera({ archive, codec: 'VP8', frames, fromMs: 2000, ssrc: 1, delayMs: () => 30 }),
    ])
    const { at, about } = await muxed(call, t, 8000)
    const tracks = ['tracks/agent-voice-1.rtpj', 'tracks/caller-camera-1.rtpj', 'tracks/caller-voice-1.rtpj']
    t.strictSame(
      Object.fromEntries(about.files.map(({ path, from }) => [path.slice('derived/'.length), from.toSorted()])),
      {
        'agent.ogg': [tracks[0]],
        'caller.ogg': [tracks[2]],
        'camera.webm': [tracks[1]],
        'mixed.ogg': [tracks[0], tracks[2]],
        'peaks.json': [tracks[0], tracks[2]],
        'speech.json': [tracks[0], tracks[2]],
        'replay.webm': tracks,
        'spans.json': ['journal.jsonl', ...tracks],
      },
    )
    for (const { path, sha256: said } of about.files) t.equal(await sha256(join(archive.folder, path)), said, path)
    for (const name of ['caller.ogg', 'agent.ogg', 'mixed.ogg'])
      t.equal(samplesOf(at(name)).length / 2, 8000 * 8, `${name} is as long as the call, to the sample`)
    t.equal(beepsOf(at('caller.ogg'), 0).length, 8)
    t.equal(beepsOf(at('agent.ogg'), 0).length, 7)
    const inMixed = beepsOf(at('mixed.ogg'), 0).length
    t.equal(inMixed, 8, 'both in one channel')

    // What the encoder on the phone made is what stands in the file, byte for byte.
    const copied = ffmpeg(['-i', at('camera.webm'), '-map', '0:v', '-c', 'copy', '-f', 'data', 'pipe:1'])
    t.ok(copied.equals(Buffer.concat(frames)), `${copied.length} bytes of picture`)
    t.equal(ffprobe(['-show_entries', 'stream=codec_type', '-of', 'csv=p=0', at('camera.webm')]), 'video')
    const [first] = ffprobe(['-show_entries', 'packet=pts_time', '-of', 'csv=p=0', at('camera.webm')]).split('\n')
    t.ok(Math.abs(Number(first) - 2.03) < 0.03, `on the clock of the call: ${first}`)
  },
)

t.test('[DL3] hold, pause and gap are silence and a held picture of the right length, and say why', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive, clock } = call
  const frames = flashingFrames({ codec: 'VP8', seconds: 12, size: '160x90', flashFrames: 3 })
  const by = 'part_00000000000000000001' as never
  const note = (atMs: number, event: Parameters<typeof archive.journal.append>[0]) => ({
    atMs,
    deliver: () => void archive.journal.append(event),
  })
  const holdMs = 240_000
  await play(clock, [
    // Held for four minutes from 5 s on; then 2 s in which the network swallowed everything.
    ...beepingVoice({
      ...{ archive, track: 'caller-voice', fromMs: 0, toMs: 270_000, delayMs: () => 20 },
      drop: atMs => (atMs >= 5000 && atMs < 5000 + holdMs) || (atMs >= 250_000 && atMs < 252_000),
    }),
    ...beepingVoice({ archive, track: 'agent-voice', fromMs: 0, toMs: 270_000, hz: 600, delayMs: () => 20 }),
    note(5000, { type: 'voice.held', by: 'caller' }),
    note(5000 + holdMs, { type: 'voice.retrieved', by: 'caller' }),
    // The picture runs from 1 s to 3 s and, after a pause, from 253 s on.
    ...camera({
      ...{ archive, codec: 'VP8', frames: frames.slice(0, 60), fromMs: 1000, ssrc: 1, delayMs: () => 30 },
    }),
    note(3000, { type: 'camera.paused', by }),
    note(253_000, { type: 'camera.resumed', by }),
    ...camera({
      ...{ archive, codec: 'VP8', frames: frames.slice(0, 300), fromMs: 253_000, ssrc: 2, delayMs: () => 30 },
    }),
  ])
  const { at, spans } = await muxed(call, t, 270_000)
  const pcm = samplesOf(at('caller.ogg'))
  t.equal(pcm.length / 2, 8000 * 270)
  const loudest = (fromMs: number, toMs: number) => {
    let peak = 0
    for (let i = fromMs * 8; i < toMs * 8; i++) peak = Math.max(peak, Math.abs(pcm.readInt16LE(i * 2)))
    return peak
  }
  t.ok(loudest(5100, 244_900) < 200, 'the hold is silent')
  t.ok(loudest(250_100, 251_900) < 200, 'the gap is silent')
  const beeps = beepsOf(at('caller.ogg'), 0)
  const seconds = [0, 1, 2, 3, 4, ...Array.from({ length: 25 }, (_, i) => 245 + i).filter(s => s < 250 || s >= 252)]
  t.strictSame(
    beeps.map(ms => Math.floor(ms / 1000)),
    seconds,
    'every second after it is where it belongs',
  )
  t.ok(Math.max(...beeps.map(ms => ms % 1000)) < 60, 'to some hundredths of a second')

  const flashes = flashesOf(at('replay.webm'))
  t.strictSame(
    flashes.map(ms => Math.floor(ms / 1000)),
    [1, 2, ...Array.from({ length: 10 }, (_, i) => 253 + i)],
  )
  const times = ffprobe([
    '-select_streams',
    'v',
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
    at('replay.webm'),
  ])
    .split('\n')
    .map(Number)
  const held = times.flatMap((s, i) => (s - (times[i - 1] ?? s) > 1 ? [s - (times[i - 1] ?? s)] : []))
  t.equal(held.length, 2, 'the black lead, and one picture that stands still')
  t.ok(Math.abs((held[1] ?? 0) - 250.03) < 0.1, `for ${held[1]} s`)

  const shown = spans.map(({ kind, track, fromMs, toMs }) => [
    kind,
    track,
    Math.round(fromMs / 100),
    Math.round(toMs / 100),
  ])
  t.strictSame(shown, [
    ['camera-off', 'caller-camera', 30, 2530],
    ['pause', 'caller-camera', 30, 2530],
    ['hold', undefined, 50, 2450],
    ['gap', 'caller-voice', 2500, 2520],
    ['camera-off', 'caller-camera', 2630, 2700],
  ])
})

t.test('[DL4] size and orientation change in mid-stream: all sizes survive, the MP4 fits them into one', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive, clock } = call
  const film = (size: string) => flashingFrames({ codec: 'VP8', seconds: 2, size, flashFrames: 10 })
  // One track, one source, numbering that goes on: the phone is turned, then the network lets it send more.
  const parts = ['320x180', '180x320', '640x360'].map(film)
  const frames = parts.flat()
  await play(clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: 8000, delayMs: () => 20 }),
    ...camera({ archive, codec: 'VP8', frames, fromMs: 1000, ssrc: 1, delayMs: () => 30 }),
  ])
  const { muxer, at, about } = await muxed(call, t, 8000)
  t.strictSame(
    about.replay.video?.sizes.map(size => `${size.widthPx}x${size.heightPx}`),
    ['320x180', '180x320', '640x360'],
  )
  t.strictSame(changesOf(sizesOf(at('camera.webm'))), ['320x180', '180x320', '640x360'])
  t.strictSame(changesOf(sizesOf(at('replay.webm'))), ['320x180', '180x320', '640x360'])
  const told: number[] = []
  const { file } = await muxer.mux({
    ...replayRequest(archive.folder),
    kind: 'mp4',
    onProgress: progress => told.push(progress),
  })
  t.equal(file, 'derived/call.mp4')
  t.strictSame(changesOf(sizesOf(at('call.mp4'))), ['640x360'], 'undistorted in the largest width and height')
  t.equal(
    ffprobe(['-show_entries', 'stream=codec_name', '-of', 'csv=p=0', at('call.mp4')])
      .split('\n')
      .sort()
      .join(),
    'aac,h264',
  )
  const far = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((ms, i) => Math.abs(ms - (b[i] ?? Number.NaN))))
  // A narrow picture with borders is never white on the whole.
  const flashes = flashesOf(at('call.mp4'), 60)
  t.equal(flashes.length, 6)
  t.ok(far(flashes, flashesOf(at('replay.webm'))) <= 40, 'pictures at their times')
  t.ok(far(beepsOf(at('call.mp4'), 0), beepsOf(at('replay.webm'), 0)) <= 40, 'beeps too')
  t.ok(told.length > 1 && told.every((p, i) => p <= 1 && p > (told[i - 1] ?? 0)), `progress ${told.slice(0, 5)} …`)
  const after = DerivedManifest.parse(JSON.parse(await readFile(at('manifest.json'), 'utf8')))
  t.match(after.onDemand, [
    { path: 'derived/call.mp4', sha256: await sha256(at('call.mp4')), from: ['derived/replay.webm'] },
  ])
  t.strictSame(after.files, about.files)
})

t.test('[DL5] muxing again gives the same bytes, the MP4 too', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive, clock } = call
  const frames = flashingFrames({ codec: 'VP8', seconds: 4, size: '320x180', flashFrames: 3 })
  const random = noise(5)
  await play(clock, [
    ...beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: 8000, delayMs: () => 20 + random() * 30 }),
    ...camera({ archive, codec: 'VP8', frames, fromMs: 2000, ssrc: 1, delayMs: () => 30 + random() * 30 }),
  ])
  const { muxer, about } = await muxed(call, t, 8000)
  const all = async () => {
    await muxer.mux({ ...replayRequest(archive.folder), kind: 'mp4' })
    const names = (await readdir(join(archive.folder, 'derived'))).filter(name => name !== 'manifest.json').sort()
    return Promise.all(names.map(async name => [name, await sha256(join(archive.folder, 'derived', name))]))
  }
  const first = await all()
  const plain = new PlainCallFiles(archive.folder)
  const work = await temporaryFolder(t)
  let runs = 0
  const check = async (files: CallFiles) => {
    const workFolder = join(work, String(runs++))
    await mkdir(workFolder)
    const signal = new AbortController().signal
    return checkRemux(files, { ffmpegBin: FFMPEG, workFolder, signal, onProgress: () => undefined })
  }
  t.match(await check(plain), { same: true, tools: { before: about.tools, now: about.tools } })
  t.equal(first.length, about.files.length + 1)
  const again = await testMuxer(t)
  await again.mux(replayRequest(archive.folder))
  t.strictSame(await all(), first)

  // The same from the encrypted form, and a changed derivative is noticed.
  const { vault } = await vaultFor(call)
  await vault.encryptCall(archive.folder)
  t.notOk((await readdir(join(archive.folder, 'derived'))).includes('replay.webm'), 'it is encrypted')
  const ref = await vault.refOf(archive.folder)
  t.equal(ref.kind, 'vault')
  const files = openCallFiles(ref)
  t.match(await check(files), { same: true })
  await again.mux({ kind: 'replay', files: async () => ref })
  for (const [name, hash] of first)
    t.equal(
      createHash('sha256')
        .update(await files.read(`derived/${name}`))
        .digest('hex'),
      hash,
      `${name} encrypted`,
    )
  await files.put('derived/caller.ogg', [Buffer.from('something else')])
  const about2 = JSON.parse((await files.read('derived/manifest.json')).toString()) as DerivedManifest
  const changed = about2.files.map(file => (file.path === 'derived/caller.ogg' ? { ...file, sha256: '0' } : file))
  await files.put('derived/manifest.json', [Buffer.from(JSON.stringify({ ...about2, files: changed }))])
  t.match(await check(files), { same: false, findings: [{}, { path: 'derived/caller.ogg', kind: 'different' }] })
})

t.test(
  '[DL13] late start, another source in mid-call, a gap of a dead worker with a second film: nothing is shifted',
  async t => {
    const call = await answeredCall(t)
    call.answer()
    const { archive, clock } = call
    const film = flashingFrames({ codec: 'VP8', seconds: 5, size: '160x90', flashFrames: 3 })
    const random = noise(9)
    await play(clock, [
      // The caller is heard from 3 s on, from another source after 9 s.
      ...beepingVoice({
        ...{ archive, track: 'caller-voice', fromMs: 3000, toMs: 20_000, newSourceAtMs: 9000 },
        delayMs: () => 20 + random() * 30,
      }),
      ...camera({ archive, codec: 'VP8', frames: film, fromMs: 2000, ssrc: 1, delayMs: () => 30 + random() * 20 }),
      // The worker died at 7 s; the phone is back in a new room at 12 s with a film of its own.
      ...camera({ archive, codec: 'VP8', frames: film, fromMs: 12_000, ssrc: 2, delayMs: () => 30 + random() * 20 }),
    ])
    const { at, spans } = await muxed(call, t, 20_000)
    t.strictSame(
      beepsOf(at('replay.webm'), 0).map(ms => Math.floor(ms / 1000)),
      Array.from({ length: 17 }, (_, i) => i + 3),
    )
    t.strictSame(
      flashesOf(at('replay.webm')).map(ms => Math.floor(ms / 1000)),
      [2, 3, 4, 5, 6, 12, 13, 14, 15, 16],
    )
    t.match(
      spans
        .filter(span => span.kind === 'camera-off')
        .map(span => [Math.round(span.fromMs / 100), Math.round(span.toMs / 100)]),
      [
        [70, 120],
        [170, 200],
      ],
    )
  },
)

t.test('[DL6] what the recorder lost and where a crash cut the call stand among the spans', async t => {
  const call = await answeredCall(t)
  call.answer()
  const { archive, clock } = call
  const voice = archive.openTrack({ track: 'caller-voice', codec: 'PCMU', payloadType: 0, clockRate: 8000 })
  for (let n = 0; n < 200; n++) {
    clock.ms = n * 20
    voice.rtp(rtpPacket({ sequence: n, timestamp: n * 160, payload: Buffer.alloc(160, 0xff) }))
    if (n === 100)
      voice.event({ type: 'loss', packets: 7, bytes: 1204, fromMs: 2000, toMs: 2140, reason: 'queue-full' })
  }
  await archive.closeTracks()
  clock.ms = 6000
  archive.journal.append({ type: 'call.ended', end: { cause: 'server-crashed' } })
  await archive.seal({ end: { cause: 'server-crashed' }, facts: call.facts, key: call.key })
  const muxer = await testMuxer(t)
  await muxer.mux(replayRequest(archive.folder))
  const { spans } = JSON.parse(await readFile(join(archive.folder, 'derived/spans.json'), 'utf8')) as RecordSpans
  t.match(spans, [
    { kind: 'loss', track: 'caller-voice', fromMs: 2000, toMs: 2140, packets: 7 },
    { kind: 'crash', fromMs: 3980, toMs: 6000 },
  ])
  t.equal(spans.length, 2)
  t.equal((await stat(join(archive.folder, 'derived'))).isDirectory(), true)
})
