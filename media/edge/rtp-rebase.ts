import {
  markerOf,
  payloadEnd,
  payloadStart,
  RTP_HEADER_BYTES,
  sequenceDelta,
  sequenceOf,
  ssrcOf,
  timestampDelta,
  timestampOf,
  writeRtpHeader,
} from './rtp-packet.ts'
import { CODECS, ticksOf, type VoiceCodec } from './voice-codec.ts'

/** A forward step of at most this many packets is loss (1 s of 20 ms frames) and stays a gap; a larger one is a jump. */
const MAX_LOSS_PACKETS = 50
const MAX_LATE_MS = 200
/** While the known stream has been heard this recently, one stray packet does not end it. */
const ALIVE_MS = 200
/** A source timestamp that strays this far from the clock has a new origin. */
const MAX_TIMESTAMP_ERROR_MS = 2000
/** Paced frames keep exact steps until the clock disagrees by this much (the process stood still). */
const MAX_FRAME_ERROR_MS = 60
const HISTORY = 64
/** So many packets in a row that have all been heard already are no repeats: the source has set its sequence back. */
const REPEATS_OF_A_RESTART = 5
const EMPTY = -1
const DONE = -2

export type RebaseStats = { forwarded: number; lost: number; late: number; duplicates: number; streams: number }

/**
 * Turns whatever a peer sends into one stream: fixed SSRC and payload type, one sequence, one timeline.
 *
 * The outgoing sequence is contiguous over everything that is not loss: a new source SSRC, a sequence jump, a hold
 * of any length, comfort noise and DTMF taken out, frames put in. Real loss of up to 1 s keeps its places, so that
 * the receiver conceals it, and a packet that was only late still finds its place free. The index therefore never
 * runs away from what was sent, which SRTP receivers and SFUs need (RFC 3711 section 3.3.1).
 * The outgoing timestamp follows the source inside a stream and the clock across streams.
 */
export class RtpRebase {
  #ssrc: number
  payloadType: number
  #codec: VoiceCodec = 'PCMA'
  /** Ticks of the timeline in a millisecond. */
  #perMs = 8
  readonly stats: RebaseStats = { forwarded: 0, lost: 0, late: 0, duplicates: 0, streams: 0 }

  /** Last outgoing packet; sequence and timestamp are unwrapped. */
  #sequence: number
  #timestamp: number
  /** How long the last outgoing packet lasts, in ticks. */
  #ticks = 0
  #sentMs = 0
  #sentFrame = false
  /** The clock: `#firstTimestamp` belongs to this moment. */
  #firstMs = Number.NaN
  readonly #firstTimestamp: number

  /** Source stream: what came with its newest packet. */
  #following = false
  #sourceSsrc = 0
  #sourceSequence = 0
  #sourceTimestamp = 0
  #sourceMs = 0
  #heardMs = 0
  #stranger: { ssrc: number; sequence: number } | undefined
  /** How many packets heard before came in a row since the last new one, and the last of them. */
  #repeats = { packets: 0, sequence: 0 }
  /** By source sequence modulo HISTORY: the outgoing index kept free for a missing packet, DONE, or EMPTY. */
  readonly #places = new Float64Array(HISTORY).fill(EMPTY)

  constructor(o: { ssrc: number; payloadType: number; firstSequence: number; firstTimestamp: number }) {
    this.#ssrc = o.ssrc
    this.payloadType = o.payloadType
    this.#sequence = o.firstSequence - 1
    this.#timestamp = o.firstTimestamp
    this.#firstTimestamp = o.firstTimestamp
  }

  get ssrc(): number {
    return this.#ssrc
  }

  /** Goes on as another stream, on the same timeline: whoever receives it begins anew. */
  renew(o: { ssrc: number; firstSequence: number }): void {
    this.#ssrc = o.ssrc
    this.#sequence = o.firstSequence - 1
    this.restart()
  }

  /** What the payloads are, for their length in time. The clock of a stream never changes once something was sent (RFC 7160). */
  set codec(codec: VoiceCodec) {
    this.#codec = codec
    this.#perMs = CODECS[codec].clockRate / 1000
  }

  /** Unwrapped sequence of the last outgoing packet. */
  get index(): number {
    return this.#sequence
  }

