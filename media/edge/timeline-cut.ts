/** Long enough to hold a quick packet, short enough that a clock that runs wrong does not matter. */
const WINDOW_MS = 1_000
/** A sender that set its timeline back by itself must not be left out for ever. */
const HOLDS_MS = 15_000

/**
 * Tells packets that were spoken or filmed before a moment from those after it, however late they arrive: a sender's RTP
 * timestamps against the arrival of its quickest packets (RFC 3550 section 5.1: they say when the first octet was sampled).
 * One for each direction of a stream.
 */
export class TimelineCut {
  readonly #ticksPerMs: number
  #ssrc: number | undefined
  #base = 0
  /** The largest timestamp minus arrival, in ticks, of this window and of the one before: drift is forgotten with it. */
  #now = Number.NEGATIVE_INFINITY
  #before = Number.NEGATIVE_INFINITY
  #windowMs = 0
  #cut: { readonly timestamp: number; readonly untilMs: number } | undefined

  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000
  }

  /** Every packet that arrives, kept or not. */
  seen(packet: Uint8Array, nowMs: number): void {
    if (packet.length < 12) return
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    const ssrc = view.getUint32(8)
    const timestamp = view.getUint32(4)
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc
      this.#base = timestamp
      this.#now = this.#before = Number.NEGATIVE_INFINITY
      this.#windowMs = nowMs
      this.#cut = undefined
    }
    if (nowMs - this.#windowMs > WINDOW_MS) {
      this.#before = this.#now
      this.#now = Number.NEGATIVE_INFINITY
      this.#windowMs = nowMs
    }
    const ticks = signed(timestamp - this.#base) - nowMs * this.#ticksPerMs
    this.#now = Math.max(this.#now, ticks)
  }

  /** What was sampled before this moment (as far as the quickest packets tell) is stale from now on. */
  cut(nowMs: number): void {
    const offset = Math.max(this.#now, this.#before)
    if (!Number.isFinite(offset)) return
    this.#cut = { timestamp: this.#base + Math.round(offset + nowMs * this.#ticksPerMs), untilMs: nowMs + HOLDS_MS }
  }

  /** Whether a packet belongs to the time before the cut. */
  isStale(packet: Uint8Array, nowMs: number): boolean {
    if (this.#cut === undefined || packet.length < 12) return false
    if (nowMs > this.#cut.untilMs) {
      this.#cut = undefined
      return false
    }
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    return view.getUint32(8) === this.#ssrc && signed(view.getUint32(4) - this.#cut.timestamp) < 0
  }
}

/** RTP timestamps count modulo 2^32. */
const signed = (ticks: number): number => ticks | 0
