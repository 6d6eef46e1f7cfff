/**
 * What making the deliverables costs, how far voice and picture are apart, and what a minute of session takes on disk.
 *
 *   node scripts/bench/mux.ts [minutes=1,10,60] [kbps=1400]
 *
 * Calls with a real VP8 stream (played in a loop) and two G.711 voices are written by the recorder, faster than in life, and muxed
 * by the real muxer. CPU and memory are those of its child and of ffmpeg, looked at every 100 ms. The comparison: the same packets sent
 * over UDP for a minute at real pace to plain ffmpeg, camera copied into WebM, voices encoded to Ogg Opus and, without loss, to WAV.
 */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { answeredCall, rtpPacket } from '../../recordings/fixture.ts'
import {
  beepingVoice,
  beepsOf,
  camera,
  FFMPEG,
  flashesOf,
  flashingFrames,
  noise,
  play,
  replayRequest,
  testMuxer,
} from '../../recordings/mux/fixture.ts'
import { usageOfTree } from './process-usage.ts'
import { printTable, type Row, round, spreadCells, surroundings, writeReport } from './report.ts'
import { vp8Film } from './simulated/vp8-film.ts'
import { endAfter } from './time-limit.ts'

const minutes = (process.argv[2] ?? '1,10,60').split(',').map(Number)
const kbps = Number(process.argv[3] ?? 1400)
const finished = endAfter(40 * 60_000)
const before = surroundings()
const film = await vp8Film(kbps)
const FPS = 30

const undo: (() => unknown)[] = []
const bench = { teardown: (fn: () => unknown) => void undo.push(fn) }

/** Calls `send` with every packet of a session in order of time; resolves after the last one. */
async function session(
  ms: number,
  send: (atMs: number, track: 'camera' | 'caller' | 'agent', packet: Buffer) => void,
  pace: (atMs: number) => Promise<unknown> | undefined,
): Promise<void> {
  let sequence = 0
  const random = noise(1)
  const speech = Array.from({ length: 50 }, () =>
    Buffer.from(Array.from({ length: 160 }, () => 0x60 + random() * 0x9f)),
  )
  let frame = 0
  for (let n = 0; n * 20 < ms; n++) {
    const atMs = n * 20
    for (; (frame * 1000) / FPS <= atMs; frame++) {
      const payloads = film[frame % film.length] ?? []
      for (const [i, payload] of payloads.entries()) {
        const marker = i === payloads.length - 1
        const timestamp = frame * 3000
        send(atMs, 'camera', rtpPacket({ sequence: sequence++, timestamp, payload, payloadType: 96, ssrc: 1, marker }))
      }
    }
    const payload = speech[n % speech.length] ?? Buffer.alloc(160)
    for (const track of ['caller', 'agent'] as const)
      send(atMs, track, rtpPacket({ sequence: n, timestamp: n * 160, payload, ssrc: track === 'caller' ? 2 : 3 }))
    await pace(atMs)
  }
}

async function recorded(ms: number) {
  const call = await answeredCall(bench)
  call.answer()
  const g711 = { codec: 'PCMU', payloadType: 0, clockRate: 8000 }
  const tracks = {
    camera: call.archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 }),
    caller: call.archive.openTrack({ track: 'caller-voice', ...g711 }),
    agent: call.archive.openTrack({ track: 'agent-voice', ...g711 }),
  }
  await session(
    ms,
    (atMs, track, packet) => {
      call.clock.ms = atMs
      tracks[track].rtp(packet)
    },
    atMs => {
      const queued = tracks.camera.stats.queuedBytes > 256 * 1024
      return queued || atMs % 1000 === 0 ? sleep(queued ? 60 : 1) : undefined
    },
  )
  call.clock.ms = ms
  const sealed = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const lost = sealed.tracks.reduce((sum, track) => sum + track.packetsReceived - track.packets, 0)
  if (lost > 0) throw new Error(`${lost} packets were not recorded: the disk is too slow for this pace`)
  return call.archive.folder
}

