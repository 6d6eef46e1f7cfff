import { payloadEnd, payloadStart, timestampDelta, timestampOf } from './rtp-packet.ts'

export const DIGITS = '0123456789*#ABCD'

export type DtmfEvent = { digit: string; phase: 'begin' } | { digit: string; phase: 'end'; durationMs: number }

/**
 * Reads digits out of telephone-event packets (RFC 4733). An event is known by its timestamp: the first packet of a
 * new one begins it, the End bit finishes it, repeats say nothing new. The marker bit is not looked at, because
 * some carriers never set it.
 */
export class DtmfIn {
  #timestamp: number | undefined
  #ended = true
  #digit = ''
  #durationMs = 0
  /** Ticks of the event's clock in a millisecond. */
  ticksPerMs = 8

  /** Events that this packet tells of; usually none, at most three. */
  read(packet: Buffer): DtmfEvent[] {
    const start = payloadStart(packet)
    if (payloadEnd(packet) - start < 4) return []
    const digit = DIGITS[packet[start]!]
    if (digit === undefined) return []
    const ended = packet[start + 1]! >= 0x80
    const timestamp = timestampOf(packet)
    const events: DtmfEvent[] = []
    if (this.#timestamp === undefined || timestampDelta(this.#timestamp, timestamp) > 0) {
      // All End packets of the digit before were lost: it is over, as long as it was last seen.
      if (!this.#ended) events.push({ digit: this.#digit, phase: 'end', durationMs: this.#durationMs })
      this.#timestamp = timestamp
      this.#digit = digit
      this.#ended = false
      events.push({ digit, phase: 'begin' })
    } else if (timestamp !== this.#timestamp || this.#ended) return events
    this.#durationMs = packet.readUInt16BE(start + 2) / this.ticksPerMs
    if (ended) {
      this.#ended = true
      events.push({ digit: this.#digit, phase: 'end', durationMs: this.#durationMs })
    }
    return events
  }

  /** The peer's timeline starts anew (other SSRC). */
  restart(): void {
    this.#timestamp = undefined
    this.#ended = true
  }
}
