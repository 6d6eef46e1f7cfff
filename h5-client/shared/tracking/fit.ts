import { apply, type Homography, normalised } from './homography.ts'
import { seededRandom } from './random.ts'
import { solve } from './solve.ts'

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

export type Model = 'similarity' | 'affine' | 'homography'
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

export function squaredError(pairs: Pairs, i: number, h: Homography): number {
  const to = apply(h, pairs.fromX[i]!, pairs.fromY[i]!)
  return (to.x - pairs.toX[i]!) ** 2 + (to.y - pairs.toY[i]!) ** 2
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

/** Eight unknowns need points that spread in both directions; crowded ones would let the map swing wildly elsewhere. */
function richestModel(pairs: Pairs, isInlier: Uint8Array, inliers: number, most: Model): Model {
  if (inliers < 6 || most === 'similarity') return 'similarity'
  let x = 0
  let y = 0
  for (let i = 0; i < pairs.count; i += 1) {
    if (isInlier[i] === 0) continue
    x += pairs.fromX[i]! / inliers
    y += pairs.fromY[i]! / inliers
  }
  let xx = 0
  let xy = 0
  let yy = 0
  for (let i = 0; i < pairs.count; i += 1) {
    if (isInlier[i] === 0) continue
    const dx = pairs.fromX[i]! - x
    const dy = pairs.fromY[i]! - y
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const middle = (xx + yy) / 2
  const root = Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
  const narrow = Math.sqrt(Math.max(0, middle - root) / inliers)
  if (narrow < 5) return 'similarity'
  if (most === 'affine' || inliers < 14 || narrow < 16) return 'affine'
  return 'homography'
}

/** Weighted, with one re-weighting by distance from the present map, so that the border of the tolerance pulls less. */
function leastSquares(
  pairs: Pairs,
  isInlier: Uint8Array,
  model: Model,
  current: Homography,
  tolerancePx: number,
): Homography | undefined {
  const n = pairs.count
  let weights = 0
  let fx = 0
  let fy = 0
  let tx = 0
  let ty = 0
  for (let i = 0; i < n; i += 1) {
    if (isInlier[i] === 0) continue
    const w = pairs.weight[i]!
    weights += w
    fx += w * pairs.fromX[i]!
    fy += w * pairs.fromY[i]!
    tx += w * pairs.toX[i]!
    ty += w * pairs.toY[i]!
  }
  if (weights <= 0) return undefined
  fx /= weights
  fy /= weights
  tx /= weights
  ty /= weights
  // One common scale is enough to condition the system: both frames have about the same size.
  const unit = 1 / 100
  const size = model === 'similarity' ? 4 : model === 'affine' ? 6 : 8
  const a = new Float64Array(size * size)
  const b = new Float64Array(size)
  const row = new Float64Array(size)
  const soft = (tolerancePx * 1.5) ** 2
  const take = (value: number, weight: number) => {
    for (let i = 0; i < size; i += 1) {
      const cell = row[i]!
      if (cell === 0) continue
      b[i]! += weight * cell * value
      for (let k = 0; k < size; k += 1) a[i * size + k]! += weight * cell * row[k]!
    }
  }
  for (let i = 0; i < n; i += 1) {
    if (isInlier[i] === 0) continue
    const x = (pairs.fromX[i]! - fx) * unit
    const y = (pairs.fromY[i]! - fy) * unit
    const u = (pairs.toX[i]! - tx) * unit
    const v = (pairs.toY[i]! - ty) * unit
    const weight = pairs.weight[i]! / (1 + squaredError(pairs, i, current) / soft)
    row.fill(0)
    if (model === 'similarity') {
      row[0] = x
      row[1] = -y
      row[2] = 1
      take(u, weight)
      row[0] = y
      row[1] = x
      row[2] = 0
      row[3] = 1
      take(v, weight)
      continue
    }
    row[0] = x
    row[1] = y
    row[2] = 1
    if (model === 'homography') {
      row[6] = -u * x
      row[7] = -u * y
    }
    take(u, weight)
    row.fill(0)
    row[3] = x
    row[4] = y
    row[5] = 1
    if (model === 'homography') {
      row[6] = -v * x
      row[7] = -v * y
    }
    take(v, weight)
  }
  if (model === 'homography') {
    // A little reluctance to tilt: noise alone must not bend the plane.
    a[6 * size + 6]! += weights * 2e-3
    a[7 * size + 7]! += weights * 2e-3
  }
  const s = solve(a, b, size)
  if (s === undefined) return undefined
  const inner: Homography =
    model === 'similarity'
      ? [s[0]!, -s[1]!, s[2]!, s[1]!, s[0]!, s[3]!, 0, 0, 1]
      : [s[0]!, s[1]!, s[2]!, s[3]!, s[4]!, s[5]!, model === 'affine' ? 0 : s[6]!, model === 'affine' ? 0 : s[7]!, 1]
  return uncentred(inner, unit, fx, fy, tx, ty)
}

/** The map between centred, scaled places → the map between pixels. */
function uncentred(h: Homography, unit: number, fx: number, fy: number, tx: number, ty: number): Homography {
  const [a, b, c, d, e, f, g, i] = h
  const x = tx * unit
  const y = ty * unit
  // rows of T⁻¹·H: first += x·third, second += y·third (still in scaled units)
  const top = [a + x * g, b + x * i, c + x] as const
  const middle = [d + y * g, e + y * i, f + y] as const
  const p = fx * unit
  const q = fy * unit
  return normalised([
    top[0],
    top[1],
    (top[2] - top[0] * p - top[1] * q) / unit,
    middle[0],
    middle[1],
    (middle[2] - middle[0] * p - middle[1] * q) / unit,
    g * unit,
    i * unit,
    1 - g * p - i * q,
  ])
}
