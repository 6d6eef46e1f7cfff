import type { Homography } from './homography.ts'
import { leastSquares, type Model, richestModel } from './least-squares.ts'
import { type Pairs, squaredError } from './pairs.ts'
import { seededRandom } from './random.ts'

export type Fit = {
  readonly homography: Homography
  readonly model: Model
  readonly isInlier: Uint8Array
  readonly inliers: number
  /** Weighted share of the pairs that agree, 0..1. */
  readonly support: number
  /** Weighted root mean square of the inliers, pixels. */
  readonly residualPx: number
}
export type FitOptions = {
  /** How far an inlier may lie from where the map puts it, pixels. */
  readonly tolerancePx: number
  readonly seed: number
  readonly rounds: number
  /** The richest model allowed; fewer or crowded points get a poorer one. */
  readonly model: Model
  /** Inliers needed for any answer. */
  readonly atLeast: number
  /** Tolerance of the two-point hypotheses: larger than `tolerancePx` when the object may be tilted. */
  readonly coarsePx?: number
}

/**
 * RANSAC over two-point similarities drawn by weight, then least squares with ever richer models on what agrees.
 * Deterministic for a seed. Undefined when nothing agrees.
 */
export function fitRobustly(pairs: Pairs, o: FitOptions): Fit | undefined {
  const n = pairs.count
  if (n < Math.max(2, o.atLeast)) return undefined
  const random = seededRandom(o.seed)
  const sums = new Float64Array(n)
  let total = 0
  for (let i = 0; i < n; i += 1) {
    total += pairs.weight[i]!
    sums[i] = total
  }
  const draw = () => {
    const wanted = random() * total
    let low = 0
    let high = n - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  const coarse = (o.coarsePx ?? o.tolerancePx * 2) ** 2
  let best: Homography | undefined
  let bestScore = 0
  for (let round = 0; round < o.rounds; round += 1) {
    const one = draw()
    const other = draw()
    const hypothesis = similarityOfTwo(pairs, one, other)
    if (hypothesis === undefined) continue
    const score = scoreOf(pairs, hypothesis, coarse)
    if (score <= bestScore) continue
    bestScore = score
    best = hypothesis
    // Nearly everything agrees: more rounds would find the same.
    if (score > 0.92 * total && round > 12) break
  }
  if (best === undefined) return undefined
  return refine(pairs, best, total, o)
}

/** From a good guess instead of RANSAC. */
export function fitFrom(pairs: Pairs, guess: Homography, o: FitOptions): Fit | undefined {
  let total = 0
  for (let i = 0; i < pairs.count; i += 1) total += pairs.weight[i]!
  return refine(pairs, guess, total, o)
}

function refine(pairs: Pairs, guess: Homography, total: number, o: FitOptions): Fit | undefined {
  const n = pairs.count
  const isInlier = new Uint8Array(n)
  const coarse = o.coarsePx ?? o.tolerancePx * 2
  let current = guess
  let inliers = mark(pairs, current, coarse, isInlier)
  let model: Model = 'similarity'
  for (let step = 0; step < 6; step += 1) {
    if (inliers < Math.max(2, Math.min(o.atLeast, 4))) return undefined
    const richest = richestModel(pairs, isInlier, inliers, o.model)
    model = step === 0 && richest === 'homography' ? 'affine' : richest
    const next = leastSquares(pairs, isInlier, model, current, o.tolerancePx)
    if (next === undefined) return undefined
    current = next
    const tolerance = Math.max(o.tolerancePx, coarse * (step === 0 ? 0.7 : step === 1 ? 0.45 : 0))
    const before = inliers
    inliers = mark(pairs, current, tolerance, isInlier)
    if (step >= 3 && inliers === before) break
  }
  inliers = mark(pairs, current, o.tolerancePx, isInlier)
  if (inliers < o.atLeast) return undefined
  let agreed = 0
  let squares = 0
  for (let i = 0; i < n; i += 1) {
    if (isInlier[i] === 0) continue
    agreed += pairs.weight[i]!
    squares += pairs.weight[i]! * squaredError(pairs, i, current)
  }
  return {
    homography: current,
    model,
    isInlier,
    inliers,
    support: total > 0 ? agreed / total : 0,
    residualPx: Math.sqrt(squares / Math.max(agreed, 1e-9)),
  }
}

function scoreOf(pairs: Pairs, h: Homography, tolerance: number): number {
  let score = 0
  const { fromX, fromY, toX, toY, weight } = pairs
  for (let i = 0; i < pairs.count; i += 1) {
    const dx = h[0] * fromX[i]! + h[1] * fromY[i]! + h[2] - toX[i]!
    const dy = h[3] * fromX[i]! + h[4] * fromY[i]! + h[5] - toY[i]!
    const error = dx * dx + dy * dy
    // Nearer counts a little more, so that among equal counts the better map wins.
    if (error < tolerance) score += weight[i]! * (1 - (0.5 * error) / tolerance)
  }
  return score
}

function mark(pairs: Pairs, h: Homography, tolerancePx: number, isInlier: Uint8Array): number {
  let count = 0
  for (let i = 0; i < pairs.count; i += 1) {
    const inside = squaredError(pairs, i, h) < tolerancePx * tolerancePx
    isInlier[i] = inside ? 1 : 0
    if (inside) count += 1
  }
  return count
}

function similarityOfTwo(pairs: Pairs, one: number, other: number): Homography | undefined {
  const dx = pairs.fromX[other]! - pairs.fromX[one]!
  const dy = pairs.fromY[other]! - pairs.fromY[one]!
  const square = dx * dx + dy * dy
  // Two points close together say nothing about turn and size.
  if (square < 64) return undefined
  const ex = pairs.toX[other]! - pairs.toX[one]!
  const ey = pairs.toY[other]! - pairs.toY[one]!
  const a = (dx * ex + dy * ey) / square
  const b = (dx * ey - dy * ex) / square
  const size = a * a + b * b
  if (size < 0.03 || size > 33) return undefined
  const x = pairs.fromX[one]!
  const y = pairs.fromY[one]!
  return [a, -b, pairs.toX[one]! - a * x + b * y, b, a, pairs.toY[one]! - b * x - a * y, 0, 0, 1]
}
