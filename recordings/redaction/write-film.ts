import { setImmediate } from 'node:timers/promises'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import type { Ffmpeg } from '../mux/ffmpeg.ts'
import { nalUnits } from '../mux/h264.ts'
import { h264Size } from '../mux/h264-size.ts'
import { ivfFrame, ivfHeader } from '../mux/ivf.ts'
import type { OpusStream } from '../mux/ogg-packets.ts'
import type { TrackIndex } from '../mux/packet-runs.ts'
import { PayloadFile } from '../mux/payload-file.ts'
import { drawPictureLine, type PictureCodec, type PictureFrame } from '../mux/picture-frames.ts'
import { isVp8Key } from '../mux/vp8.ts'
import { type MediaFrame, WebmWriter } from '../mux/webm-writer.ts'
import { audioFrames, codecOf, payloadsOf } from '../mux/write-replay.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { coverYuv, yuvBytes } from './cover-film.ts'
import { coveredBoxes, type FilmSpan, type Recoding, recodings } from './film-plan.ts'

const START_CODE = Buffer.of(0, 0, 0, 1)
const FRAMES_A_TURN = 100

export type FilmInput = {
  readonly files: Pick<CallFiles, 'openSync'>
  readonly track: TrackName
  readonly tracks: readonly TrackIndex[]
  readonly spans: readonly FilmSpan[]
  readonly opus: OpusStream
  readonly durationMs: number
  readonly ffmpeg: Ffmpeg
  readonly signal: AbortSignal
  /** The file to write. */
  readonly path: string
  onProgress(done: number): void
}
export type WrittenFilm = {
  readonly video: boolean
  readonly coveredFrames: number
  readonly remarks: readonly string[]
}
type Sized = PictureFrame & { readonly widthPx: number; readonly heightPx: number }

/**
 * Writes both (already covered) voices and the film with its boxes covered into one WebM on the call clock. Frames from which
 * nothing is taken keep their very bytes, up to the first covered one and again from the next key frame on.
 * @throws FfmpegError, or Error when a single frame cannot be covered: then nothing is made at all
 */
export async function writeFilm(o: FilmInput): Promise<WrittenFilm> {
  const codec = codecOf(o.tracks)
  const tracks = o.tracks.filter(track => track.header.codec === codec)
  const remarks = o.tracks.flatMap(track =>
    track.header.codec === codec ? [] : [`${track.path}: ${track.header.codec} left out of the film`],
  )
  const payloads = new Map(tracks.map(track => [track.path, new PayloadFile(o.files.openSync(track.path))]))
  try {
    const load = (frame: PictureFrame, as: PictureCodec) => payloadsOf(frame, payloads, as)
    const frames = codec === undefined ? [] : sized(drawPictureLine(tracks, codec).frames, codec, load, o.durationMs)
    if (codec === undefined || frames.length === 0) {
      if (o.tracks.length > 0) remarks.push(`no whole picture in the tracks of ${o.track}`)
      await write(o, undefined, (async function* () {})(), 0)
      return { video: false, coveredFrames: 0, remarks }
    }
    const boxes = coveredBoxes(frames, o.spans, o.durationMs)
    const runs = recodings(frames, boxes, codec === 'H264')
    const widthPx = Math.max(...frames.map(frame => frame.widthPx))
    const heightPx = Math.max(...frames.map(frame => frame.heightPx))
    const encoded = (frame: PictureFrame) =>
      codec === 'VP8'
        ? Buffer.concat(load(frame, codec))
        : Buffer.concat(nalUnits(load(frame, codec)).flatMap(unit => [START_CODE, unit]))
    const recode = (run: Recoding) =>
      o.ffmpeg.recodeToVp8({
        ...{
          format: codec === 'VP8' ? ('ivf' as const) : ('h264' as const),
          pictureBytes: yuvBytes(run.widthPx, run.heightPx),
        },
        ...{ widthPx: run.widthPx, heightPx: run.heightPx, frames: input(frames, run, encoded, codec) },
        change: (picture, n) => {
          if (run.from + n >= run.end) throw new Error('the film decodes to more pictures than it has frames')
          coverYuv(picture, run.widthPx, run.heightPx, boxes[run.from + n] ?? [])
          return run.from + n >= run.first
        },
      })
    await write(o, { widthPx, heightPx }, pictures(o, { frames, runs, encoded, recode }), frames.length)
    return { video: true, coveredFrames: boxes.filter(one => one.length > 0).length, remarks }
  } finally {
    for (const file of payloads.values()) file.close()
  }
}

