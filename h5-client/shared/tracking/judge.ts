import type { Comparison } from './comparison.ts'
import { type Fit, fitFrom, fitRobustly } from './fit.ts'
import type { Frame } from './frame.ts'
import { apply, type Box, type Homography, isPlausible } from './homography.ts'
import type { KeyView, Neighbourhood } from './key-view.ts'

/** Limits of what may be called `tracking`. */
export const LEAST_INLIERS = 8
const LEAST_SUPPORT = 0.34
const LEAST_NEAR_SUPPORT = 0.26
const MOST_RESIDUAL_PX = 1.5
const LEAST_LIKENESS = 0.72

export type Judged = {
  readonly fit: Fit
  /** Weighted share of the expected spots that agree. */
  readonly support: number
  readonly view: KeyView
  /** Indices of the spots of the view that agree. */
  readonly agreed: ReadonlySet<number>
}

/** Decides whether a frame shows the place, and exactly where: the one door to `tracking`. */
export class Judge {
  readonly #comparison: Comparison
  readonly #around: Neighbourhood

  constructor(comparison: Comparison, around: Neighbourhood) {
    this.#comparison = comparison
    this.#around = around
  }

  /** The exact pose near a supposed one, or undefined when too little speaks for it. */
  at(view: KeyView, frame: Frame, supposed: Homography, reachPx: number, seed: number): Judged | undefined {
    const comparison = this.#comparison
    const options = { tolerancePx: 1.8, coarsePx: 4, rounds: 60, model: 'homography', atLeast: 5 } as const
    let pose = supposed
    let fit: Fit | undefined
    // Twice: the squares are cut for the supposed pose, and better ones for the better pose.
    for (let round = 0; round < 2; round += 1) {
      comparison.compare(view, frame, pose, round === 0 ? reachPx : 2.5, LEAST_LIKENESS)
      const seeded = { ...options, seed: seed }
      fit = round === 0 ? fitRobustly(comparison.pairs, seeded) : fitFrom(comparison.pairs, pose, seeded)
      if (fit === undefined || !isPlausible(fit.homography, this.#around.box)) return undefined
      const moved = movedPx(this.#around.box, pose, fit.homography)
      pose = fit.homography
      if (round === 0 && moved < 0.4) break
    }
    if (fit === undefined) return undefined
    const agreed = new Set<number>()
    let weights = 0
    let near = 0
    const { pairs } = comparison
    for (let i = 0; i < pairs.count; i += 1) {
      if (fit.isInlier[i] === 0) continue
      const spot = view.spots[pairs.tag[i]!]!
      const weight = spot.weight * spot.trust
      agreed.add(pairs.tag[i]!)
      weights += weight
      if (spot.isNear) near += weight
    }
    const support = weights / Math.max(comparison.expected, 1e-9)
    const nearSupport = comparison.nearSpots >= 4 ? near / Math.max(comparison.expectedNear, 1e-9) : support
    const isGood =
      fit.inliers >= LEAST_INLIERS &&
      support >= LEAST_SUPPORT &&
      nearSupport >= LEAST_NEAR_SUPPORT &&
      fit.residualPx <= MOST_RESIDUAL_PX
    return isGood ? { fit, support, view, agreed } : undefined
  }
}

/** How far two poses put the corners of a box apart, pixels. */
export function movedPx(box: Box, one: Homography, other: Homography): number {
  let most = 0
  for (const [x, y] of [
    [box.x, box.y],
    [box.x + box.width, box.y + box.height],
  ] as const) {
    const a = apply(one, x, y)
    const b = apply(other, x, y)
    most = Math.max(most, Math.hypot(a.x - b.x, a.y - b.y))
  }
  return most
}
