import { type ReadHeader, readRtpJournal } from '../tracks/read-rtp-journal.ts'
import { TrackStats } from '../tracks/track-stats.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { parseRtp } from './rtp-packet.ts'

/** Beyond this a sequence jump is a restart of the sender, not loss or reordering. */
const MAX_SEQUENCE_JUMP = 3000

/** One packet of a journal: where its payload lies on disk, and when it belongs where. */
export type PacketRef = {
  /** Sequence number without wrap-around, valid within a run. */
  readonly sequence: number
  /** RTP timestamp without wrap-around, in milliseconds, valid within a run. */
  readonly mediaMs: number
  readonly arrivalMs: number
  readonly payloadType: number
  readonly marker: boolean
  readonly payloadOffset: number
  readonly payloadBytes: number
  /** The first bytes of the payload, enough for a codec's descriptor and frame header. */
  readonly head: Buffer
}

/** A stretch of one SSRC with continuous numbering, in sequence order, without duplicates. */
export type PacketRun = readonly PacketRef[]

export type TrackIndex = {
  /** In the call's record: `tracks/caller-voice-1.rtpj`. */
  readonly path: string
  readonly header: ReadHeader
  readonly runs: readonly PacketRun[]
  readonly duplicates: number
  readonly tornBytes: number
  /** Arrival of the first and the last packet; opening of the file when there is none. */
  readonly startsAtMs: number
  readonly endsAtMs: number
  /** Spans between two arrivals of more than 200 ms. */
  readonly gaps: readonly (readonly [number, number])[]
  /** What the recorder noted about the track, in order. */
  readonly events: readonly TrackEvent[]
}

export type TrackEvent = { readonly type: string; readonly atMs: number } & Readonly<Record<string, unknown>>

const HEAD_BYTES = 48
const NO_HEAD = Buffer.alloc(0)

type OpenRun = { packets: PacketRef[]; sequence: number; timestamp: number; rawSequence: number; rawTimestamp: number }

/**
 * Indexes a track file. The whole call is known, so packets are simply sorted: retransmissions that arrived late find
 * their place and no jitter buffer is needed. Payloads stay where they are kept.
 * @throws RtpjFormatError, NoSuchFile, or the error of whoever keeps the file.
 */
export async function indexTrack(
  files: Pick<CallFiles, 'open'>,
  path: string,
  options: { readonly heads: boolean },
): Promise<TrackIndex> {
  const reader = await readRtpJournal(await files.open(path))
  const { clockRate } = reader.header
  const runs: OpenRun[] = []
  const current = new Map<number, OpenRun>()
  const stats = new TrackStats()
  const events: TrackEvent[] = []
  for await (const batch of reader.batches()) {
    for (const { kind, body, bodyOffset, atMs } of batch) {
      if (kind === 'event') events.push(...parseEvent(body, atMs))
      const rtp = kind === 'rtp' ? parseRtp(body) : undefined
      if (rtp === undefined) continue
      stats.packet(atMs)
      let run = current.get(rtp.ssrc)
      const step = run === undefined ? 0 : ((rtp.sequence - run.rawSequence) << 16) >> 16
      if (run === undefined || Math.abs(step) > MAX_SEQUENCE_JUMP) {
        const { sequence, timestamp } = rtp
        run = { packets: [], sequence, timestamp, rawSequence: sequence, rawTimestamp: timestamp }
        runs.push(run)
        current.set(rtp.ssrc, run)
      } else {
        run.sequence += step
        run.timestamp += (rtp.timestamp - run.rawTimestamp) | 0
        run.rawSequence = rtp.sequence
        run.rawTimestamp = rtp.timestamp
      }
      run.packets.push({
        sequence: run.sequence,
        mediaMs: (run.timestamp * 1000) / clockRate,
        arrivalMs: atMs,
        payloadType: rtp.payloadType,
        marker: rtp.marker,
        payloadOffset: bodyOffset + rtp.payloadStart,
        payloadBytes: rtp.payloadEnd - rtp.payloadStart,
        // Copied: a view would keep the whole piece of the file in memory.
        head: options.heads
          ? Buffer.from(body.subarray(rtp.payloadStart, Math.min(rtp.payloadEnd, rtp.payloadStart + HEAD_BYTES)))
          : NO_HEAD,
      })
    }
  }
  let duplicates = 0
  const sorted = runs.map(({ packets }) => {
    packets.sort((a, b) => a.sequence - b.sequence || a.arrivalMs - b.arrivalMs)
    const unique = packets.filter((packet, i) => packet.sequence !== packets[i - 1]?.sequence)
    duplicates += packets.length - unique.length
    return unique
  })
  return {
    ...{ path, header: reader.header, runs: sorted, duplicates, tornBytes: reader.torn?.bytes ?? 0, events },
    startsAtMs: stats.firstAtMs ?? reader.header.openedAtMs,
    endsAtMs: stats.lastAtMs ?? reader.header.openedAtMs,
    gaps: stats.gaps,
  }
}

/** Readers skip what they do not know. */
function parseEvent(body: Buffer, atMs: number): TrackEvent[] {
  try {
    const event: unknown = JSON.parse(body.toString('utf8'))
    if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') return []
    return [{ ...event, type: event.type, atMs }]
  } catch {
    return []
  }
}
