import { DIGITS } from './dtmf-in.ts'
import { FRAME_MS } from './frame-ticker.ts'

/** The peer has no telephone-event: keys go as SIP INFO, or not at all. */
export class DtmfNotNegotiated extends Error {
  override name = 'DtmfNotNegotiated'
}
/** A key that was not sent, or not to its end: the call is over, or the peer takes no media now. */
export class DtmfUnsent extends Error {
  override name = 'DtmfUnsent'
}

export const DTMF_DEFAULT_MS = 120
/** Shorter keys are not heard everywhere (ITU-T Q.24: 40 ms); longer ones would pass the 16 bits of the duration at 8 kHz. */
const MIN_MS = 40
const MAX_MS = 5000
/** The packet that ends a key comes three times (RFC 4733 section 2.5.1.4). */
const END_PACKETS = 3
/** Between two keys, the repeats of the end included: Q.24 asks for 40 ms at least, old equipment for more. */
const PAUSE_FRAMES = 5
/** -10 dBm0 (RFC 4733 section 2.3.3). */
const VOLUME = 10
const MAX_QUEUED = 64

export type DtmfPacket = { payload: Buffer; first: boolean; ticks: number }
type Key = { event: number; frames: number; done: () => void; failed: (error: Error) => void }

/** Keys on their way out, one after the other, a packet every 20 ms. */
export class DtmfOut {
  readonly #keys: Key[] = []
  #frame = 0
  #pause = 0
  /** Ticks of the voice's clock in a millisecond; 16 bits of them must hold a whole key. */
  ticksPerMs = 8

  /** True while a key is down or ends: nothing else may be sent. */
  get busy(): boolean {
    return this.#keys.length > 0 && this.#pause === 0
  }

  /** Queues a key; resolves when its last packet has gone. */
  push(digit: string, durationMs: number): Promise<void> {
    const event = digit.length === 1 ? DIGITS.indexOf(digit.toUpperCase()) : -1
    if (event < 0) return Promise.reject(new RangeError('not a key of a phone'))
    if (this.#keys.length >= MAX_QUEUED) return Promise.reject(new DtmfUnsent('too many keys at once'))
    const longestMs = Math.min(MAX_MS, Math.floor(0xffff / this.ticksPerMs))
    const frames = Math.round(Math.min(longestMs, Math.max(MIN_MS, durationMs)) / FRAME_MS)
    return new Promise((done, failed) => {
      this.#keys.push({ event, frames: Math.min(frames, Math.floor(longestMs / FRAME_MS)), done, failed })
    })
  }

  /** To be called every 20 ms: the packet to send now. */
  next(): DtmfPacket | undefined {
    if (this.#pause > 0) {
      this.#pause--
      return undefined
    }
    const key = this.#keys[0]
    if (key === undefined) return undefined
    this.#frame++
    const frameTicks = FRAME_MS * this.ticksPerMs
    const payload = Buffer.from([key.event, (this.#frame >= key.frames ? 0x80 : 0) | VOLUME, 0, 0])
    payload.writeUInt16BE(Math.min(this.#frame, key.frames) * frameTicks, 2)
    const packet = { payload, first: this.#frame === 1, ticks: this.#frame * frameTicks }
    if (this.#frame === key.frames + END_PACKETS - 1) {
      this.#keys.shift()
      this.#frame = 0
      this.#pause = PAUSE_FRAMES - END_PACKETS + 1
      key.done()
    }
    return packet
  }

  /** Nothing more goes out. */
  cancel(reason: string): void {
    this.#frame = 0
    for (const key of this.#keys.splice(0)) key.failed(new DtmfUnsent(reason))
  }
}
