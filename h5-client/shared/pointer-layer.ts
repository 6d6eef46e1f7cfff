import { fitCanvas } from './fit-canvas.ts'
import { freshSamples, type PointerSample, paintPointer } from './paint-pointer.ts'
import type { Rect, Size } from './picture-rect.ts'

/** x, y in 0..1 of the picture, and milliseconds since the first point of the same message. */
export type PointerPoint = readonly [number, number, number]

/** A canvas over a picture on which pointers fade. Paints only while there is something to be seen. */
export class PointerLayer {
  readonly #canvas: HTMLCanvasElement
  readonly #ways = new Map<string, readonly PointerSample[]>()
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #size: Size = { width: 0, height: 0 }
  #rect: Rect = { x: 0, y: 0, width: 0, height: 0 }
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  /** Of the canvas in CSS pixels, and where the picture lies on it. */
  place(size: Size, rect: Rect): void {
    this.#size = size
    this.#rect = rect
    if (this.#ways.size > 0) this.#next()
  }

  /** Somebody's pointer moved; the last of the points is now. */
  moved(by: string, points: readonly PointerPoint[]): void {
    const nowMs = performance.now()
    const lastMs = points[points.length - 1]?.[2] ?? 0
    const news = points.map(([x, y, ms]) => ({ x, y, atMs: nowMs - Math.max(0, lastMs - ms) }))
    this.#ways.set(by, [...freshSamples(this.#ways.get(by) ?? [], nowMs), ...news])
    this.#next()
  }

  clear(): void {
    this.#ways.clear()
    this.#next()
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#ways.clear()
  }

  #next(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = requestAnimationFrame(() => this.#paint())
  }

  #paint(): void {
    const nowMs = performance.now()
    const context = fitCanvas(this.#canvas, this.#size)
    for (const [by, way] of this.#ways) {
      const fresh = freshSamples(way, nowMs)
      if (fresh.length === 0) this.#ways.delete(by)
      else {
        this.#ways.set(by, fresh)
        paintPointer(context, fresh, this.#rect, nowMs, this.#calm.matches)
      }
    }
    this.#canvas.dataset.pointers = String(this.#ways.size)
    if (this.#ways.size === 0) return
    // Without motion there is nothing to paint before the dot is gone.
    if (this.#calm.matches) this.#timer = setTimeout(() => this.#next(), 200)
    else this.#next()
  }
}