/** CPU and memory of everything this process started, while the work runs. */
async function measured(work: Promise<unknown>) {
  const cpu = new Map<number, number>()
  let peakBytes = 0
  let running = true
  const startedMs = performance.now()
  const ended = work.finally(() => {
    running = false
  })
  while (running) {
    const [, ...children] = await usageOfTree(process.pid)
    for (const child of children) cpu.set(child.pid, child.cpuMs)
    peakBytes = Math.max(
      peakBytes,
      children.reduce((sum, child) => sum + child.pssBytes, 0),
    )
    await Promise.race([ended, sleep(100)])
  }
  await ended
  return { wallMs: performance.now() - startedMs, cpuMs: [...cpu.values()].reduce((a, b) => a + b, 0), peakBytes }
}

async function bytesIn(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder)
  return Object.fromEntries(await Promise.all(names.map(async name => [name, (await stat(join(folder, name))).size])))
}

/** The same packets, as somebody without Tongping would keep them. */
async function plainFfmpeg(): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ffmpeg-'))
  bench.teardown(() => rm(folder, { recursive: true, force: true }))
  const ports = { camera: 45_210, caller: 45_212, agent: 45_214 }
  const g711 = (port: number) => `m=audio ${port} RTP/AVP 0`
  const sdp = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
  const of = {
    camera: [...sdp, `m=video ${ports.camera} RTP/AVP 96`, 'a=rtpmap:96 VP8/90000'],
    caller: [...sdp, g711(ports.caller)],
    agent: [...sdp, g711(ports.agent)],
  }
  const children = []
  for (const [name, lines] of Object.entries(of)) {
    const file = join(folder, `${name}.sdp`)
    await writeFile(file, `${lines.join('\r\n')}\r\n`)
    const opus = ['-c:a', 'libopus', '-b:a', '24k', join(folder, `${name}.ogg`)]
    const out =
      name === 'camera'
        ? ['-c', 'copy', join(folder, 'camera.webm')]
        : [...opus, '-c:a', 'copy', join(folder, `${name}.wav`)]
    const input = ['-protocol_whitelist', 'file,udp,rtp', '-i', file]
    children.push(
      spawn(FFMPEG, ['-loglevel', 'error', '-y', ...input, ...out], { stdio: ['pipe', 'ignore', 'ignore'] }),
    )
  }
  await sleep(1500)
  const socket = createSocket('udp4')
  const startMs = performance.now()
  await session(
    60_000,
    (_, track, packet) => socket.send(packet, ports[track], '127.0.0.1'),
    atMs => sleep(Math.max(0, startMs + atMs - performance.now())),
  )
  await sleep(500)
  for (const child of children) child.stdin.write('q')
  await Promise.all(
    children.map(async child => {
      const timer = setTimeout(() => child.kill('SIGINT'), 3000)
      await once(child, 'close')
      clearTimeout(timer)
    }),
  )
  socket.close()
  return bytesIn(folder)
}

async function skews(): Promise<number[]> {
  const call = await answeredCall(bench)
  call.answer()
  const { archive, clock } = call
  const ms = 600_000
  const minute = flashingFrames({ codec: 'VP8', seconds: 60, size: '64x64', flashFrames: 3 })
  const random = noise(2)
  const frames = Array.from({ length: 9 }, () => minute).flat()
  await play(clock, [
    ...beepingVoice({
      ...{ archive, track: 'caller-voice', fromMs: 0, toMs: ms, clockFactor: 1.0003 },
      delayMs: () => 30 + random() * 60,
      drop: () => random() < 0.01,
    }),
    ...camera({
      ...{ archive, codec: 'VP8', frames, fromMs: 30_000, ssrc: 1, clockFactor: 0.9997 },
      delayMs: packet => 40 + random() * 60 + (packet % 50 === 3 ? 120 : 0),
    }),
  ])
  clock.ms = ms
  await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const muxer = await testMuxer(bench)
  await muxer.mux(replayRequest(archive.folder))
  const file = join(archive.folder, 'derived/replay.webm')
  const beeps = beepsOf(file, 0)
  const near = (flash: number) => Math.min(...beeps.map(beep => Math.abs(flash - beep)))
  return flashesOf(file)
    .map(near)
    .filter(skew => skew < 400)
}

