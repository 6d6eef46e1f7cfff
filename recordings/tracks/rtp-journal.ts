import type { TrackRecord } from '../../signaling/protocol/archive.ts'
import { errorText } from '../error-text.ts'
import { AppendFile } from './append-file.ts'
import type { Flusher } from './flusher.ts'
import { RecordBlocks } from './record-blocks.ts'
import {
  encodeRtpjHeader,
  FLAG_FILLER,
  MAX_RECORD_BYTES,
  RECORD_EVENT,
  RECORD_RTCP,
  RECORD_RTP,
  type RtpjHeader,
} from './rtpj-format.ts'
import { round, TrackStats } from './track-stats.ts'

const CHECKPOINT_US = 1_000_000
/** With a flush every 250 ms this makes every byte durable within a second of its arrival. */
const SYNC_PERIOD_MS = 700
const SYNC_LATE_MS = 5000
const CLOSE_PATIENCE_MS = 3000

export type RtpJournalOptions = {
  readonly path: string
  /** Path inside the archive folder, as the manifest will name it. */
  readonly file: string
  readonly header: RtpjHeader
  nowMs(): number
  readonly flusher: Flusher
  readonly blockBytes: number
  /** Bytes that may wait for the disk; beyond that packets are dropped and counted. */
  readonly maxQueuedBytes: number
  onDegraded(reason: string): void
  onClosed?(record: TrackRecord): void
}

export type RtpJournalStats = {
  readonly packets: number
  readonly packetsLost: number
  readonly packetsReceived: number
  readonly rtcpPackets: number
  readonly fileBytes: number
  readonly queuedBytes: number
  readonly degraded: boolean
}

/**
 * Writes one track of a call. `rtp()`, `rtcp()` and `event()` copy into memory and return: they never wait, never throw
 * and never touch the disk. Everything else happens on the shared flusher's tick.
 */
export class RtpJournal {
  readonly #o: RtpJournalOptions
  readonly #blocks: RecordBlocks
  readonly #stats = new TrackStats()
  readonly #file: AppendFile | undefined
  #lastTimeUs = 0
  #checkpointUs = 0
  #dirtySinceCheckpoint = false
  #lost = 0
  #loss: { packets: number; bytes: number; fromMs: number; reason: string } | undefined
  #written = 0
  #degraded = false
  #syncAskedMs = 0
  #closing: Promise<TrackRecord> | undefined

