export const FRAME_MS = 20
/** After a longer stop the missed ticks are given up instead of being sent in a burst. */
const MAX_CATCH_UP_TICKS = 5

/**
 * One 20 ms heartbeat for all calls. It counts from its start, so that late wake-ups do not add up,
 * and it only runs while somebody listens.
 */
export class FrameTicker {
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #dueMs = 0

  add(listener: () => void): void {
    this.#listeners.add(listener)
    if (this.#timer !== undefined) return
    this.#dueMs = performance.now() + FRAME_MS
    this.#arm()
  }

  delete(listener: () => void): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get listeners(): number {
    return this.#listeners.size
  }

  #arm(): void {
    this.#timer = setTimeout(this.#wake, Math.max(0, this.#dueMs - performance.now()))
  }

  readonly #wake = (): void => {
    let ticks = Math.floor((performance.now() - this.#dueMs) / FRAME_MS) + 1
    if (ticks > MAX_CATCH_UP_TICKS) {
      this.#dueMs += (ticks - 1) * FRAME_MS
      ticks = 1
    }
    for (; ticks > 0; ticks--) {
      this.#dueMs += FRAME_MS
      for (const listener of this.#listeners) listener()
    }
    clearTimeout(this.#timer)
    if (this.#listeners.size > 0) this.#arm()
  }
}

/** The heartbeat of this process. */
export const frameTicker = new FrameTicker()
