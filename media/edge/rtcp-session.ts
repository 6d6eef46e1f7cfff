import { randomBytes } from 'node:crypto'
import { Reception } from './reception.ts'
import { ntpMiddle, type ReportBlock, readReport, writeReport } from './rtcp-packet.ts'
import { RTP_HEADER_BYTES } from './rtp-packet.ts'

const INTERVAL_MS = 5000
/** More is not a round trip but the clock of somebody who echoes other numbers than ours. */
const MAX_ROUND_TRIP_MS = 30_000

/** What the peer says about our stream. */
export type PeerReport = { fractionLost: number; cumulativeLost: number; jitterMs: number; rttMs: number | undefined }

/** Reports in both directions for one leg: SR/RR about every 5 s (randomised, RFC 3550 section 6.2), CNAME, BYE. */
export class RtcpSession {
  readonly reception = new Reception()
  #ssrc: number
  readonly #timestampAt: (nowMs: number) => number
  /** Random, because a host name would tell the phone network about the inside (RFC 7022). */
  readonly #cname = randomBytes(12).toString('base64url')
  /** Of the present stream, as reports have them, and of those before it. */
  #packets = 0
  #octets = 0
  #packetsBefore = 0
  #sentSinceReport = false
  #dueMs = 0
  #peer: PeerReport | undefined
  #ticksPerMs = 8

  constructor(o: { ssrc: number; timestampAt: (nowMs: number) => number }) {
    this.#ssrc = o.ssrc
    this.#timestampAt = o.timestampAt
  }

  /** Of both directions: one codec, one clock. */
  set clockRate(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000
    this.reception.ticksPerMs = this.#ticksPerMs
  }

  /** Our stream goes on under another SSRC, whose counts begin at nothing (RFC 3550 section 6.4.1). */
  set ssrc(ssrc: number) {
    this.#ssrc = ssrc
    this.#packetsBefore += this.#packets
    this.#packets = 0
    this.#octets = 0
    this.#sentSinceReport = false
  }

  get peer(): PeerReport | undefined {
    return this.#peer
  }

  get packetsSent(): number {
    return this.#packetsBefore + this.#packets
  }

  sent(packet: Buffer): void {
    this.#packets++
    this.#octets += packet.length - RTP_HEADER_BYTES
    this.#sentSinceReport = true
  }

  /** Puts the next report off by one interval of 2.5..7.5 s. */
  schedule(nowMs: number): void {
    this.#dueMs = nowMs + INTERVAL_MS * (0.5 + Math.random())
  }

  /** The report that is due now; undefined between reports. */
  due(nowMs: number): Buffer | undefined {
    if (nowMs < this.#dueMs) return undefined
    this.schedule(nowMs)
    return this.write(nowMs, false)
  }

  /** A sender report when voice went out since the last one, else a receiver report. */
  write(nowMs: number, bye: boolean): Buffer {
    const sender = this.#sentSinceReport
      ? {
          wallClockMs: Date.now(),
          rtpTimestamp: this.#timestampAt(nowMs),
          packets: this.#packets,
          octets: this.#octets,
        }
      : undefined
    this.#sentSinceReport = false
    return writeReport({ ssrc: this.#ssrc, cname: this.#cname, sender, block: this.reception.report(nowMs), bye })
  }

  read(packet: Buffer, nowMs: number): { bye: boolean } {
    const reading = readReport(packet)
    // Our own, sent back to us (RFC 3550 section 8.2): it says nothing of the other side.
    if (packet.readUInt32BE(4) === this.#ssrc) return { bye: false }
    if (reading.senderReport !== undefined) this.reception.senderReport(reading.senderReport, nowMs)
    const block = reading.blocks.find(b => b.ssrc === this.#ssrc)
    if (block !== undefined) this.#peer = this.#judge(block)
    return { bye: reading.bye }
  }

  #judge(block: ReportBlock): PeerReport {
    // RFC 3550 section 6.4.1: now - last sender report - delay since then, in 1/65536 s.
    const roundTrip = (ntpMiddle(Date.now()) - block.lastSenderReport - block.delaySinceLast) | 0
    const rttMs = (roundTrip * 1000) / 65_536
    const isReal = block.lastSenderReport !== 0 && rttMs >= 0 && rttMs <= MAX_ROUND_TRIP_MS
    return {
      fractionLost: block.fractionLost / 256,
      cumulativeLost: block.cumulativeLost,
      jitterMs: block.jitter / this.#ticksPerMs,
      rttMs: isReal ? rttMs : undefined,
    }
  }
}