  constructor(options: RtpJournalOptions) {
    this.#o = options
    this.#lastTimeUs = Math.round(options.header.openedAtMs * 1000)
    this.#checkpointUs = this.#lastTimeUs
    const { flusher, blockBytes } = options
    this.#blocks = new RecordBlocks({
      flusher,
      blockBytes,
      onFull: block => {
        this.#file?.enqueue(block)
        this.#file?.kick()
      },
    })
    try {
      this.#file = new AppendFile({
        path: options.path,
        flusher,
        onError: error => this.#degrade(`cannot write ${options.file}: ${errorText(error)}`),
        onWritten: block => {
          this.#written += block.packets
          this.#blocks.giveBack(block)
        },
      })
    } catch (error) {
      // The call goes on without this track; every packet will be counted as lost.
      this.#degrade(`cannot open ${options.file}: ${errorText(error)}`)
      return
    }
    this.#blocks.raw(encodeRtpjHeader(options.header))
    this.flush()
    flusher.add(this)
  }

  get file(): string {
    return this.#o.file
  }
  get header(): RtpjHeader {
    return this.#o.header
  }
  /** Hex SHA-256 of everything this journal meant to write; final after `close()`. */
  get sha256(): string {
    return this.#blocks.sha256
  }

  get stats(): RtpJournalStats {
    return {
      packets: this.#stats.packets,
      packetsLost: this.#lost,
      packetsReceived: this.#stats.packets + this.#lost,
      rtcpPackets: this.#stats.rtcpPackets,
      fileBytes: this.#blocks.fileBytes,
      queuedBytes: this.#file?.queuedBytes ?? 0,
      degraded: this.#degraded,
    }
  }

  /** One RTP packet as it was on the wire; the bytes are copied before this returns. */
  rtp(packet: Uint8Array, kind: 'voice' | 'filler' = 'voice'): void {
    const timeUs = this.#timeUs()
    if (!this.#room(packet.length, timeUs)) {
      this.#lose(packet.length, timeUs)
      return
    }
    this.#record(RECORD_RTP, kind === 'filler' ? FLAG_FILLER : 0, packet, timeUs)
    this.#stats.packet(timeUs / 1000)
  }

  /** One (compound) RTCP packet. */
  rtcp(packet: Uint8Array): void {
    const timeUs = this.#timeUs()
    if (!this.#room(packet.length, timeUs)) return
    this.#record(RECORD_RTCP, 0, packet, timeUs)
    this.#stats.rtcpPackets += 1
  }

  /** Anything worth knowing about the track: hold, pause, codec change. Stored as JSON. */
  event(event: object): void {
    const body = Buffer.from(JSON.stringify(event))
    const timeUs = this.#timeUs()
    if (this.#room(body.length, timeUs)) this.#record(RECORD_EVENT, 0, body, timeUs)
  }

  /** Called by the flusher: hands the current block to the kernel and asks for an fdatasync when one is due. */
  flush(): void {
    const file = this.#file
    if (file === undefined) return
    this.#tellLoss()
    this.#handOver()
    file.kick()
    const waitedMs = file.unsyncedForMs
    const nowMs = performance.now()
    if (waitedMs > 0 && nowMs - this.#syncAskedMs >= SYNC_PERIOD_MS) {
      this.#syncAskedMs = nowMs
      this.#o.flusher.requestSync(file)
    }
    if (waitedMs >= SYNC_LATE_MS) this.#degrade(`the disk is slow: ${this.#o.file} not synced for 5 s`)
  }

  /** Writes the last checkpoint, syncs and closes. Idempotent; never rejects. */
  close(): Promise<TrackRecord> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<TrackRecord> {
    this.#tellLoss()
    const received = this.#stats.packets + this.#lost
    if (this.#file !== undefined) {
      const event = { type: 'closed', packets: this.#stats.packets, packetsReceived: received }
      this.#record(RECORD_EVENT, 0, Buffer.from(JSON.stringify(event)), this.#timeUs())
      this.#checkpoint(this.#lastTimeUs)
      this.#handOver()
      this.#o.flusher.remove(this)
      await this.#file.close(CLOSE_PATIENCE_MS)
    }
    const { header, file } = this.#o
    const record: TrackRecord = {
      file,
      track: header.track,
      codec: header.codec,
      clockRate: header.clockRate,
      startsAtMs: round(this.#stats.firstAtMs ?? header.openedAtMs),
      endsAtMs: round(this.#stats.lastAtMs ?? header.openedAtMs),
      packets: this.#written,
      packetsReceived: received,
      rtcpPackets: this.#stats.rtcpPackets,
      gaps: this.#stats.gaps,
    }
    this.#o.onClosed?.(record)
    return record
  }

  #timeUs(): number {
    // Never backwards: readers rely on it.
    this.#lastTimeUs = Math.max(this.#lastTimeUs, Math.round(this.#o.nowMs() * 1000))
    return this.#lastTimeUs
  }

  #room(bodyBytes: number, timeUs: number): boolean {
    if (this.#file === undefined || this.#closing !== undefined || bodyBytes > MAX_RECORD_BYTES) return false
    if (this.#file.queuedBytes + bodyBytes > this.#o.maxQueuedBytes) return false
    if (timeUs - this.#checkpointUs >= CHECKPOINT_US && this.#dirtySinceCheckpoint) this.#checkpoint(timeUs)
    return true
  }

  #lose(bytes: number, timeUs: number): void {
    this.#lost += 1
    const reason = this.#file === undefined ? 'not-open' : this.#closing !== undefined ? 'closed' : 'queue-full'
    this.#loss ??= { packets: 0, bytes: 0, fromMs: timeUs / 1000, reason }
    this.#loss.packets += 1
    this.#loss.bytes += bytes
    if (reason === 'queue-full') this.#degrade(`packets of ${this.#o.file} lost: the disk does not keep up`)
  }

  #tellLoss(): void {
    const loss = this.#loss
    if (loss === undefined || this.#file === undefined || this.#file.queuedBytes > this.#o.maxQueuedBytes / 2) return
    this.#loss = undefined
    const event = { type: 'loss', ...loss, toMs: this.#lastTimeUs / 1000 }
    this.#record(RECORD_EVENT, 0, Buffer.from(JSON.stringify(event)), this.#lastTimeUs)
  }

  #degrade(reason: string): void {
    if (this.#degraded) return
    this.#degraded = true
    // The owner's reaction must not reach the packet that happened to bring the news.
    queueMicrotask(() => this.#o.onDegraded(reason))
  }

  #record(kind: number, flags: number, body: Uint8Array, timeUs: number): void {
    this.#blocks.record(kind, flags, body, timeUs, kind === RECORD_RTP ? 1 : 0)
    this.#dirtySinceCheckpoint = true
  }

  #checkpoint(timeUs: number): void {
    this.#blocks.checkpoint(timeUs)
    this.#checkpointUs = timeUs
    this.#dirtySinceCheckpoint = false
  }

  #handOver(): void {
    const block = this.#blocks.take()
    if (block !== undefined) this.#file?.enqueue(block)
  }
}
