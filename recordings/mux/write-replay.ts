import { rm } from 'node:fs/promises'
import { join } from 'node:path'
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

export type ReplayVideo = {
  readonly codec: PictureCodec
  readonly startsAtMs: number
  readonly frames: number
  readonly droppedFrames: number
  /** Every size the camera sent, in order of appearance. */
  readonly sizes: readonly { readonly atMs: number; readonly widthPx: number; readonly heightPx: number }[]
  /** A black picture made by the muxer stands from 0 to `startsAtMs`. */
  readonly blackUntilStart: boolean
}

export type ReplayInput = {
  readonly folder: string
  readonly cameras: readonly TrackIndex[]
  readonly opus: OpusStream
  readonly durationMs: number
  readonly ffmpeg: Ffmpeg
}

/**
 * Writes the file that the review page plays: both voices and, copied bit by bit, the camera. VP8 gives replay.webm,
 * H.264 replay.mp4; without a camera it is sound only. Media time is the call clock.
 */
export async function writeReplay(
  input: ReplayInput,
): Promise<{ file: string; video: ReplayVideo | null; remarks: string[] }> {
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
    await writeFile(join(input.folder, 'replay.webm'), input, undefined, [])
    return { file: 'replay.webm', video: null, remarks }
  }

  const files = new Map(cameras.map(camera => [camera.path, new PayloadFile(camera.path)]))
  try {
    const load = (frame: PictureFrame) => payloadsOf(frame, files, codec)
    const { info, sizes } = codec === 'VP8' ? describeVp8(inCall) : describeH264(inCall, load)
    const black = codec === 'VP8' && first.atMs >= 1
    const lead: MediaFrame[] = black
      ? [{ kind: 'video', atMs: 0, key: true, bytes: await input.ffmpeg.blackVp8Frame(first.widthPx, first.heightPx) }]
      : []
    const file = codec === 'VP8' ? 'replay.webm' : 'replay.mkv'
    await writeFile(join(input.folder, file), input, info, videoFrames(lead, inCall, load, codec))
    const { droppedFrames } = line
    const video: ReplayVideo = {
      ...{ codec, startsAtMs: Math.round(first.atMs), frames: inCall.length, droppedFrames, sizes },
      blackUntilStart: black,
    }
    if (codec === 'VP8') return { file, video, remarks }
    await input.ffmpeg.copyToMp4(join(input.folder, file), join(input.folder, 'replay.mp4'))
    await rm(join(input.folder, file))
    return { file: 'replay.mp4', video, remarks }
  } finally {
    for (const file of files.values()) file.close()
  }
}

function codecOf(cameras: readonly TrackIndex[]): PictureCodec | undefined {
  const codecs = cameras.map(camera => camera.header.codec)
  return codecs.find(codec => codec === 'VP8' || codec === 'H264') as PictureCodec | undefined
}

function payloadsOf(frame: PictureFrame, files: ReadonlyMap<string, PayloadFile>, codec: PictureCodec): Buffer[] {
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

function describeVp8(frames: readonly PictureFrame[]): Described {
  const sizes = changes(frames.filter(frame => frame.key))
  // The largest size: players that look at the header only then never cut anything off.
  const widthPx = Math.max(...sizes.map(size => size.widthPx))
  const heightPx = Math.max(...sizes.map(size => size.heightPx))
  return { info: { codecId: 'V_VP8', widthPx, heightPx }, sizes }
}

function describeH264(frames: readonly PictureFrame[], load: (frame: PictureFrame) => Buffer[]): Described {
  for (const frame of frames) {
    if (!frame.key) continue
    const units = nalUnits(load(frame))
    const codecPrivate = avcConfiguration(units)
    const sps = units.find(unit => ((unit[0] ?? 0) & 0x1f) === 7)
    if (codecPrivate === undefined || sps === undefined) continue
    const size = h264Size(sps)
    return { info: { codecId: 'V_MPEG4/ISO/AVC', codecPrivate, ...size }, sizes: changes([{ ...frame, ...size }]) }
  }
  throw new Error('the H.264 track holds no parameter sets')
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

function* audioFrames(opus: OpusStream): Generator<MediaFrame> {
  for (const [i, bytes] of opus.packets.entries()) yield { kind: 'audio', atMs: i * OPUS_FRAME_MS, key: true, bytes }
}

async function writeFile(
  path: string,
  input: ReplayInput,
  info: VideoTrackInfo | undefined,
  video: Iterable<MediaFrame>,
): Promise<void> {
  const { opus, durationMs } = input
  const audio = { opusHead: opus.head, preSkip: opus.preSkip, channels: 2 }
  const writer = new WebmWriter(path, { audio, durationMs, app: APP, ...(info === undefined ? {} : { video: info }) })
  try {
    const sound = audioFrames(opus)
    let next = sound.next()
    for (const picture of video) {
      for (; !next.done && next.value.atMs < picture.atMs; next = sound.next()) writer.write(next.value)
      writer.write(picture)
    }
    for (; !next.done; next = sound.next()) writer.write(next.value)
  } finally {
    writer.close()
  }
}
