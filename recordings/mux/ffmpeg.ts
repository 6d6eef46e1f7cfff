import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chunksOf, ivfFrames } from './ivf.ts'

/** ffmpeg ended with an error; the last lines that it said are in the message. */
export class FfmpegError extends Error {
  override name = 'FfmpegError'
  readonly diskFull: boolean
  constructor(message: string, diskFull: boolean) {
    super(message)
    this.diskFull = diskFull
  }
}

/** No encoder names, dates, random serial numbers or threads in what is written: the same input gives the same bytes. */
const EXACT = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact', '-threads', '1']
const OPUS = [...['-c:a', 'libopus', '-application', 'audio', '-frame_duration', '20', '-vbr', 'on'], ...EXACT]
const DISK_FULL = /No space left on device|Disk quota exceeded|File too large/

export type VoiceOutputs = {
  /** Left caller, right agent. */
  readonly stereo: string
  readonly caller: string
  readonly agent: string
  /** Both in one channel at half level each: two loud voices together never clip. */
  readonly mixed: string
}

export type Mp4Plan = {
  /** The sizes of a stream that is decoded are fitted into this one; undefined: the stream is H.264 and copied. */
  readonly fit: { readonly widthPx: number; readonly heightPx: number } | undefined
  readonly hasVideo: boolean
}

/** The only file that knows ffmpeg. Every run is bounded by the signal and inherits the low priority of this process. */
export class Ffmpeg {
  readonly #bin: string
  readonly #signal: AbortSignal

  constructor(bin: string, signal: AbortSignal) {
    this.#bin = bin
    this.#signal = signal
  }

  /** `ffmpeg version 5.1.9-0+deb12u1 …`: what the derivatives' manifest names as the tool. */
  async version(): Promise<string> {
    const said = await this.#run(['-version'], [])
    return said.toString('utf8').split('\n', 1)[0]?.split(' Copyright')[0]?.trim() ?? 'unknown'
  }

