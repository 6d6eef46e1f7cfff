import type { RequestData } from '../../../signaling/protocol/catalogue.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { NotificationData } from '../../../signaling/protocol/notifications.ts'
import type { Surface } from '../../../signaling/protocol/stage.ts'
import type { PointerPoint } from '../pointer-layer.ts'
import { rounded } from './stroke-batcher.ts'

/** Thirty messages a second look fluent, and leave room for the pen. */
const SEND_EVERY_MS = 33
/** A pointer that rests is said to be there still, before it fades at the others. */
const REST_EVERY_MS = 700
/** Whoever has not moved for so long has left the hand on the mouse. */
const REST_FOR_MS = 8_000
const MAX_POINTS = 60

type Wire = {
  readonly request: (name: 'pointer.move', data: RequestData<'pointer.move'>) => Promise<unknown>
  readonly setTimer: (run: () => void, delayMs: number) => () => void
  readonly nowMs: () => number
}
export type PointerNews = Omit<NotificationData<'pointer.moved'>, 'callId'>

/** Points without drawing: what is here goes to the others in batches, what the others show is handed on. */
export class LaserPointer {
  readonly #wire: Wire
  readonly #listeners = new Set<(news: PointerNews) => void>()
  #where: { readonly callId: CallId; readonly on: Surface } | undefined
  #waiting: { readonly x: number; readonly y: number; readonly atMs: number }[] = []
  #last: readonly [number, number] | undefined
  #movedAtMs = 0
  #cancelTimer: (() => void) | undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** The pointer is at a place in 0..1 of what is shown. */
  move(callId: CallId, on: Surface, at: readonly [number, number]): void {
    if (this.#where?.on !== on || this.#where.callId !== callId) this.leave()
    this.#where = { callId, on }
    this.#last = rounded(at)
    this.#movedAtMs = this.#wire.nowMs()
    this.#take()
    if (this.#waiting.length === 1 || this.#cancelTimer === undefined) this.#flushIn(SEND_EVERY_MS)
  }

  /** Off the picture: it fades where it was. */
  leave(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#flush()
    this.#where = undefined
    this.#last = undefined
  }

  /** Somebody else's pointer, from the server. */
  hear(news: PointerNews): void {
    for (const listener of this.#listeners) listener(news)
  }

  /** Returns its own remover. */
  onHeard(listener: (news: PointerNews) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #take(): void {
    if (!this.#last) return
    this.#waiting.push({ x: this.#last[0], y: this.#last[1], atMs: this.#wire.nowMs() })
    if (this.#waiting.length > MAX_POINTS) this.#waiting.shift()
  }

  #flushIn(delayMs: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#wire.setTimer(() => {
      this.#cancelTimer = undefined
      if (this.#waiting.length === 0) this.#take()
      this.#flush()
      if (this.#wire.nowMs() - this.#movedAtMs < REST_FOR_MS) this.#flushIn(REST_EVERY_MS)
    }, delayMs)
  }

  #flush(): void {
    const [first] = this.#waiting
    const where = this.#where
    if (!first || !where) return
    const points = this.#waiting.map(({ x, y, atMs }): [number, number, number] => [
      x,
      y,
      Math.round(atMs - first.atMs),
    ])
    this.#waiting = []
    // Volatile: a pointer that does not get through is seen to be missing, and the next one follows at once.
    this.#wire.request('pointer.move', { ...where, points }).catch(() => undefined)
  }
}

/** The points of one moment, as a layer takes them. */
export function onePoint(at: readonly [number, number]): readonly PointerPoint[] {
  return [[at[0], at[1], 0]]
}
