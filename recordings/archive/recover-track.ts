import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { TrackRecord } from '../../signaling/protocol/archive.ts'
import { readRtpJournal } from '../tracks/read-rtp-journal.ts'
import {
  CHECKPOINT_BYTES,
  RECORD_EVENT,
  RECORD_HEAD_BYTES,
  writeCheckpoint,
  writeRecordHead,
} from '../tracks/rtpj-format.ts'
import { round, TrackStats } from '../tracks/track-stats.ts'

export type RecoveredTrack = {
  readonly record: TrackRecord
  readonly remarks: readonly string[]
  readonly endsAtMs: number
}

/**
 * Reads a track that nobody closed, cuts off the torn tail and ends it properly: an event that says so, then a
 * checkpoint over everything. A track that was closed is only read.
 * @throws RtpjFormatError when the header itself is torn.
 */
export async function recoverTrack(
  path: string,
  file: string,
  how: 'repair' | 'read-only' = 'repair',
): Promise<RecoveredTrack> {
  const reader = await readRtpJournal(path)
  const { header } = reader
  const stats = new TrackStats()
  let lost = 0
  let received: number | undefined
  let endsAtMs = header.openedAtMs
  for await (const { kind, atMs, body } of reader) {
    endsAtMs = Math.max(endsAtMs, atMs)
    if (kind === 'rtp') stats.packet(atMs)
    else if (kind === 'rtcp') stats.rtcpPackets += 1
    else if (kind === 'event') {
      const event = parseEvent(body)
      if (event.type === 'loss') lost += count(event.packets)
      if (event.type === 'closed') received = count(event.packetsReceived)
    }
  }
  const remarks: string[] = []
  const { torn } = reader
  if (torn !== undefined) remarks.push(`${file}: ${torn.bytes} torn bytes removed at byte ${torn.fromByte}`)
  if (how === 'repair' && (torn !== undefined || received === undefined)) await endTrack(path, torn, endsAtMs)
  const record: TrackRecord = {
    file,
    track: header.track,
    codec: header.codec,
    clockRate: header.clockRate,
    startsAtMs: round(stats.firstAtMs ?? header.openedAtMs),
    endsAtMs: round(stats.lastAtMs ?? header.openedAtMs),
    packets: stats.packets,
    packetsReceived: received ?? stats.packets + lost,
    rtcpPackets: stats.rtcpPackets,
    gaps: stats.gaps,
  }
  return { record, remarks, endsAtMs }
}

function parseEvent(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0
}

async function endTrack(path: string, torn: { fromByte: number; bytes: number } | undefined, atMs: number) {
  const handle = await open(path, 'r+')
  try {
    if (torn !== undefined) await handle.truncate(torn.fromByte)
    const size = (await handle.stat()).size
    const hash = createHash('sha256')
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
    const event = Buffer.from(JSON.stringify({ type: 'recovered', removedBytes: torn?.bytes ?? 0 }))
    const timeUs = Math.round(atMs * 1000)
    const tail = Buffer.alloc(RECORD_HEAD_BYTES + event.length + CHECKPOINT_BYTES)
    writeRecordHead(tail, 0, RECORD_EVENT, 0, event.length, timeUs)
    event.copy(tail, RECORD_HEAD_BYTES)
    const checkpointAt = RECORD_HEAD_BYTES + event.length
    hash.update(tail.subarray(0, checkpointAt))
    writeCheckpoint(tail, checkpointAt, size + checkpointAt, hash.digest(), timeUs)
    await handle.write(tail, 0, tail.length, size)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
