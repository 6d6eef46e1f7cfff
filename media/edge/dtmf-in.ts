import {
  payloadEnd,
  payloadStart,
  sequenceDelta,
  sequenceOf,
  ssrcOf,
  timestampDelta,
  timestampOf,
} from './rtp-packet.ts'

export const DIGITS = '0123456789*#ABCD'

export type DtmfEvent = { digit: string; phase: 'begin' } | { digit: string; phase: 'end'; durationMs: number }

/** A packet so little behind the newest one was overtaken on its way; further behind, the peer counts anew. */
const MAX_OVERTAKEN = 64
/** A key that is held longer than 16 bits of ticks goes on as another segment (RFC 4733 section 2.5.1.3). */
const SEGMENT_TICKS = 0xffff
const FRAME_MS = 20

/**
 * Reads digits out of telephone-event packets (RFC 4733). An event is known by its timestamp: the first packet of a
 * new one begins it, the End bit finishes it, repeats say nothing new. The marker bit is not looked at, because
 * some carriers never set it. What is old is told by sequence numbers, for timelines are set back when a stream begins anew.
 */
export class DtmfIn {
  #ssrc = 0
  #sequence = 0
  #timestamp: number | undefined
  #ended = true
  #digit = ''
  /** Of the newest packet's segment, and of those before it. */
  #ticks = 0
  #ticksBefore = 0
  /** Ticks of the event's clock in a millisecond. */
  ticksPerMs = 8

  /** Events that this packet tells of; usually none, at most three. */
  read(packet: Buffer): DtmfEvent[] {
    const start = payloadStart(packet)
    if (payloadEnd(packet) - start < 4) return []
    const digit = DIGITS[packet[start]!]
    if (digit === undefined) return []
    const ended = packet[start + 1]! >= 0x80
    const ticks = packet.readUInt16BE(start + 2)
    const events: DtmfEvent[] = []
    switch (this.#judge(packet, digit, ended, ticks)) {
      case 'old':
        return events
      case 'new':
        // All End packets of the digit before were lost: it is over, as long as it was last seen.
        if (!this.#ended) events.push(this.#end())
        this.#digit = digit
        this.#ticksBefore = 0
        this.#ended = false
        events.push({ digit, phase: 'begin' })
        break
      case 'segment':
        this.#ticksBefore += timestampDelta(this.#timestamp ?? 0, timestampOf(packet))
        break
      case 'same':
    }
    this.#ssrc = ssrcOf(packet)
    this.#sequence = sequenceOf(packet)
    this.#timestamp = timestampOf(packet)
    this.#ticks = ticks
    if (ended) events.push(this.#end())
    return events
  }

  #judge(packet: Buffer, digit: string, ended: boolean, ticks: number): 'new' | 'segment' | 'same' | 'old' {
    if (this.#timestamp === undefined || ssrcOf(packet) !== this.#ssrc) return 'new'
    const step = sequenceDelta(this.#sequence, sequenceOf(packet))
    if (step <= 0 && step > -MAX_OVERTAKEN) return 'old'
    const time = timestampDelta(this.#timestamp, timestampOf(packet))
    if (time === 0 && digit === this.#digit) {
      if (!this.#ended) return 'same'
      // The same key again under the same timestamp: some gateways never move it.
      return !ended && ticks < this.#ticks ? 'new' : 'old'
    }
    const isSegment = time === this.#ticks || Math.abs(time - SEGMENT_TICKS) <= FRAME_MS * this.ticksPerMs
    if (!this.#ended && digit === this.#digit && isSegment && this.#ticks * 2 >= time && time > 0) return 'segment'
    return 'new'
  }

  #end(): DtmfEvent {
    this.#ended = true
    return { digit: this.#digit, phase: 'end', durationMs: (this.#ticksBefore + this.#ticks) / this.ticksPerMs }
  }
}
