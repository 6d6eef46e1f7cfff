import type { Point } from '../../../signaling/protocol/mark.ts'

/** Two points nearer than this (in 0..1 of the picture) are one: about half a pixel of a 1280 wide picture. */
const SAME_POINT = 0.0005
/** `mark.extend` takes at most this many. */
const MAX_POINTS = 200

export type BatcherOptions = {
  /** Every point is part of the line (pen), or only the newest one matters (arrow, circle). */
  readonly keep: 'all' | 'newest'
  /** Called with 1..200 points, in order. */
  readonly send: (points: Point[]) => void
  /** Between two messages; the first one after a pause leaves at once. */
  readonly intervalMs: number
  readonly nowMs: () => number
  readonly setTimer: (run: () => void, delayMs: number) => () => void
}

/** Four decimals: a ten-thousandth of the picture is finer than a pixel, and shorter on the wire. */
export function rounded(point: readonly [number, number]): Point {
  const unit = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
  return [unit(point[0]), unit(point[1])]
}

/** Collects the pointer's points and hands them on a few dozen times a second. */
export class StrokeBatcher {
  readonly #options: BatcherOptions
  #waiting: Point[] = []
  #last: Point
  #cancelTimer: (() => void) | undefined
  #ended = false
  #flushedAtMs = Number.NEGATIVE_INFINITY

  constructor(first: Point, options: BatcherOptions) {
    this.#last = first
    this.#options = options
  }

  /** Returns the rounded point when it is a new one (for the local echo), undefined when it adds nothing. */
  add(point: readonly [number, number]): Point | undefined {
    if (this.#ended) return undefined
    const next = rounded(point)
    if (Math.hypot(next[0] - this.#last[0], next[1] - this.#last[1]) < SAME_POINT) return undefined
    this.#last = next
    this.#waiting = this.#options.keep === 'all' ? [...this.#waiting, next] : [next]
    if (!this.#cancelTimer) {
      // At the earliest after this turn, so that the places of one pointer event go together.
      const waitMs = Math.max(0, this.#options.intervalMs - (this.#options.nowMs() - this.#flushedAtMs))
      this.#cancelTimer = this.#options.setTimer(() => this.#flush(), waitMs)
    }
    return next
  }

  /** Sends what still waits; afterwards nothing is taken and no timer remains. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#flush()
  }

  /** Forgets what still waits: the server does not want this line. */
  cancel(): void {
    this.#waiting = []
    this.end()
  }

  #flush(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#waiting.length > 0) this.#flushedAtMs = this.#options.nowMs()
    while (this.#waiting.length > 0) this.#options.send(this.#waiting.splice(0, MAX_POINTS))
  }
}
