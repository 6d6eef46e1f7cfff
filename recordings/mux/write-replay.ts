import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { CallFiles } from '../vault/call-files.ts'
import type { ReplayVideo } from './derived-manifest.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { avcConfiguration, lengthPrefixed, nalUnits } from './h264.ts'
import { h264Size } from './h264-size.ts'
import type { OpusStream } from './ogg-packets.ts'
import type { TrackIndex } from './packet-runs.ts'
import { PayloadFile } from './payload-file.ts'
import { drawPictureLine, type PictureCodec, type PictureFrame } from './picture-frames.ts'
import { parseVp8 } from './vp8.ts'
import { type MediaFrame, type VideoTrackInfo, WebmWriter } from './webm-writer.ts'

const APP = 'tongping'
const OPUS_FRAME_MS = 20
/** So often the process looks up from writing: to end when asked to, and to say how far it is. */
const FRAMES_A_TURN = 250

export type ReplayInput = {
  readonly files: Pick<CallFiles, 'openSync'>
  /** Where the files are made. */
  readonly folder: string
  /** `replay` of a camera, `screen` of a shared screen. */
  readonly name: string
  /** Name of a second file with the picture alone, copied bit by bit. */
  readonly pictureName?: string
  readonly cameras: readonly TrackIndex[]
  readonly opus: OpusStream
  readonly durationMs: number
  readonly ffmpeg: Ffmpeg
  readonly signal: AbortSignal
  onProgress(done: number): void
}

export type WrittenReplay = {
  readonly file: string
  /** The picture alone; absent when there is none. */
  readonly pictureFile: string | undefined
  readonly video: ReplayVideo | null
  readonly remarks: readonly string[]
}

/**
 * Writes the file that the review page plays: both voices and, copied bit by bit, the camera. VP8 gives WebM, H.264 MP4;
 * without a camera it is sound only. Media time is the call clock.
 */
export async function writeReplay(input: ReplayInput): Promise<WrittenReplay> {
  const remarks: string[] = []
  const codec = codecOf(input.cameras)
  const cameras = input.cameras.filter(camera => camera.header.codec === codec)
  for (const camera of input.cameras)
    if (camera.header.codec !== codec)
      remarks.push(`${camera.header.track}-${camera.header.segment}: ${camera.header.codec} left out of the replay`)
  const line = codec === undefined ? undefined : drawPictureLine(cameras, codec)
  const inCall = (line?.frames ?? []).filter(frame => frame.atMs < input.durationMs)
  const first = inCall[0]
  if (codec === undefined || line === undefined || first === undefined) {
    if (input.cameras.length > 0) remarks.push('no whole picture in the camera tracks')
    const file = `${input.name}.webm`
    await write(input, [open(input, file, { sound: true })], [])
    return { file, pictureFile: undefined, video: null, remarks }
  }

  const payloads = new Map(cameras.map(camera => [camera.path, new PayloadFile(input.files.openSync(camera.path))]))
  try {
    const load = (frame: PictureFrame) => payloadsOf(frame, payloads, codec)
    const { info, sizes } = codec === 'VP8' ? describeVp8(inCall) : describeH264(inCall, load)
    const black = codec === 'VP8' && first.atMs >= 1
    const lead: MediaFrame[] = black
      ? [{ kind: 'video', atMs: 0, key: true, bytes: await input.ffmpeg.blackVp8Frame(first.widthPx, first.heightPx) }]
      : []
    const end = codec === 'VP8' ? 'webm' : 'mkv'
    const names = [input.name, ...(input.pictureName === undefined ? [] : [input.pictureName])]
    const outputs = names.map((name, i) => open(input, `${name}.${end}`, { video: info, sound: i === 0 }))
    await write(input, outputs, videoFrames(lead, inCall, load, codec), { lead: lead.length, frames: inCall.length })
    const { droppedFrames } = line
    const video: ReplayVideo = {
      ...{ codec, startsAtMs: Math.round(first.atMs), frames: inCall.length, droppedFrames, sizes },
      blackUntilStart: black,
    }
    const made = codec === 'VP8' ? names.map(name => `${name}.webm`) : await toMp4(input, names)
    return { file: made[0] ?? '', pictureFile: made[1], video, remarks }
  } finally {
    for (const file of payloads.values()) file.close()
  }
}

/** WebM holds no H.264. */
async function toMp4(input: ReplayInput, names: readonly string[]): Promise<string[]> {
  const made: string[] = []
  for (const name of names) {
    const from = join(input.folder, `${name}.mkv`)
    await input.ffmpeg.copyToMp4(from, join(input.folder, `${name}.mp4`))
    await rm(from)
    made.push(`${name}.mp4`)
  }
  return made
}

export function codecOf(cameras: readonly TrackIndex[]): PictureCodec | undefined {
  const codecs = cameras.map(camera => camera.header.codec)
  return codecs.find(codec => codec === 'VP8' || codec === 'H264') as PictureCodec | undefined
}

