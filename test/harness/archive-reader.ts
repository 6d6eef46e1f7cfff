import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { decodeG711, PAYLOAD_TYPE } from '../../scripts/simulated-caller/g711.ts'
import { readRtp } from '../../scripts/simulated-caller/rtp-packet.ts'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { type FrameCode, readCode } from './counter-code.ts'
import { needTool, runTool } from './tools.ts'

export async function readManifest(folder: string): Promise<SealedManifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
}
export async function readEntries(folder: string): Promise<JournalEntry[]> {
  const lines = (await readFile(join(folder, 'journal.jsonl'), 'utf8')).split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line))
}

export type VoiceTrack = {
  readonly samples: Int16Array
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly packets: number
  readonly fillers: number
}

/** The voice of a track as journalled, joined in order of arrival; fillers (silence, hold tone) are left out. */
export async function voiceOf(folder: string, file: string): Promise<VoiceTrack> {
  const parts: Int16Array[] = []
  let firstAtMs = Number.NaN
  let lastAtMs = Number.NaN
  let fillers = 0
  for await (const record of await readRtpJournal(join(folder, file))) {
    const packet = record.kind === 'rtp' ? readRtp(record.body) : undefined
    if (!packet) continue
    if (record.filler) {
      fillers += 1
      continue
    }
    if (Number.isNaN(firstAtMs)) firstAtMs = record.atMs
    lastAtMs = record.atMs
    if (packet.payloadType === PAYLOAD_TYPE.PCMU) parts.push(decodeG711('PCMU', packet.payload))
    if (packet.payloadType === PAYLOAD_TYPE.PCMA) parts.push(decodeG711('PCMA', packet.payload))
  }
  const samples = Int16Array.from(parts.flatMap(part => [...part]))
  return { samples, firstAtMs, lastAtMs, packets: parts.length, fillers }
}

/** Frames of a film as codes, one for every `1/fps` s; undefined where a frame carries no valid code. */
export async function codesInFilm(file: string, fps: number): Promise<(FrameCode | undefined)[]> {
  const width = 320
  const height = 240
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:v:0',
    '-vf',
    `fps=${fps},scale=${width}:${height}`,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    'pipe:1',
  ]
  const { status, stdout, stderr } = await runTool(process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg'), args)
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.slice(-500)}`)
  const frameBytes = width * height * 3
  return Array.from({ length: Math.floor(stdout.length / frameBytes) }, (_, index) =>
    readCode({ data: stdout.subarray(index * frameBytes, (index + 1) * frameBytes), width, height, channels: 3 }),
  )
}

/** One audio channel of a media file as 8 kHz samples. */
export async function soundIn(file: string, channel: 0 | 1 = 0): Promise<Int16Array> {
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:a:0',
    '-af',
    `pan=mono|c0=c${channel},aresample=8000`,
    '-f',
    's16le',
    'pipe:1',
  ]
  const { status, stdout, stderr } = await runTool(process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg'), args)
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.slice(-500)}`)
  return Int16Array.from({ length: stdout.length >> 1 }, (_, index) => stdout.readInt16LE(index * 2))
}

/** Every file of a record, plain: for searching all of it. */
export async function readCallFiles(folder: string): Promise<{ path: string; bytes: Buffer }[]> {
  const files = new PlainCallFiles(folder)
  return Promise.all((await files.list()).map(async ({ path }) => ({ path, bytes: await files.read(path) })))
}
