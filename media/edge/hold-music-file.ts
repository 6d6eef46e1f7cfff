import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MUSIC_RATE_HZ, PreparedMusic } from './hold-music.ts'

/** Longer music starts over before anybody has held so long that it matters; it bounds the memory (10 MB). */
const MAX_SECONDS = 600
const TIMEOUT_MS = 60_000

/** The file cannot be played: it is missing, no sound, or too short. */
export class HoldMusicUnusable extends Error {
  override name = 'HoldMusicUnusable'
}

/**
 * Reads the operator's music with ffmpeg in a child process, once at the start: any format it knows, the first ten minutes,
 * as 8 kHz mono. Throws HoldMusicUnusable.
 */
export async function loadHoldMusic(o: {
  file: string
  ffmpegBin: string
  signal?: AbortSignal
}): Promise<PreparedMusic> {
  const pcm = await decode(o, ['-ar', String(MUSIC_RATE_HZ), '-f', 's16le'])
  const samples = new Int16Array(Math.floor(pcm.length / 2))
  for (let n = 0; n < samples.length; n++) samples[n] = pcm.readInt16LE(n * 2)
  if (samples.length < MUSIC_RATE_HZ) throw new HoldMusicUnusable('the hold music is shorter than a second')
  return new PreparedMusic(samples)
}

async function decode(
  o: { file: string; ffmpegBin: string; signal?: AbortSignal },
  to: readonly string[],
): Promise<Buffer> {
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
