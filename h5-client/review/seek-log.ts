import type { Seeks } from '../../signaling/protocol/review.ts'
import type { Look } from './replay-player.ts'

const SEND_EVERY_MS = 10_000
/** The server takes no more at once. */
const MOST = 100

export type SeekLogOptions = {
  /** Rejects when it did not arrive; it is tried again with the next. */
  readonly send: (seeks: Seeks) => Promise<void>
  readonly setTimer: (run: () => void, delayMs: number) => () => void
}

/**
 * Which parts of a record were looked at: places gone to (a stretch without length) and stretches played. Told to the
 * server in batches, for the access log; what did not arrive is told again.
 */
export class SeekLog {
  readonly #o: SeekLogOptions
  #waiting: Seeks['spans'] = []
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(o: SeekLogOptions) {
    this.#o = o
  }

  add(look: Look): void {
    const span =
      look.kind === 'seek'
        ? { fromMs: look.atMs, toMs: look.atMs }
        : { fromMs: look.fromMs, toMs: look.toMs, speed: look.speed }
    const last = this.#waiting.at(-1)
    // A thumb that is dragged passes a hundred places; the one it rests on counts.
    if (look.kind === 'seek' && last && last.fromMs === last.toMs) this.#waiting.splice(-1, 1, span)
    else this.#waiting.push(span)
    this.#later()
  }

  /** Tells what still waits. */
  async flush(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const spans = this.#waiting.splice(0, MOST)
    if (spans.length === 0) return
    try {
      await this.#o.send({ spans })
    } catch {
      this.#waiting.unshift(...spans)
    }
    if (this.#waiting.length > 0) this.#later()
  }

  close(): Promise<void> {
    const last = this.flush()
    this.#closed = true
    return last
  }

  #later(): void {
    if (this.#cancelTimer || this.#closed) return
    this.#cancelTimer = this.#o.setTimer(() => void this.flush(), SEND_EVERY_MS)
  }
}
