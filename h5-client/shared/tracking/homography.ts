/** Plane to plane, row by row: x' = (m0 x + m1 y + m2) / (m6 x + m7 y + m8), y' likewise with the second row. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number]
export type Place = { readonly x: number; readonly y: number }

export const IDENTITY: Homography = [1, 0, 0, 0, 1, 0, 0, 0, 1]

export function apply(h: Homography, x: number, y: number): Place {
  const w = h[6] * x + h[7] * y + h[8]
  return { x: (h[0] * x + h[1] * y + h[2]) / w, y: (h[3] * x + h[4] * y + h[5]) / w }
}

/** First `inner`, then `outer`. */
export function compose(outer: Homography, inner: Homography): Homography {
  const cell = (row: 0 | 3 | 6, column: 0 | 1 | 2) =>
    outer[row] * inner[column] +
    outer[(row + 1) as 1] * inner[(column + 3) as 3] +
    outer[(row + 2) as 2] * inner[(column + 6) as 6]
  return normalised([
    cell(0, 0),
    cell(0, 1),
    cell(0, 2),
    cell(3, 0),
    cell(3, 1),
    cell(3, 2),
    cell(6, 0),
    cell(6, 1),
    cell(6, 2),
  ])
}

/** Undefined for a map that flattens the plane. */
export function invert(h: Homography): Homography | undefined {
  const [a, b, c, d, e, f, g, i, j] = h
  const A = e * j - f * i
  const B = f * g - d * j
  const C = d * i - e * g
  const determinant = a * A + b * B + c * C
  if (!(Math.abs(determinant) > 1e-12)) return undefined
  return normalised([A, c * i - b * j, b * f - c * e, B, a * j - c * g, c * d - a * f, C, b * g - a * i, a * e - b * d])
}

/** The same map with 1 in the last cell (unless that is about 0, which no plausible pose has). */
export function normalised(h: Homography): Homography {
  const scale = Math.abs(h[8]) > 1e-12 ? 1 / h[8] : 1
  return h.map(cell => cell * scale) as unknown as Homography
}

/** Local linear part at a place: [dx'/dx, dx'/dy, dy'/dx, dy'/dy]. */
export function jacobian(h: Homography, x: number, y: number): readonly [number, number, number, number] {
  const w = h[6] * x + h[7] * y + h[8]
  const u = (h[0] * x + h[1] * y + h[2]) / w
  const v = (h[3] * x + h[4] * y + h[5]) / w
  return [(h[0] - h[6] * u) / w, (h[1] - h[7] * u) / w, (h[3] - h[6] * v) / w, (h[4] - h[7] * v) / w]
}

/** Pixels → pixels becomes 0..1 → 0..1, for frames of these sizes. */
export function toUnits(
  h: Homography,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): Homography {
  return compose(
    [1 / to.width, 0, 0, 0, 1 / to.height, 0, 0, 0, 1],
    compose(h, [from.width, 0, 0, 0, from.height, 0, 0, 0, 1]),
  )
}

/** A box in the units of the anchor frame, around a mark. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/**
 * Whether a camera could have made this of the box: nothing mirrored, not more than 6 times larger or smaller, not seen
 * more steeply than about 75°, no corner behind the camera.
 */
export function isPlausible(h: Homography, box: Box): boolean {
  if (!h.every(Number.isFinite)) return false
  let smallest = Number.POSITIVE_INFINITY
  let largest = 0
  for (const [x, y] of [
    [box.x, box.y],
    [box.x + box.width, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
    [box.x + box.width / 2, box.y + box.height / 2],
  ] as const) {
    if (h[6] * x + h[7] * y + h[8] <= 0.05) return false
    const [a, b, c, d] = jacobian(h, x, y)
    const determinant = a * d - b * c
    if (determinant < 1 / 36 || determinant > 36) return false
    const squares = a * a + b * b + c * c + d * d
    // Ratio of the singular values: with s1² + s2² = squares and s1 s2 = determinant.
    const root = Math.sqrt(Math.max(0, squares * squares - 4 * determinant * determinant))
    if (squares + root > 16 * (squares - root)) return false
    smallest = Math.min(smallest, determinant)
    largest = Math.max(largest, determinant)
  }
  return largest < 9 * smallest
}