  /** Outgoing timestamp (unwrapped) that belongs to this moment, for sender reports. */
  timestampAt(nowMs: number): number {
    return this.#timestamp + Math.round((nowMs - this.#sentMs) * this.#perMs)
  }

  /** The next packet begins a new stream, whatever its SSRC: after a hold, or when the peer has moved. */
  restart(): void {
    this.#following = false
    this.#stranger = undefined
  }

  /** The packet as part of the outgoing stream, in a buffer of its own; undefined when it is dropped. */
  voice(packet: Buffer, nowMs: number): Buffer | undefined {
    const sequence = sequenceOf(packet)
    const timestamp = timestampOf(packet)
    switch (this.#judge(packet, sequence, timestamp, nowMs)) {
      case 'drop':
        return undefined
      case 'late': {
        const slot = sequence % HISTORY
        const index = this.#places[slot]!
        this.#places[slot] = DONE
        this.stats.lost--
        const late = this.#timestamp + timestampDelta(this.#sourceTimestamp, timestamp)
        return this.#rewrite(packet, index, late, false)
      }
      case 'next': {
        this.#takePlaces(sequence)
        this.#sequence++
        this.#timestamp += timestampDelta(this.#sourceTimestamp, timestamp)
        this.#follow(sequence, timestamp, nowMs)
        const out = this.#rewrite(packet, this.#sequence, this.#timestamp, markerOf(packet))
        this.#ticks = ticksOf(this.#codec, out.subarray(RTP_HEADER_BYTES))
        return out
      }
      case 'new': {
        this.#timestamp = Math.max(this.#timestamp + this.#ticks, Math.round(this.#clock(nowMs)))
        this.#sequence++
        this.#following = true
        this.#stranger = undefined
        this.#sourceSsrc = ssrcOf(packet)
        this.#places.fill(EMPTY)
        this.#places[sequence % HISTORY] = DONE
        this.#follow(sequence, timestamp, nowMs)
        this.stats.streams++
        const out = this.#rewrite(packet, this.#sequence, this.#timestamp, true)
        this.#ticks = ticksOf(this.#codec, out.subarray(RTP_HEADER_BYTES))
        return out
      }
    }
  }