  /** Encodes both voices at once. `pieces` yields interleaved 16-bit samples, caller first. */
  async encodeVoices(pieces: Iterable<Buffer>, o: { readonly rateHz: number } & VoiceOutputs): Promise<void> {
    const graph = '[0:a]asplit=4[s][x][y][z];[x]pan=mono|c0=c0[c];[y]pan=mono|c0=c1[a];[z]pan=mono|c0=0.5*c0+0.5*c1[m]'
    await this.#run(
      [
        ...['-f', 's16le', '-ar', String(o.rateHz), '-ac', '2', '-i', 'pipe:0', '-filter_complex', graph],
        ...['-map', '[s]', ...OPUS, '-b:a', '64k', '-f', 'ogg', o.stereo],
        ...['-map', '[c]', ...OPUS, '-b:a', '24k', '-f', 'ogg', o.caller],
        ...['-map', '[a]', ...OPUS, '-b:a', '24k', '-f', 'ogg', o.agent],
        ...['-map', '[m]', ...OPUS, '-b:a', '24k', '-f', 'ogg', o.mixed],
      ],
      pieces,
    )
  }

  /** One black VP8 key frame, as an IVF file's only frame. */
  async blackVp8Frame(widthPx: number, heightPx: number): Promise<Buffer> {
    const source = `color=black:size=${widthPx}x${heightPx}:rate=1`
    const ivf = await this.#run([
      ...['-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', 'libvpx', '-b:v', '200k', ...EXACT],
      ...['-f', 'ivf', 'pipe:1'],
    ])
    // IVF: 32 bytes of file header, then 12 bytes of frame header beginning with the length.
    return Buffer.from(ivf.subarray(44, 44 + ivf.readUInt32LE(32)))
  }

  /** Copies the streams of a Matroska file into MP4, index first, offsets kept. */
  async copyToMp4(from: string, to: string): Promise<void> {
    await this.#run(['-copyts', '-i', from, '-map', '0', '-c', 'copy', ...EXACT, ...MP4, to])
  }

  /**
   * H.264 and AAC of a replay that comes as a stream, for programs that know nothing else. Times are kept; every size of
   * the picture is fitted, undistorted, into one.
   */
  async toMp4(
    replay: AsyncIterable<Uint8Array>,
    to: string,
    plan: Mp4Plan,
    onTime: (doneMs: number) => void,
  ): Promise<void> {
    await this.#run(
      [
        ...['-copyts', '-progress', 'pipe:1', '-nostats', '-i', 'pipe:0'],
        ...['-map', '0:a', '-c:a', 'aac', '-b:a', '96k'],
        ...(plan.hasVideo ? ['-map', '0:v', ...pictureOptions(plan.fit)] : []),
        ...EXACT,
        ...MP4,
        to,
      ],
      replay,
      said => {
        for (const [, us] of said.matchAll(/^out_time_us=(\d+)$/gm)) onTime(Number(us) / 1000)
      },
    )
  }

  /**
   * Decodes frames, lets each picture (4:2:0, `WxH`) be changed, and encodes them as VP8: as many frames as came in, in the same
   * order, the first a key frame. `change` answers false for a picture that only leads up to the wanted ones.
   * @throws FfmpegError; Error when frames got lost on the way
   */
  async *recodeToVp8(o: {
    readonly format: 'ivf' | 'h264'
    readonly frames: Iterable<Buffer>
    readonly widthPx: number
    readonly heightPx: number
    /** Of one raw picture. */
    readonly pictureBytes: number
    change(picture: Buffer, n: number): boolean
  }): AsyncGenerator<Buffer> {
    const size = `${o.widthPx}x${o.heightPx}`
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p']
    const decoder = this.#pipe([
      ...['-threads', '1', '-f', o.format, '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough'],
      ...['-flags', '+bitexact', '-s', size, ...raw, 'pipe:1'],
    ])
    const encoder = this.#pipe([
      ...[...raw, '-s', size, '-framerate', '30', '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough'],
      ...['-c:v', 'libvpx', '-deadline', 'good', '-cpu-used', '4', '-crf', '4', '-qmin', '0', '-qmax', '24'],
      ...['-b:v', '12M', '-g', '120', '-auto-alt-ref', '0', '-lag-in-frames', '0', ...EXACT, '-f', 'ivf', 'pipe:1'],
    ])
    let decoded = 0
    let wanted = 0
    const pump = async () => {
      for await (const picture of chunksOf(decoder.out, o.pictureBytes)) {
        if (!o.change(picture, decoded++)) continue
        wanted += 1
        await encoder.write(picture)
      }
      await decoder.ended
      encoder.end()
    }
    const feed = async () => {
      for (const frame of o.frames) await decoder.write(frame)
      decoder.end()
    }
    const working = Promise.all([feed(), pump()])
    working.catch(() => {
      decoder.stop()
      encoder.stop()
    })
    let encoded = 0
    try {
      for await (const frame of ivfFrames(encoder.out)) {
        encoded += 1
        yield frame
      }
      await Promise.all([working, encoder.ended])
    } finally {
      decoder.stop()
      encoder.stop()
      await Promise.allSettled([working, decoder.ended, encoder.ended])
    }
    if (encoded !== wanted) throw new Error(`${wanted} pictures gave ${encoded} frames`)
  }

  /** One run with both ends open. */
  #pipe(args: readonly string[]) {
    const child = this.#spawn(args)
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-600)
    })
    child.stdin.on('error', () => undefined)
    const ended = (once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>).then(([code, signal]) => {
      if (code !== 0) throw new FfmpegError(`ffmpeg ended with ${code ?? signal}: ${said.trim()}`, DISK_FULL.test(said))
    })
    ended.catch(() => undefined)
    return {
      out: child.stdout as AsyncIterable<Buffer>,
      ended,
      end: () => child.stdin.end(),
      stop: () => {
        if (child.exitCode === null) child.kill('SIGKILL')
      },
      async write(bytes: Buffer): Promise<void> {
        if (child.stdin.destroyed || child.exitCode !== null) return
        if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), ended]).catch(() => undefined)
      },
    }
  }

  #spawn(args: readonly string[]) {
    return spawn(this.#bin, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: this.#signal,
      killSignal: 'SIGKILL',
    })
  }

  async #run(
    args: readonly string[],
    input: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = [],
    onOutput?: (text: string) => void,
  ): Promise<Buffer> {
    const child = this.#spawn(args)
    const output: Buffer[] = []
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => {
      if (onOutput === undefined) output.push(bytes)
      else onOutput(bytes.toString('latin1'))
    })
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-600)
    })
    // ffmpeg may end before it has read everything; its exit code tells, not the broken pipe.
    child.stdin.on('error', () => undefined)
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    ended.catch(() => undefined)
    for await (const piece of input) {
      if (child.stdin.destroyed || child.exitCode !== null) break
      if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain').catch(() => undefined), ended])
    }
    child.stdin.end()
    const [code, signal] = await ended
    if (code !== 0)
      throw new FfmpegError(
        `ffmpeg ended with ${code ?? signal}: ${said.trim()}`,
        DISK_FULL.test(said) || signal === 'SIGXFSZ',
      )
    return Buffer.concat(output)
  }
}

const MP4 = ['-movflags', '+faststart', '-f', 'mp4']

function pictureOptions(fit: Mp4Plan['fit']): string[] {
  if (fit === undefined) return ['-c:v', 'copy']
  const { widthPx, heightPx } = fit
  const size = `${widthPx}:${heightPx}`
  const scale = `scale=${size}:force_original_aspect_ratio=decrease,pad=${size}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p`
  return [
    ...['-vf', scale, '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21'],
    // A key frame every five seconds of time, however few pictures they hold: pauses must not make seeking slow.
    ...['-bf', '0', '-force_key_frames', 'expr:gte(t,n_forced*5)', '-video_track_timescale', '1000'],
  ]
}