/** Every frame with the size of its picture, which only key frames tell. */
function sized(
  frames: readonly PictureFrame[],
  codec: PictureCodec,
  load: (frame: PictureFrame, codec: PictureCodec) => Buffer[],
  durationMs: number,
): Sized[] {
  const all: Sized[] = []
  let size: { widthPx: number; heightPx: number } | undefined
  for (const frame of frames) {
    if (frame.atMs >= durationMs) break
    if (frame.key && codec === 'VP8') size = { widthPx: frame.widthPx, heightPx: frame.heightPx }
    if (frame.key && codec === 'H264') {
      const sps = nalUnits(load(frame, codec)).find(unit => ((unit[0] ?? 0) & 0x1f) === 7)
      if (sps !== undefined) size = h264Size(sps)
    }
    if (size !== undefined) all.push({ ...frame, ...size })
  }
  return all
}

function* input(
  frames: readonly Sized[],
  run: Recoding,
  encoded: (frame: Sized) => Buffer,
  codec: PictureCodec,
): Generator<Buffer> {
  if (codec === 'VP8') yield ivfHeader(run.widthPx, run.heightPx)
  for (const [n, frame] of frames.slice(run.from, run.end).entries())
    yield codec === 'VP8' ? ivfFrame(encoded(frame), n) : encoded(frame)
}

async function* pictures(
  o: FilmInput,
  film: {
    readonly frames: readonly Sized[]
    readonly runs: readonly Recoding[]
    encoded(frame: Sized): Buffer
    recode(run: Recoding): AsyncGenerator<Buffer>
  },
): AsyncGenerator<MediaFrame> {
  const { frames, runs } = film
  const first = frames[0]
  let last = -1
  const place = (frame: Sized) => {
    // Two frames in one millisecond would be a decoder's division by zero.
    last = Math.max(last + 1, Math.round(frame.atMs))
    return last
  }
  if (first !== undefined && first.atMs >= 1) {
    last = 0
    const bytes = await o.ffmpeg.blackVp8Frame(first.widthPx, first.heightPx)
    yield { kind: 'video', atMs: 0, key: true, bytes }
  }
  let at = 0
  for (const run of [...runs, undefined]) {
    for (; at < (run?.first ?? frames.length); at++) {
      const frame = frames[at]
      if (frame) yield { kind: 'video', atMs: place(frame), key: frame.key, bytes: film.encoded(frame) }
    }
    if (run === undefined) return
    for await (const bytes of film.recode(run)) {
      const frame = frames[at++]
      if (!frame || at > run.end) throw new Error('more frames came back than went in')
      yield { kind: 'video', atMs: place(frame), key: isVp8Key(bytes), bytes: Buffer.from(bytes) }
    }
    if (at !== run.end) throw new Error(`${run.end - at} frames did not come back and would be missing`)
  }
}

async function write(
  o: FilmInput,
  size: { readonly widthPx: number; readonly heightPx: number } | undefined,
  film: AsyncIterable<MediaFrame>,
  count: number,
): Promise<void> {
  const writer = new WebmWriter(o.path, {
    ...{ durationMs: o.durationMs, app: 'tongping' },
    audio: { opusHead: o.opus.head, preSkip: o.opus.preSkip, channels: 2 },
    ...(size && { video: { codecId: 'V_VP8', ...size } }),
  })
  try {
    const sound = audioFrames(o.opus)
    let next = sound.next()
    let n = 0
    for await (const picture of film) {
      for (; !next.done && next.value.atMs < picture.atMs; next = sound.next()) writer.write(next.value)
      writer.write(picture)
      n += 1
      if (n % FRAMES_A_TURN !== 0) continue
      o.onProgress(n / Math.max(1, count))
      await setImmediate()
      o.signal.throwIfAborted()
    }
    for (; !next.done; next = sound.next()) writer.write(next.value)
  } finally {
    writer.close()
  }
}
