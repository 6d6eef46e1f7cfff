/** A budget that refills: `perSecond` on average, `burst` at once. */
export type Rate = { readonly perSecond: number; readonly burst: number }

const maxBuckets = 10_000

/** One budget for each key; the longest unused key makes way where there are too many. */
export class TokenBuckets {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate
    this.#now = now
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one token of this key; false when there is none left. */
  take(key: string): boolean {
    const nowMs = this.#now()
    const { perSecond, burst } = this.#rate
    const known = this.#buckets.get(key)
    const tokens =
      known === undefined ? burst : Math.min(burst, known.tokens + ((nowMs - known.atMs) / 1000) * perSecond)
    this.#buckets.delete(key)
    if (this.#buckets.size >= maxBuckets) this.#dropOldest()
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs })
    return tokens >= 1
  }

  #dropOldest(): void {
    const oldest = this.#buckets.keys().next().value
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