export function payloadsOf(
  frame: PictureFrame,
  files: ReadonlyMap<string, PayloadFile>,
  codec: PictureCodec,
): Buffer[] {
  const file = files.get(frame.path)
  if (file === undefined) throw new Error('frame of an unknown track')
  return frame.packets
    .filter(packet => packet.payloadBytes > 0)
    .map(packet => {
      const skip = codec === 'VP8' ? (parseVp8(packet.head)?.descriptorBytes ?? 0) : 0
      // Copied: the file's window moves on with the next packet.
      return Buffer.from(file.read(packet.payloadOffset + skip, packet.payloadBytes - skip))
    })
}

type Described = { info: VideoTrackInfo; sizes: ReplayVideo['sizes'] }

export function describeVp8(frames: readonly PictureFrame[]): Described {
  const sizes = changes(frames.filter(frame => frame.key))
  // The largest size: players that look at the header only then never cut anything off.
  const widthPx = Math.max(...sizes.map(size => size.widthPx))
  const heightPx = Math.max(...sizes.map(size => size.heightPx))
  return { info: { codecId: 'V_VP8', widthPx, heightPx }, sizes }
}

function describeH264(frames: readonly PictureFrame[], load: (frame: PictureFrame) => Buffer[]): Described {
  let codecPrivate: Buffer | undefined
  const keys: { atMs: number; widthPx: number; heightPx: number }[] = []
  for (const frame of frames) {
    if (!frame.key) continue
    const units = nalUnits(load(frame))
    const sps = units.find(unit => ((unit[0] ?? 0) & 0x1f) === 7)
    if (sps === undefined) continue
    codecPrivate ??= avcConfiguration(units)
    keys.push({ atMs: frame.atMs, ...h264Size(sps) })
  }
  const sizes = changes(keys)
  if (codecPrivate === undefined) throw new Error('the H.264 track holds no parameter sets')
  const widthPx = Math.max(...sizes.map(size => size.widthPx))
  const heightPx = Math.max(...sizes.map(size => size.heightPx))
  return { info: { codecId: 'V_MPEG4/ISO/AVC', codecPrivate, widthPx, heightPx }, sizes }
}

function changes(keys: readonly { atMs: number; widthPx: number; heightPx: number }[]): ReplayVideo['sizes'] {
  const sizes = keys.map(({ atMs, widthPx, heightPx }) => ({ atMs: Math.round(atMs), widthPx, heightPx }))
  return sizes.filter((s, i) => s.widthPx !== sizes[i - 1]?.widthPx || s.heightPx !== sizes[i - 1]?.heightPx)
}

function* videoFrames(
  lead: readonly MediaFrame[],
  frames: readonly PictureFrame[],
  load: (frame: PictureFrame) => Buffer[],
  codec: PictureCodec,
): Generator<MediaFrame> {
  yield* lead
  let last = lead.length > 0 ? 0 : -1
  for (const frame of frames) {
    const payloads = load(frame)
    const bytes = codec === 'VP8' ? Buffer.concat(payloads) : lengthPrefixed(nalUnits(payloads))
    // Two frames in one millisecond would be a decoder's division by zero.
    last = Math.max(last + 1, Math.round(frame.atMs))
    yield { kind: 'video', atMs: last, key: frame.key, bytes }
  }
}

export function* audioFrames(opus: OpusStream): Generator<MediaFrame> {
  for (const [i, bytes] of opus.packets.entries()) yield { kind: 'audio', atMs: i * OPUS_FRAME_MS, key: true, bytes }
}

type Output = { readonly writer: WebmWriter; readonly sound: boolean }

function open(input: ReplayInput, file: string, o: { video?: VideoTrackInfo; sound: boolean }): Output {
  const { opus, durationMs } = input
  const audio = { opusHead: opus.head, preSkip: opus.preSkip, channels: 2 }
  const writer = new WebmWriter(join(input.folder, file), {
    ...{ durationMs, app: APP },
    ...(o.sound && { audio }),
    ...(o.video && { video: o.video }),
  })
  return { writer, sound: o.sound }
}

/** Both files at once: each picture is read, and with a vault decrypted, only once. */
async function write(
  input: ReplayInput,
  outputs: readonly Output[],
  pictures: Iterable<MediaFrame>,
  count = { lead: 0, frames: 0 },
): Promise<void> {
  const withSound = outputs.filter(output => output.sound)
  const say = (frame: MediaFrame) => {
    for (const { writer } of withSound) writer.write(frame)
  }
  try {
    const sound = audioFrames(input.opus)
    let next = sound.next()
    let n = 0
    for (const picture of pictures) {
      for (; !next.done && next.value.atMs < picture.atMs; next = sound.next()) say(next.value)
      // The muxer's own black picture is no part of what the camera sent.
      for (const output of outputs) if (output.sound || n >= count.lead) output.writer.write(picture)
      n += 1
      if (n % FRAMES_A_TURN !== 0) continue
      input.onProgress(n / Math.max(1, count.frames))
      await setImmediate()
      input.signal.throwIfAborted()
    }
    for (; !next.done; next = sound.next()) say(next.value)
  } finally {
    for (const { writer } of outputs) writer.close()
  }
}
