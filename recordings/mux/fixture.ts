import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import type { CallArchive } from '../archive/call-archive.ts'
import { type HandClock, quietLog, rtpPacket, temporaryFolder } from '../fixture.ts'
import type { RtpJournal } from '../tracks/rtp-journal.ts'
import { WorkFolder } from '../vault/work-folder.ts'
import { Muxer, type MuxRequest } from './muxer.ts'

export const FFMPEG = process.env.FFMPEG_BIN ?? '/usr/bin/ffmpeg'

/** A muxer with a work folder of its own; both go away with the test. */
export async function testMuxer(t: { teardown(fn: () => unknown): void }, ffmpegBin = FFMPEG): Promise<Muxer> {
  const work = await WorkFolder.open(await temporaryFolder(t))
  const muxer = Muxer.create({ ffmpegBin, logger: quietLog, work })
  t.teardown(() => muxer.close())
  return muxer
}

export function replayRequest(folder: string): MuxRequest {
  return { kind: 'replay', files: async () => ({ kind: 'plain', folder }) }
}

export function ffmpeg(args: readonly string[]): Buffer {
  const run = spawnSync(FFMPEG, ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args], { maxBuffer: 1 << 28 })
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr?.toString() ?? run.error?.message}`)
  return run.stdout
}

export function ffprobe(args: readonly string[]): string {
  const run = spawnSync(FFMPEG.replace(/ffmpeg$/, 'ffprobe'), ['-v', 'error', ...args], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`ffprobe: ${run.stderr}`)
  return run.stdout.trim()
}

/** A black picture that is white for the first `flashFrames` of every second, from a real encoder; 30 frames a second unless told otherwise. */
export function flashingFrames(o: {
  codec: 'VP8' | 'H264'
  seconds: number
  size: string
  flashFrames: number
  fps?: number
}): Buffer[] {
  const fps = o.fps ?? 30
  const flash = `drawbox=color=white:thickness=fill:enable='lt(mod(n\\,${fps})\\,${o.flashFrames})'`
  const source = `color=black:size=${o.size}:rate=${fps}:duration=${o.seconds},${flash},noise=alls=8:allf=t`
  const input = ['-f', 'lavfi', '-i', source]
  if (o.codec === 'VP8') {
    const ivf = ffmpeg([
      ...[...input, '-c:v', 'libvpx', '-b:v', '600k', '-g', '60', '-deadline', 'realtime'],
      ...['-auto-alt-ref', '0', '-f', 'ivf', 'pipe:1'],
    ])
    const frames: Buffer[] = []
    for (let at = 32; at < ivf.length; ) {
      const length = ivf.readUInt32LE(at)
      frames.push(ivf.subarray(at + 12, at + 12 + length))
      at += 12 + length
    }
    return frames
  }
  const annexB = ffmpeg([
    ...[...input, '-c:v', 'libx264', '-profile:v', 'baseline', '-tune', 'zerolatency', '-g', '60', '-bf', '0'],
    ...['-x264-params', 'slices=1:aud=1:repeat-headers=1', '-pix_fmt', 'yuv420p', '-f', 'h264', 'pipe:1'],
  ])
  // With access unit delimiters (type 9) every frame begins with one.
  const delimiter = Buffer.of(0, 0, 0, 1, 9)
  const starts: number[] = []
  for (let at = annexB.indexOf(delimiter); at !== -1; at = annexB.indexOf(delimiter, at + 1)) starts.push(at)
  return starts.map((start, i) => annexB.subarray(start, starts[i + 1] ?? annexB.length))
}

/** The RTP payloads of a VP8 frame with a 15-bit picture id (RFC 7741), at most `maxBytes` of data each. */
export function vp8Payloads(frame: Buffer, pictureId: number, maxBytes = 1100): Buffer[] {
  const payloads: Buffer[] = []
  for (let at = 0; at < frame.length; at += maxBytes) {
    const descriptor = Buffer.of(at === 0 ? 0x90 : 0x80, 0x80, 0x80 | ((pictureId >> 8) & 0x7f), pictureId & 0xff)
    payloads.push(Buffer.concat([descriptor, frame.subarray(at, at + maxBytes)]))
  }
  return payloads
}

/** The RTP payloads of an H.264 access unit: parameter sets in one STAP-A, long units in FU-A (RFC 6184). */
export function h264Payloads(annexB: Buffer, maxBytes = 1100): Buffer[] {
  const units = splitAnnexB(annexB).filter(unit => ((unit[0] ?? 0) & 0x1f) !== 9)
  const isSet = (unit: Buffer) => [6, 7, 8].includes((unit[0] ?? 0) & 0x1f)
  const sets = units.filter(isSet)
  const payloads: Buffer[] = []
  if (sets.length > 0)
    payloads.push(Buffer.concat([Buffer.of(0x78), ...sets.flatMap(s => [Buffer.of(s.length >> 8, s.length & 255), s])]))
  for (const unit of units.filter(unit => !isSet(unit))) {
    const first = unit[0] ?? 0
    if (unit.length <= maxBytes) {
      payloads.push(unit)
      continue
    }
    for (let at = 1; at < unit.length; at += maxBytes) {
      const end = Math.min(unit.length, at + maxBytes)
      const flags = (at === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0) | (first & 0x1f)
      payloads.push(Buffer.concat([Buffer.of((first & 0xe0) | 28, flags), unit.subarray(at, end)]))
    }
  }
  return payloads
}

function splitAnnexB(bytes: Buffer): Buffer[] {
  const code = Buffer.of(0, 0, 1)
  const units: Buffer[] = []
  for (let at = bytes.indexOf(code); at !== -1; ) {
    const next = bytes.indexOf(code, at + 3)
    let end = next === -1 ? bytes.length : next
    while (end > at + 3 && bytes[end - 1] === 0) end -= 1
    units.push(bytes.subarray(at + 3, end))
    at = next
  }
  return units
}

/** µ-law octet of a linear sample (G.711). */
export function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(32635, Math.abs(sample)) + 132
  const exponent = Math.floor(Math.log2(magnitude)) - 7
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

export type Arrival = {
  readonly atMs: number
  deliver(): void
  /** Bytes of its track that wait for the disk. */
  queuedBytes?(): number
}
/** The call is played faster than in life: a recorder that cannot keep up would rightly drop packets. */
const MAX_WAITING_BYTES = 48 * 1024

/** Delivers everything in order of arrival on the call clock, with time for the disk in between. */
export async function play(clock: HandClock, arrivals: readonly Arrival[]): Promise<void> {
  const behind = [...new Map(arrivals.map(arrival => [arrival.queuedBytes, arrival])).values()]
  for (const [i, arrival] of [...arrivals].sort((a, b) => a.atMs - b.atMs).entries()) {
    clock.ms = Math.max(clock.ms, arrival.atMs)
    arrival.deliver()
    if (i % 200 !== 199) continue
    await setTimeout(2)
    while (behind.some(arrival => (arrival.queuedBytes?.() ?? 0) > MAX_WAITING_BYTES)) await setTimeout(5)
  }
}

/** Deterministic noise 0..1 (mulberry32): a failing run can be repeated. */
export function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A voice that beeps (1 kHz unless told otherwise, 100 ms) at the start of every second, 20 ms PCMU packets. */
export function beepingVoice(o: {
  archive: CallArchive
  track: 'caller-voice' | 'agent-voice'
  fromMs: number
  toMs: number
  hz?: number
  /** The sender's clock against the call's: 1.0003 is 300 ppm fast. */
  clockFactor?: number
  /** Another source from this time on, with numbering of its own. */
  newSourceAtMs?: number
  into?: RtpJournal
  delayMs(): number
  drop?(atMs: number): boolean
}): Arrival[] {
  const voice = { track: o.track, codec: 'PCMU', payloadType: 0, clockRate: 8000 }
  const track = o.into ?? o.archive.openTrack(voice)
  const arrivals: Arrival[] = []
  const queuedBytes = () => track.stats.queuedBytes
  const stepMs = 20 / (o.clockFactor ?? 1)
  const silence = Buffer.alloc(160, muLaw(0))
  for (let atMs = o.fromMs, n = 0; atMs < o.toMs; n++, atMs = o.fromMs + n * stepMs) {
    if (o.drop?.(atMs) === true) continue
    const beeps = atMs % 1000 < 100 || atMs % 1000 > 1000 - stepMs
    const payload = beeps ? Buffer.alloc(160) : silence
    for (let k = 0; beeps && k < 160; k++) {
      const ms = atMs + (k / 160) * stepMs
      const loud = ms % 1000 < 100 ? 12_000 : 0
      payload[k] = muLaw(Math.round(loud * Math.sin((2 * Math.PI * (o.hz ?? 1000) * ms) / 1000)))
    }
    const other = o.newSourceAtMs !== undefined && atMs >= o.newSourceAtMs
    const sequence = (other ? 7 : 65_500) + n
    const timestamp = (other ? 123_456 : 0xffff_f000) + n * 160
    const packet = rtpPacket({ sequence, timestamp, payload, ...(other && { ssrc: 99 }) })
    // A packet leaves when its 20 ms have been spoken.
    arrivals.push({ atMs: atMs + 20 + o.delayMs(), deliver: () => track.rtp(packet), queuedBytes })
  }
  return arrivals
}

/** A camera sending the given encoded frames at the pace of its own, possibly wrong, clock. */
export function camera(o: {
  archive: CallArchive
  codec: 'VP8' | 'H264'
  frames: readonly Buffer[]
  fromMs: number
  ssrc: number
  /** 30 unless told otherwise. */
  fps?: number
  into?: RtpJournal
  clockFactor?: number
  delayMs(packet: number): number
  fate?(packet: number): 'once' | 'twice' | 'never'
}): Arrival[] {
  const payloadType = o.codec === 'VP8' ? 96 : 102
  const fps = o.fps ?? 30
  const picture = { track: 'caller-camera', codec: o.codec, payloadType, clockRate: 90_000 } as const
  const track = o.into ?? o.archive.openTrack(picture)
  const arrivals: Arrival[] = []
  const queuedBytes = () => track.stats.queuedBytes
  let sequence = 65_000
  o.frames.forEach((frame, n) => {
    const sentMs = o.fromMs + (n * 1000) / fps
    const timestamp = Math.round(0xffff_0000 + ((n * 90_000) / fps) * (o.clockFactor ?? 1))
    const payloads = o.codec === 'VP8' ? vp8Payloads(frame, n) : h264Payloads(frame)
    payloads.forEach((payload, i) => {
      const marker = i === payloads.length - 1
      const packet = rtpPacket({ sequence, timestamp, payload, payloadType, ssrc: o.ssrc, marker })
      const index = sequence - 65_000
      sequence += 1
      const fate = o.fate?.(index) ?? 'once'
      const deliver = () => track.rtp(packet)
      if (fate !== 'never') arrivals.push({ atMs: sentMs + o.delayMs(index), deliver, queuedBytes })
      if (fate === 'twice') arrivals.push({ atMs: sentMs + o.delayMs(index) + 30, deliver, queuedBytes })
    })
  })
  return arrivals
}

/** Times (ms) at which one channel of a media file becomes loud after at least 300 ms of quiet. */
export function beepsOf(path: string, channel: 0 | 1): number[] {
  const pcm = ffmpeg(['-i', path, '-map', '0:a', '-ac', '2', '-ar', '8000', '-f', 's16le', 'pipe:1'])
  const onsets: number[] = []
  let quietSince = -10_000
  for (let i = 0; i < pcm.length / 4; i++) {
    if (Math.abs(pcm.readInt16LE(i * 4 + channel * 2)) < 4000) continue
    if (i - quietSince > 2400) onsets.push(i / 8)
    quietSince = i
  }
  return onsets
}

/**
 * Times (ms, to `stepMs`) at which the picture of a media file becomes brighter than `least` (0..255) on average, sampled on
 * its own timeline from 0.
 */
export function flashesOf(path: string, least = 128, stepMs = 5): number[] {
  const gray = ffmpeg([
    ...[
      '-i',
      path,
      '-map',
      '0:v',
      '-vf',
      `scale=1:1,format=gray,fps=${1000 / stepMs}:start_time=0`,
      '-f',
      'rawvideo',
      'pipe:1',
    ],
  ])
  const flashes: number[] = []
  for (let i = 1; i < gray.length; i++)
    if ((gray[i] ?? 0) > least && (gray[i - 1] ?? 0) <= least) flashes.push(i * stepMs)
  return flashes
}
