/** Long enough to hold a quick packet also of a process that lags for seconds, short enough that a clock that runs wrong does not matter. */
const WINDOW_MS = 10_000
/** A sender that set its timeline back by itself must not be left out for ever. */
const HOLDS_MS = 15_000
/** A stream that was younger than this at the cut has perhaps not had a quick packet yet: what was on its way is told by time alone. */
const YOUNG_MS = 500
/** Telephones that are transferred and browsers that reload begin new streams; what is late is of one of the last. */
const MAX_STREAMS = 4

/** How far a stream's timestamps are ahead of the arrival of its quickest packets. */
class Timeline {
  readonly firstMs: number
  readonly #base: number
  readonly #ticksPerMs: number
  /** The largest timestamp minus arrival, in ticks, of this window and of the one before: drift is forgotten with it. */
  #now = Number.NEGATIVE_INFINITY
  #before = Number.NEGATIVE_INFINITY
  #windowMs: number

  constructor(timestamp: number, nowMs: number, ticksPerMs: number) {
    this.firstMs = this.#windowMs = nowMs
    this.#base = timestamp
    this.#ticksPerMs = ticksPerMs
  }

  seen(timestamp: number, nowMs: number): void {
    if (nowMs - this.#windowMs > WINDOW_MS) {
      this.#before = this.#now
      this.#now = Number.NEGATIVE_INFINITY
      this.#windowMs = nowMs
    }
    this.#now = Math.max(this.#now, signed(timestamp - this.#base) - nowMs * this.#ticksPerMs)
  }

  /** Whether the quickest packet with this timestamp would have been here before `atMs`. */
  isBefore(timestamp: number, atMs: number): boolean {
    const offset = Math.max(this.#now, this.#before)
    return signed(timestamp - this.#base - Math.round(offset + atMs * this.#ticksPerMs)) < 0
  }
}

/**
 * Tells packets that were spoken or filmed before a moment from those after it, however late they arrive: a sender's RTP
 * timestamps against the arrival of its quickest packets (RFC 3550 section 5.1: they say when the first octet was sampled).
 * One for each direction; it outlives the streams, for what is late stays late when another one has begun meanwhile.
 */
export class TimelineCut {
  readonly #ticksPerMs: number
  /** By SSRC, the newest last. */
  readonly #streams = new Map<number, Timeline>()
  #cutMs: number | undefined

  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000
  }

  /** Every packet that arrives, kept or not. */
  seen(packet: Uint8Array, nowMs: number): void {
    const head = headOf(packet)
    if (!head) return
    let stream = this.#streams.get(head.ssrc)
    if (!stream) {
      stream = new Timeline(head.timestamp, nowMs, this.#ticksPerMs)
      this.#streams.set(head.ssrc, stream)
      for (const oldest of this.#streams.keys()) if (this.#streams.size > MAX_STREAMS) this.#streams.delete(oldest)
    }
    stream.seen(head.timestamp, nowMs)
  }

  /** What was sampled before this moment (as far as the quickest packets tell) is stale from now on. */
  cut(nowMs: number): void {
    this.#cutMs = nowMs
  }

  /** Whether a packet that was `seen` belongs to the time before the cut, or may. */
  isStale(packet: Uint8Array, nowMs: number): boolean {
    const cutMs = this.#cutMs
    if (cutMs === undefined) return false
    if (nowMs > cutMs + HOLDS_MS) {
      this.#cutMs = undefined
      return false
    }
    const head = headOf(packet)
    if (!head) return false
    const stream = this.#streams.get(head.ssrc)
    const young = !stream || stream.firstMs > cutMs - YOUNG_MS
    if (young && nowMs < cutMs + YOUNG_MS) return true
    return stream?.isBefore(head.timestamp, cutMs) ?? false
  }
}

function headOf(packet: Uint8Array): { ssrc: number; timestamp: number } | undefined {
  if (packet.length < 12) return undefined
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  return { ssrc: view.getUint32(8), timestamp: view.getUint32(4) }
}

/** RTP timestamps count modulo 2^32. */
const signed = (ticks: number): number => ticks | 0