try {
  const rows: Row[] = []
  let tracks: Record<string, number> = {}
  let derived: Record<string, number> = {}
  for (const length of minutes) {
    const folder = await recorded(length * 60_000)
    const muxer = await testMuxer(bench)
    const run = await measured(muxer.mux(replayRequest(folder)))
    const row: Record<string, number> = {
      'call, min': length,
      'replay and files, s': round(run.wallMs / 1000),
      '× real time': Math.round((length * 60_000) / run.wallMs),
      '× real time on a core of its own': Math.round((length * 60_000) / run.cpuMs),
      'CPU s': round(run.cpuMs / 1000),
      'CPU ms per minute of call': Math.round(run.cpuMs / length),
      'peak memory MB': Math.round(run.peakBytes / 1e6),
    }
    if (length === minutes[0]) {
      tracks = await bytesIn(join(folder, 'tracks'))
      derived = await bytesIn(join(folder, 'derived'))
    }
    // Encoding takes CPU in proportion to the length: the shortest call tells it all.
    if (length === minutes[0]) {
      const mp4 = await measured(muxer.mux({ ...replayRequest(folder), kind: 'mp4' }))
      row['MP4, CPU s per minute'] = round(mp4.cpuMs / 1000 / length)
    }
    rows.push(row)
    await muxer.close()
    await rm(folder, { recursive: true, force: true })
  }
  printTable(`Muxing, VP8 ${kbps} kbit/s and two voices`, rows)

  const found = await skews()
  const skewRow = { 'voice against picture, ms': '10 min, ±300 ppm, 1 % loss', ...spreadCells(found) }
  printTable('A/V skew', [skewRow])

  const plain = await plainFfmpeg()
  const first = minutes[0] ?? 1
  const megabytes = (bytes: number | undefined) => round((bytes ?? 0) / 1e6, 3)
  const sum = (sizes: Record<string, number>, names: readonly string[]) =>
    names.reduce((total, name) => total + (sizes[name] ?? 0), 0)
  const perMinute = (sizes: Record<string, number>, names: readonly string[]) => megabytes(sum(sizes, names) / first)
  const storage: Row[] = [
    {
      'MB per minute of session': 'evidence: RTP journals',
      camera: perMinute(tracks, ['caller-camera-1.rtpj']),
      voices: perMinute(tracks, ['caller-voice-1.rtpj', 'agent-voice-1.rtpj']),
    },
    {
      'MB per minute of session': 'derivatives',
      camera: perMinute(derived, ['camera.webm']),
      voices: perMinute(derived, ['caller.ogg', 'agent.ogg']),
      'both parties mixed': perMinute(derived, ['mixed.ogg']),
      'all in one': perMinute(derived, ['replay.webm']),
    },
    {
      'MB per minute of session': 'plain ffmpeg, WebM and Ogg',
      camera: megabytes(plain['camera.webm']),
      voices: megabytes(sum(plain, ['caller.ogg', 'agent.ogg'])),
    },
    {
      'MB per minute of session': 'plain ffmpeg, voices without loss (WAV)',
      voices: megabytes(sum(plain, ['caller.wav', 'agent.wav'])),
    },
  ]
  printTable('Storage', storage)
  await writeReport('mux', { surroundings: before, kbps, rows, skew: skewRow, storage })
} finally {
  finished()
  for (const fn of undo.reverse()) await fn()
}
