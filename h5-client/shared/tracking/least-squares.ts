import { type Homography, normalised } from './homography.ts'
import { type Pairs, squaredError } from './pairs.ts'
import { solve } from './solve.ts'

export type Model = 'similarity' | 'affine' | 'homography'
/** Eight unknowns need points that spread in both directions; crowded ones would let the map swing wildly elsewhere. */
export function richestModel(pairs: Pairs, isInlier: Uint8Array, inliers: number, most: Model): Model {
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
export function leastSquares(
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
