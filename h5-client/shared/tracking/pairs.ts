import { apply, type Homography } from './homography.ts'

/** Places in one frame and the same places in another, in pixels; `weight` says how much each matters for the mark. */
export class Pairs {
  readonly fromX: Float64Array
  readonly fromY: Float64Array
  readonly toX: Float64Array
  readonly toY: Float64Array
  readonly weight: Float64Array
  /** Whatever the caller wants to find again. */
  readonly tag: Int32Array
  count = 0

  constructor(capacity: number) {
    this.fromX = new Float64Array(capacity)
    this.fromY = new Float64Array(capacity)
    this.toX = new Float64Array(capacity)
    this.toY = new Float64Array(capacity)
    this.weight = new Float64Array(capacity)
    this.tag = new Int32Array(capacity)
  }

  add(fromX: number, fromY: number, toX: number, toY: number, weight: number, tag: number): void {
    const at = this.count
    if (at >= this.tag.length) return
    this.fromX[at] = fromX
    this.fromY[at] = fromY
    this.toX[at] = toX
    this.toY[at] = toY
    this.weight[at] = weight
    this.tag[at] = tag
    this.count = at + 1
  }
}

/** Squared distance between where a map puts a place and where it was found, pixels². */
export function squaredError(pairs: Pairs, i: number, h: Homography): number {
  const to = apply(h, pairs.fromX[i]!, pairs.fromY[i]!)
  return (to.x - pairs.toX[i]!) ** 2 + (to.y - pairs.toY[i]!) ** 2
}
