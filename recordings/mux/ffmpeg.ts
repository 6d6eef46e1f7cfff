import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** ffmpeg ended with an error; the last lines that it said are in the message. */
export class FfmpegError extends Error {
  override name = 'FfmpegError'
}

/** The only file that knows ffmpeg. Every run is bounded by the signal and inherits the low priority of this process. */
export class Ffmpeg {
  readonly #bin: string
  readonly #signal: AbortSignal

  constructor(bin: string, signal: AbortSignal) {
    this.#bin = bin
    this.#signal = signal
  }

  /**
   * Encodes both voices at once: `stereo` (left caller, right agent) and one file for each.
   * `pieces` yields interleaved 16-bit samples.
   */
  async encodeVoices(
    pieces: Iterable<Buffer>,
    o: { rateHz: number; stereo: string; caller: string; agent: string },
  ): Promise<void> {
    const graph = '[0:a]asplit=3[s][x][y];[x]pan=mono|c0=c0[c];[y]pan=mono|c0=c1[a]'
    const opus = ['-c:a', 'libopus', '-application', 'audio', '-frame_duration', '20', '-vbr', 'on']
    await this.#run(
      [
        ...['-f', 's16le', '-ar', String(o.rateHz), '-ac', '2', '-i', 'pipe:0', '-filter_complex', graph],
        ...['-map', '[s]', ...opus, '-b:a', '64k', '-f', 'ogg', o.stereo],
        ...['-map', '[c]', ...opus, '-b:a', '24k', '-f', 'ogg', o.caller],
        ...['-map', '[a]', ...opus, '-b:a', '24k', '-f', 'ogg', o.agent],
      ],
      pieces,
    )
  }

  /** One black VP8 key frame, as an IVF file's only frame. */
  async blackVp8Frame(widthPx: number, heightPx: number): Promise<Buffer> {
    const source = `color=black:size=${widthPx}x${heightPx}:rate=1`
    const ivf = await this.#run([
      ...['-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', 'libvpx', '-b:v', '200k', '-f', 'ivf', 'pipe:1'],
    ])
    // IVF: 32 bytes of file header, then 12 bytes of frame header beginning with the length.
    return Buffer.from(ivf.subarray(44, 44 + ivf.readUInt32LE(32)))
  }

  /** Copies the streams of a Matroska file into MP4, index first, offsets kept. */
  async copyToMp4(from: string, to: string): Promise<void> {
    await this.#run(['-copyts', '-i', from, '-map', '0', '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', to])
  }

  async #run(args: readonly string[], input: Iterable<Buffer> = []): Promise<Buffer> {
    const child = spawn(this.#bin, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: this.#signal,
      killSignal: 'SIGKILL',
    })
    const output: Buffer[] = []
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-600)
    })
    // ffmpeg may end before it has read everything; its exit code tells, not the broken pipe.
    child.stdin.on('error', () => undefined)
    const ended = once(child, 'close') as Promise<[number | null]>
    ended.catch(() => undefined)
    for (const piece of input) {
      if (child.stdin.destroyed || child.exitCode !== null) break
      if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain').catch(() => undefined), ended])
    }
    child.stdin.end()
    const [code] = await ended
    if (code !== 0) throw new FfmpegError(`ffmpeg ended with ${code}: ${said.trim()}`)
    return Buffer.concat(output)
  }
}
