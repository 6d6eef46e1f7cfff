/**
 * Counts failures per key in a fixed window. Memory is bounded: past `maxKeys` the oldest keys go, which can
 * only help an attacker who owns more addresses than that, and those are met by the limits per code.
 */
export class RateLimit {
  readonly #failures = new Map<string, { count: number; untilMs: number }>()
  readonly #limit: number
  readonly #windowMs: number
  readonly #maxKeys: number
  readonly #nowMs: () => number

  constructor(options: { limit: number; windowMs: number; maxKeys?: number; nowMs?: () => number }) {
    this.#limit = options.limit
    this.#windowMs = options.windowMs
    this.#maxKeys = options.maxKeys ?? 50_000
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** Milliseconds until this key may try again; 0 when it may now. */
  blockedForMs(key: string): number {
    const entry = this.#failures.get(key)
    if (!entry) return 0
    const leftMs = entry.untilMs - this.#nowMs()
    if (leftMs <= 0) {
      this.#failures.delete(key)
      return 0
    }
    return entry.count >= this.#limit ? leftMs : 0
  }

  fail(key: string): void {
    this.blockedForMs(key)
    const entry = this.#failures.get(key)
    if (entry) entry.count++
    else this.#failures.set(key, { count: 1, untilMs: this.#nowMs() + this.#windowMs })
    if (this.#failures.size > this.#maxKeys) {
      const oldest = this.#failures.keys().next().value
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
  }

  succeed(key: string): void {
    this.#failures.delete(key)
  }
}