  /** Takes a packet out of the stream (comfort noise, DTMF): its place closes up, its time passes. */
  skip(packet: Buffer, nowMs: number): void {
    if (!this.#following || ssrcOf(packet) !== this.#sourceSsrc) return
    const sequence = sequenceOf(packet)
    const step = sequenceDelta(this.#sourceSequence, sequence)
    if (step < 1) {
      if (step > -HISTORY && this.#places[sequence % HISTORY]! >= 0) this.#places[sequence % HISTORY] = DONE
      return
    }
    if (step > MAX_LOSS_PACKETS) return
    this.#takePlaces(sequence)
    this.#sourceSequence = sequence
    this.#heardMs = nowMs
  }

  /** Puts one frame of our own (silence, tone) into the stream; the packet is a fresh buffer. */
  frame(payload: Buffer, nowMs: number): Buffer {
    return this.#own(payload, ticksOf(this.#codec, payload), nowMs)
  }

  /**
   * Puts a packet of a key being held (RFC 4733) into the stream. All packets of one key carry the moment it went down;
   * `ticks` have passed since then, and what is sent next follows after them.
   */
  event(payload: Buffer, o: { payloadType: number; first: boolean; ticks: number }, nowMs: number): Buffer {
    if (o.first) return this.#own(payload, o.ticks, nowMs, o.payloadType)
    this.#sequence++
    this.#ticks = o.ticks
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length)
    payload.copy(packet, RTP_HEADER_BYTES)
    const out = this.#write(packet, this.#sequence, this.#timestamp, false, o.payloadType)
    this.#sentFrame = true
    return out
  }

  #own(payload: Buffer, ticks: number, nowMs: number, eventPayloadType?: number): Buffer {
    const next = this.#timestamp + this.#ticks
    const clock = Math.round(this.#clock(nowMs))
    const paced = clock <= next || (this.#sentFrame && clock - next < MAX_FRAME_ERROR_MS * this.#perMs)
    this.#timestamp = paced ? next : clock
    this.#sequence++
    this.#sentMs = nowMs
    this.#ticks = ticks
    this.restart()
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length)
    payload.copy(packet, RTP_HEADER_BYTES)
    // The marker says where a talk spurt begins, or a key (RFC 4733 section 2.5.1.1).
    const marker = eventPayloadType !== undefined || !paced
    const out = this.#write(packet, this.#sequence, this.#timestamp, marker, eventPayloadType)
    this.#sentFrame = true
    return out
  }

  #judge(packet: Buffer, sequence: number, timestamp: number, nowMs: number): 'next' | 'new' | 'late' | 'drop' {
    if (!this.#following) return 'new'
    if (ssrcOf(packet) !== this.#sourceSsrc) return this.#judgeStranger(packet, sequence, nowMs)
    const step = sequenceDelta(this.#sourceSequence, sequence)
    const time = timestampDelta(this.#sourceTimestamp, timestamp)
    if (step >= 1 && step <= MAX_LOSS_PACKETS) {
      const most = MAX_TIMESTAMP_ERROR_MS * this.#perMs
      const strays = Math.abs(time - (nowMs - this.#sourceMs) * this.#perMs) > most
      // A source whose clock stands still in its pauses falls behind little by little.
      const isBehind = this.#clock(nowMs) - (this.#timestamp + time) > most
      return time > 0 && !strays && !isBehind ? 'next' : 'new'
    }
    if (step <= 0 && step > -HISTORY && time <= 0) {
      const place = this.#places[sequence % HISTORY]!
      if (place >= 0 && -time <= MAX_LATE_MS * this.#perMs) return 'late'
      if (place === DONE && this.#isRestart(sequence)) return 'new'
      if (place === DONE) this.stats.duplicates++
      else this.stats.late++
      return 'drop'
    }
    return this.#judgeStranger(packet, sequence, nowMs)
  }

  #isRestart(sequence: number): boolean {
    const { packets, sequence: last } = this.#repeats
    this.#repeats = { packets: sequenceDelta(last, sequence) === 1 ? packets + 1 : 1, sequence }
    return this.#repeats.packets >= REPEATS_OF_A_RESTART
  }

  /** Another SSRC, or the known one far from where it was: two packets in a row, unless the old stream is silent. */
  #judgeStranger(packet: Buffer, sequence: number, nowMs: number): 'new' | 'drop' {
    if (nowMs - this.#heardMs > ALIVE_MS) return 'new'
    const ssrc = ssrcOf(packet)
    const step = this.#stranger?.ssrc === ssrc ? sequenceDelta(this.#stranger.sequence, sequence) : 0
    if (step >= 1 && step <= 3) return 'new'
    this.#stranger = { ssrc, sequence }
    this.stats.late++
    return 'drop'
  }

  #follow(sequence: number, timestamp: number, nowMs: number): void {
    this.#sourceSequence = sequence
    this.#sourceTimestamp = timestamp
    this.#sourceMs = nowMs
    this.#heardMs = nowMs
    this.#sentMs = nowMs
    this.#stranger = undefined
    this.#repeats.packets = 0
  }

  /** Keeps one outgoing place for every packet missing between the newest one and `sequence`. */
  #takePlaces(sequence: number): void {
    for (let missing = (this.#sourceSequence + 1) & 0xffff; missing !== sequence; missing = (missing + 1) & 0xffff) {
      this.#places[missing % HISTORY] = ++this.#sequence
      this.stats.lost++
    }
    this.#places[sequence % HISTORY] = DONE
  }

  #clock(nowMs: number): number {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = nowMs
    return this.#firstTimestamp + (nowMs - this.#firstMs) * this.#perMs
  }

  #rewrite(packet: Buffer, sequence: number, timestamp: number, marker: boolean): Buffer {
    const start = payloadStart(packet)
    const out = Buffer.allocUnsafe(RTP_HEADER_BYTES + payloadEnd(packet) - start)
    packet.copy(out, RTP_HEADER_BYTES, start, payloadEnd(packet))
    return this.#write(out, sequence, timestamp, marker)
  }

  #write(
    out: Buffer,
    sequence: number,
    timestamp: number,
    marker: boolean,
    payloadType: number = this.payloadType,
  ): Buffer {
    writeRtpHeader(out, { payloadType, marker, sequence, timestamp, ssrc: this.#ssrc })
    this.#sentFrame = false
    this.stats.forwarded++
    return out
  }
}
