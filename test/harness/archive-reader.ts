import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { readKeyRecord } from '../../recordings/vault/key-record.ts'
import { KeyRing } from '../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../recordings/vault/local-key.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { VaultCallFiles } from '../../recordings/vault/vault-call-files.ts'
import { VAULT_FILE } from '../../recordings/vault/vault-names.ts'
import { decodeG711, PAYLOAD_TYPE } from '../../scripts/simulated-caller/g711.ts'
import { readRtp } from '../../scripts/simulated-caller/rtp-packet.ts'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { type FrameCode, readCode } from './counter-code.ts'
import { needTool, runTool } from './tools.ts'

/** The files of a call below a test server's data folder, with the master key that lies there when it is encrypted. */
export async function filesOfCall(folder: string): Promise<CallFiles> {
  const stored = new LocalFolder(folder)
  if (!(await stored.has(VAULT_FILE))) return new PlainCallFiles(stored)
  const record = await readKeyRecord(stored)
  const key = await LocalKey.fromFile(join(folder, '../../../secrets/vault-master.key'))
  const dataKey = await new KeyRing(key).unwrap(record, record.callId)
  return new VaultCallFiles({ stored, callId: record.callId, dataKey })
}

/** Writes the plain files of a call into another folder: for tools that know nothing of a vault. */
export async function copyPlain(folder: string, into: string): Promise<void> {
  const files = await filesOfCall(folder)
  for (const { path } of await files.list()) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await writeFile(join(into, path), await files.read(path))
  }
}

export async function readManifest(folder: string): Promise<SealedManifest> {
  return JSON.parse((await (await filesOfCall(folder)).read('manifest.json')).toString('utf8'))
}
export async function readEntries(folder: string): Promise<JournalEntry[]> {
  const lines = (await (await filesOfCall(folder)).read('journal.jsonl')).toString('utf8').split('\n')
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
  for await (const record of await readRtpJournal(await (await filesOfCall(folder)).open(file))) {
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
  const files = await filesOfCall(folder)
  return Promise.all((await files.list()).map(async ({ path }) => ({ path, bytes: await files.read(path) })))
}
