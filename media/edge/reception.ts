import type { ReportBlock } from './rtcp-packet.ts'
import { sequenceDelta, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts'

/** A step larger than this is a restart of the source, not loss (RFC 3550 appendix A.1, MAX_DROPOUT). */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100

/** Counts what arrives from one source the way receiver reports want it (RFC 3550 appendices A.1, A.3, A.8). */
export class Reception {
  /** Ticks of the source's clock in a millisecond. */
  ticksPerMs = 8
  #ssrc: number | undefined
  #first = 0
  #highest = 0
  #received = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #transit: number | undefined
  #jitter = 0
  #senderReport: { ntpMiddle: number; atMs: number } | undefined
  /** Of streams that are over. */
  #lostBefore = 0
  /** What would have to come next for a stray packet to be the beginning of another stream. */
  #awaited: { ssrc: number; sequence: number } | undefined
  #gapIsNoLoss = false

  get ssrc(): number | undefined {
    return this.#ssrc
  }

  /** Interarrival jitter, milliseconds. */
  get jitterMs(): number {
    return this.#jitter / this.ticksPerMs
  }

  /** Of all streams of the call; negative when more came twice than was lost. */
  get lost(): number {
    return this.#lostBefore + this.#lostOfStream
  }

  get #lostOfStream(): number {
    return this.#received === 0 ? 0 : this.#highest - this.#first + 1 - this.#received
  }

  /** The source was told to be silent, or said that it is: numbers that it left out meanwhile are not lost. */
  allowGap(): void {
    this.#gapIsNoLoss = true
  }

  /** `timed` is false for packets whose timestamp is not their moment: repeats of one DTMF event. */
  packet(packet: Buffer, nowMs: number, timed: boolean): void {
    const step = sequenceDelta(this.#highest & 0xffff, sequenceOf(packet))
    if (ssrcOf(packet) !== this.#ssrc || step > MAX_DROPOUT || step < -MAX_MISORDER) {
      if (!this.#isExpected(packet)) return
      this.#restart(packet)
    } else if (step > 0) {
      this.#highest += step
      if (this.#gapIsNoLoss) this.#first += step - 1
      this.#gapIsNoLoss = false
      this.#awaited = undefined
    }
    this.#received++
    if (!timed) return
    const transit = Math.round(nowMs * this.ticksPerMs) - timestampOf(packet)
    if (this.#transit !== undefined) {
      const difference = Math.abs((transit - this.#transit) | 0)
      // A gap in the source's timeline (hold, VAD without clock) is not jitter.
      if (difference < 2000 * this.ticksPerMs) this.#jitter += (difference - this.#jitter) / 16
    }
    this.#transit = transit
  }

  senderReport(report: { ssrc: number; ntpMiddle: number }, nowMs: number): void {
    if (report.ssrc === this.#ssrc) this.#senderReport = { ntpMiddle: report.ntpMiddle, atMs: nowMs }
  }

  /** The block for our next report; undefined when nothing has come yet. Begins a new loss interval. */
  report(nowMs: number): ReportBlock | undefined {
    if (this.#ssrc === undefined) return undefined
    const expected = this.#highest - this.#first + 1
    const expectedNow = expected - this.#expectedBefore
    const lostNow = expectedNow - (this.#received - this.#receivedBefore)
    // A report without the time of its sender (all zeros) cannot be answered.
    const senderReport = this.#senderReport?.ntpMiddle === 0 ? undefined : this.#senderReport
    this.#expectedBefore = expected
    this.#receivedBefore = this.#received
    return {
      ssrc: this.#ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      cumulativeLost: expected - this.#received,
      highestSequence: this.#highest >>> 0,
      jitter: Math.floor(this.#jitter),
      lastSenderReport: senderReport?.ntpMiddle ?? 0,
      delaySinceLast: senderReport === undefined ? 0 : Math.round(((nowMs - senderReport.atMs) * 65_536) / 1000),
    }
  }

  /** One stray packet does not end a stream: another begins with two in a row (RFC 3550 appendix A.1). */
  #isExpected(packet: Buffer): boolean {
    const ssrc = ssrcOf(packet)
    const sequence = sequenceOf(packet)
    const awaited = this.#awaited
    this.#awaited = { ssrc, sequence: (sequence + 1) & 0xffff }
    return this.#ssrc === undefined || (awaited?.ssrc === ssrc && awaited.sequence === sequence)
  }

  #restart(packet: Buffer): void {
    if (ssrcOf(packet) !== this.#ssrc) {
      this.#senderReport = undefined
      this.#jitter = 0
    }
    this.#lostBefore += Math.max(0, this.#lostOfStream)
    this.#awaited = undefined
    this.#gapIsNoLoss = false
    this.#ssrc = ssrcOf(packet)
    this.#first = sequenceOf(packet)
    this.#highest = this.#first
    this.#received = 0
    this.#expectedBefore = 0
    this.#receivedBefore = 0
    this.#transit = undefined
  }
}
