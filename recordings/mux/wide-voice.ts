import { spawnSync } from 'node:child_process'
import { writeOggOpus } from './ogg-writer.ts'

/** Codecs that are no table: ffmpeg decodes them. */
export type WideCodec = 'G722' | 'opus'
export const isWide = (codec: string | undefined): codec is WideCodec => codec === 'G722' || codec === 'opus'

const RATE_HZ = 8000
const TIMEOUT_MS = 300_000
const MAX_BYTES = 1 << 30
/** G.722 has 64 kbit/s, like G.711: one octet is one sample at 8 kHz. */
const samplesOf = (codec: WideCodec, payload: Buffer): number =>
  codec === 'opus' ? opusSamples(payload) : payload.length

/**
 * Decodes the packets of one stream, in order, to 8 kHz: the sound files of a record are for understanding what was said; who
 * wants the width of the original has the track. Each packet keeps its own length, so that it can be laid where it belongs.
 * @throws Error when ffmpeg fails
 */
export function decodeWide(codec: WideCodec, payloads: readonly Buffer[], ffmpegBin: string): Int16Array[] {
  const lengths = payloads.map(payload => samplesOf(codec, payload))
  const input = codec === 'opus' ? writeOggOpus(payloads, lengths) : Buffer.concat(payloads)
  const from = codec === 'opus' ? ['-f', 'ogg'] : ['-f', 'g722']
  const run = spawnSync(
    ffmpegBin,
    [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...from, '-i', 'pipe:0'],
      ...['-ac', '1', '-ar', String(RATE_HZ), '-bitexact', '-f', 's16le', 'pipe:1'],
    ],
    { input, maxBuffer: MAX_BYTES, timeout: TIMEOUT_MS },
  )
  if (run.status !== 0) throw new Error(`ffmpeg could not decode ${codec}: ${run.stderr?.toString().slice(-200)}`)
  const pcm = new Int16Array(Math.floor(run.stdout.length / 2))
  for (let n = 0; n < pcm.length; n++) pcm[n] = run.stdout.readInt16LE(n * 2)
  let at = 0
  return lengths.map(length => {
    const piece = new Int16Array(length)
    piece.set(pcm.subarray(at, at + length))
    at += length
    return piece
  })
}

/** RFC 6716 section 3.1, at 8 kHz. */
function opusSamples(payload: Buffer): number {
  const toc = payload[0] ?? 0
  const configuration = toc >> 3
  let frame = 20 << (configuration & 3)
  if (configuration < 12) frame = [80, 160, 320, 480][configuration & 3] ?? 0
  else if (configuration < 16) frame = 80 << (configuration & 1)
  const code = toc & 3
  const frames = code === 0 ? 1 : code === 3 ? (payload[1] ?? 0) & 0x3f : 2
  return Math.min(frame * frames, 960)
}
