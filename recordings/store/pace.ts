import { setTimeout as sleep } from 'node:timers/promises'

/** Lets bytes pass no faster than so many a second, all copies of one mover together. */
export class Pace {
  readonly #bytesPerSecond: number
  #freeAtMs = 0

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  /** @throws AbortError when the signal falls while it waits */
  async *of(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      signal.throwIfAborted()
      const nowMs = performance.now()
      const startMs = Math.max(nowMs, this.#freeAtMs)
      this.#freeAtMs = startMs + (piece.length / this.#bytesPerSecond) * 1000
      if (startMs - nowMs > 5) await sleep(startMs - nowMs, undefined, { signal })
      yield piece
    }
  }
}
