/** How the path of the media is repaired. Times in ms. */
export const RECOVERY = {
  /** A new ICE restart is not tried sooner than this after the last. */
  againMs: 2_000,
  /** How long a restart may take to bring the path back; longer with each try. */
  patienceMs: 3_000,
  longestPatienceMs: 12_000,
  /** So many restarts that the server took and that brought nothing: DTLS is dead, and the transport is replaced. */
  restartsBeforeNew: 3,
} as const
export type RecoveryTimes = { readonly [K in keyof typeof RECOVERY]: number }

export type RecoveryOptions = {
  /** Asks the server for new ICE credentials and uses them. False: the server was not reached. @throws when it refuses. */
  readonly restart: () => Promise<boolean>
  /** The transport is beyond repair. */
  readonly replace: () => void
  readonly isConnected: () => boolean
  /** Whether the server can be asked at all. */
  readonly canAsk: () => boolean
}

/**
 * Repairs the media path: an ICE restart at once when there is trouble, again with growing patience, then a new transport.
 * While the server cannot be asked it waits for `reachable()`.
 */
export class Recovery {
  readonly #o: RecoveryOptions
  readonly #times: RecoveryTimes
  #tries = 0
  #restarting = false
  #lastAtMs = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: RecoveryOptions, times: RecoveryTimes = RECOVERY) {
    this.#o = options
    this.#times = times
  }

  /** No path, or reason to think that it will not last (other network, page back from the background). */
  trouble(): void {
    if (this.#closed || this.#restarting) return
    const waitMs = this.#lastAtMs + this.#times.againMs - performance.now()
    if (waitMs > 0) this.#after(waitMs)
    else void this.#restart()
  }

  /** The server can be asked again: what is broken is repaired now. */
  reachable(): void {
    if (!this.#o.isConnected()) this.trouble()
  }

  connected(): void {
    this.#tries = 0
    clearTimeout(this.#timer)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #restart(): Promise<void> {
    clearTimeout(this.#timer)
    if (!this.#o.canAsk()) return
    if (this.#tries >= this.#times.restartsBeforeNew) {
      this.#tries = 0
      this.#o.replace()
      return
    }
    this.#restarting = true
    this.#lastAtMs = performance.now()
    let reached = false
    try {
      reached = await this.#o.restart()
    } catch {
      // The server does not know this transport any more.
      this.#tries = this.#times.restartsBeforeNew
      reached = true
    } finally {
      this.#restarting = false
    }
    if (this.#closed || !reached) return
    if (this.#o.isConnected()) {
      // A precaution: nothing was broken, or not yet known to be.
      this.#tries = 0
      return
    }
    this.#tries += 1
    const patienceMs = Math.min(this.#times.longestPatienceMs, this.#times.patienceMs * this.#tries)
    this.#after(this.#tries > this.#times.restartsBeforeNew ? 0 : patienceMs)
  }

  #after(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (!this.#o.isConnected()) void this.#restart()
    }, ms)
  }
}
