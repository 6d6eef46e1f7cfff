/**
 * Notices that the caller's media has stopped arriving. Suspended while the caller holds: then silence is what was
 * asked for. RTCP counts as a sign of life for a peer that has said it will not send voice.
 */
export class Inactivity {
  readonly #limitMs: number
  #heardMs: number
  #lost = false
  #suspended = false

  constructor(o: { limitMs: number; nowMs: number }) {
    this.#limitMs = o.limitMs
    this.#heardMs = o.nowMs
  }

  get lost(): boolean {
    return this.#lost
  }

  /** Milliseconds since the last sign of life. */
  silentForMs(nowMs: number): number {
    return nowMs - this.#heardMs
  }

  /** A sign of life. True when the peer had been lost: it is found again. */
  heard(nowMs: number): boolean {
    this.#heardMs = nowMs
    const found = this.#lost
    this.#lost = false
    return found
  }

  suspend(): void {
    this.#suspended = true
  }

  /** Counting starts anew: a caller who was on hold for an hour is not lost at its end. */
  resume(nowMs: number): void {
    if (!this.#suspended) return
    this.#suspended = false
    this.#heardMs = nowMs
  }

  /** True once, when the limit is passed. */
  expired(nowMs: number): boolean {
    if (this.#suspended || this.#lost || nowMs - this.#heardMs <= this.#limitMs) return false
    this.#lost = true
    return true
  }
}
