import type { Grey } from './grey.ts'

/**
 * Copies a square of (2·half+1)² samples around a sub-pixel place (bilinear). False when it does not lie inside.
 * The fraction is the same for the whole square, which makes this the cheap kind of sampling.
 */
export function copyWindow(image: Grey, x: number, y: number, half: number, out: Float32Array): boolean {
  const left = Math.floor(x)
  const top = Math.floor(y)
  if (!(left - half >= 0 && top - half >= 0 && left + half + 1 < image.width && top + half + 1 < image.height)) {
    return false
  }
  const fx = x - left
  const fy = y - top
  const a = (1 - fx) * (1 - fy)
  const b = fx * (1 - fy)
  const c = (1 - fx) * fy
  const d = fx * fy
  const { data, width } = image
  let to = 0
  for (let row = -half; row <= half; row += 1) {
    let at = (top + row) * width + left - half
    for (let column = -half; column <= half; column += 1, at += 1, to += 1) {
      out[to] = a * data[at]! + b * data[at + 1]! + c * data[at + width]! + d * data[at + width + 1]!
    }
  }
  return true
}

/**
 * Copies a warped square: sample (column, row) is taken at x + a·column + b·row, y + c·column + d·row.
 * False when it does not lie inside.
 */
export function copyWarped(
  image: Grey,
  x: number,
  y: number,
  [a, b, c, d]: readonly [number, number, number, number],
  half: number,
  out: Float32Array,
): boolean {
  const reachX = (Math.abs(a) + Math.abs(b)) * half
  const reachY = (Math.abs(c) + Math.abs(d)) * half
  const { data, width, height } = image
  if (!(x - reachX >= 0 && y - reachY >= 0 && x + reachX < width - 1.001 && y + reachY < height - 1.001)) return false
  let to = 0
  for (let row = -half; row <= half; row += 1) {
    let px = x - a * half + b * row
    let py = y - c * half + d * row
    for (let column = -half; column <= half; column += 1, px += a, py += c, to += 1) {
      const left = px | 0
      const top = py | 0
      const fx = px - left
      const fy = py - top
      const at = top * width + left
      const upper = data[at]! + fx * (data[at + 1]! - data[at]!)
      const lower = data[at + width]! + fx * (data[at + width + 1]! - data[at + width]!)
      out[to] = upper + fy * (lower - upper)
    }
  }
  return true
}
