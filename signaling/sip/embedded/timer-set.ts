export type Timer = { cancel(): void }

/** Owns every timer of a server, so that none is left after `close()`. */
export class TimerSet {
  readonly #live = new Set<NodeJS.Timeout>()
  #closed = false

  /** Runs `action` once after `delayMs`, unless cancelled or closed before. */
  after(delayMs: number, action: () => void): Timer {
    if (this.#closed) return { cancel: () => {} }
    const timeout = setTimeout(() => {
      this.#live.delete(timeout)
      action()
    }, delayMs)
    this.#live.add(timeout)
    return {
      cancel: () => {
        clearTimeout(timeout)
        this.#live.delete(timeout)
      },
    }
  }

  get size(): number {
    return this.#live.size
  }

  close(): void {
    this.#closed = true
    for (const timeout of this.#live) clearTimeout(timeout)
    this.#live.clear()
  }
}
