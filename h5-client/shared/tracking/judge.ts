import { type Comparison, expectedWeight } from './comparison.ts'
import { type Fit, fitFrom, fitRobustly } from './fit.ts'
import type { Frame } from './frame.ts'
import { apply, type Box, compose, type Homography, IDENTITY, isPlausible } from './homography.ts'
import type { KeyView, Neighbourhood } from './key-view.ts'

/** Limits of what may be called `tracking`. */
export const LEAST_INLIERS = 8
const LEAST_SUPPORT = 0.34
const LEAST_NEAR_SUPPORT = 0.26
/**
 * Measured (scripts/bench/tracking.ts): right places agree within 0.35 px; with motion blur within 1 px, but then nearly all of
 * them. Wrong ones (a step along the grain of wood) never agree better than 0.7 px, and never more than three quarters.
 */
const EXACT_PX = 0.6
const MOST_RESIDUAL_PX = 1.2
const NEARLY_ALL = 0.78
const LEAST_LIKENESS = 0.72

export type Judged = {
  readonly fit: Fit
  /** Weighted share of the expected spots that agree. */
  readonly support: number
  /** Weighted mean of how much the agreeing squares look like the view, −1..1. */
  readonly likeness: number
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
    const options = { tolerancePx: 1.8, coarsePx: 4, rounds: 60, model: 'homography', atLeast: 5, seed } as const
    let pose = supposed
    let fit: Fit | undefined
    // Twice: the squares are cut for the supposed pose, and better ones for the better pose.
    for (let round = 0; round < 2; round += 1) {
      comparison.compare(view, frame, pose, round === 0 ? reachPx : 2.5, LEAST_LIKENESS)
      // From where they were supposed to where they are: a small step, whatever the tilt of the pose itself.
      const step = round === 0 ? fitRobustly(comparison.pairs, options) : fitFrom(comparison.pairs, IDENTITY, options)
      if (step === undefined) return undefined
      const homography = compose(step.homography, pose)
      if (!isPlausible(homography, this.#around.box)) return undefined
      fit = { ...step, homography }
      const moved = movedPx(this.#around.box, pose, homography)
      pose = homography
      if (round === 0 && moved < 0.4) break
    }
    if (fit === undefined) return undefined
    const agreed = new Set<number>()
    let weights = 0
    let likeness = 0
    let near = 0
    const { pairs } = comparison
    for (let i = 0; i < pairs.count; i += 1) {
      if (fit.isInlier[i] === 0) continue
      const spot = view.spots[pairs.tag[i]!]!
      const weight = expectedWeight(spot)
      agreed.add(pairs.tag[i]!)
      likeness += weight * comparison.likenesses[i]!
      weights += weight
      if (spot.isNear) near += weight
    }
    likeness /= Math.max(weights, 1e-9)
    const support = weights / Math.max(comparison.expected, 1e-9)
    const nearSupport = comparison.nearSpots >= 4 ? near / Math.max(comparison.expectedNear, 1e-9) : support
    const isGood =
      fit.inliers >= LEAST_INLIERS &&
      support >= LEAST_SUPPORT &&
      nearSupport >= LEAST_NEAR_SUPPORT &&
      (fit.residualPx <= EXACT_PX || (fit.residualPx <= MOST_RESIDUAL_PX && support >= NEARLY_ALL))
    return isGood ? { fit, support, likeness, view, agreed } : undefined
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
