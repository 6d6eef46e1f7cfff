import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MUSIC_RATE_HZ, PreparedMusic } from './hold-music.ts'
import { opusPacketsOf } from './ogg-packets.ts'
import type { VoiceCodec } from './voice-codec.ts'

/** Longer music starts over before anybody has held so long that it matters; it bounds the memory (25 MB in all codecs). */
const MAX_SECONDS = 600
const TIMEOUT_MS = 60_000
const G722_FRAME_BYTES = 160

/** The file cannot be played: it is missing, no sound, or too short. */
export class HoldMusicUnusable extends Error {
  override name = 'HoldMusicUnusable'
}

type Source = { readonly file: string; readonly ffmpegBin: string; readonly signal?: AbortSignal }

/**
 * Reads the operator's music with ffmpeg in child processes, once at the start: any format it knows, the first ten minutes,
 * one channel, in the codecs that calls may have. Throws HoldMusicUnusable.
 */
export async function loadHoldMusic(o: Source & { codecs?: readonly VoiceCodec[] }): Promise<PreparedMusic> {
  const pcm = await run(o, ['-ar', String(MUSIC_RATE_HZ), '-f', 's16le'])
  const samples = new Int16Array(Math.floor(pcm.length / 2))
  for (let n = 0; n < samples.length; n++) samples[n] = pcm.readInt16LE(n * 2)
  if (samples.length < MUSIC_RATE_HZ) throw new HoldMusicUnusable('the hold music is shorter than a second')
  const coded = new Map<VoiceCodec, readonly Buffer[]>()
  if (o.codecs?.includes('G722') === true) {
    const bytes = await run(o, ['-ar', '16000', '-c:a', 'g722', '-f', 'g722'])
    const frames = Math.floor(bytes.length / G722_FRAME_BYTES)
    const at = (n: number) => bytes.subarray(n * G722_FRAME_BYTES, (n + 1) * G722_FRAME_BYTES)
    coded.set(
      'G722',
      Array.from({ length: frames }, (_, n) => at(n)),
    )
  }
  if (o.codecs?.includes('opus') === true) {
    const quality = ['-c:a', 'libopus', '-b:a', '24k', '-frame_duration', '20', '-f', 'ogg']
    coded.set('opus', opusPacketsOf(await run(o, quality)))
  }
  return new PreparedMusic(samples, coded)
}

async function run(o: Source, to: readonly string[]): Promise<Buffer> {
  const from = ['-nostdin', '-v', 'error', '-t', String(MAX_SECONDS), '-i', `file:${o.file}`, '-vn', '-ac', '1']
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const child = spawn(o.ffmpegBin, [...from, ...to, 'pipe:1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: o.signal === undefined ? timeout : AbortSignal.any([o.signal, timeout]),
  })
  const out: Buffer[] = []
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-500)
  })
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new HoldMusicUnusable(`the hold music cannot be read: ${complaint.trim()}`)
  } catch (error) {
    if (error instanceof HoldMusicUnusable) throw error
    throw new HoldMusicUnusable('the hold music cannot be read', { cause: error })
  }
  return Buffer.concat(out)
}
