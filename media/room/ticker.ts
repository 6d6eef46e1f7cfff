/** One timer for all rooms: a timer per call would wake the process hundreds of times a second on a busy node. */
export class Ticker {
  readonly #periodMs: number
  readonly #listeners = new Set<(nowMs: number) => void>()
  #timer: NodeJS.Timeout | undefined

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** Calls `listener` with `performance.now()` each period, until the returned function is called. Listeners must not throw. */
  add(listener: (nowMs: number) => void): () => void {
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => {
      const nowMs = performance.now()
      for (const one of this.#listeners) one(nowMs)
    }, this.#periodMs)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#listeners.clear()
  }
}
