import type { Grey } from './grey.ts'

/** Places where a small square can be told from its neighbours in every direction. */
export type Corner = { readonly x: number; readonly y: number; readonly score: number }

const CIRCLE: readonly (readonly [number, number])[] = [
  [0, -3],
  [1, -3],
  [2, -2],
  [3, -1],
  [3, 0],
  [3, 1],
  [2, 2],
  [1, 3],
  [0, 3],
  [-1, 3],
  [-2, 2],
  [-3, 1],
  [-3, 0],
  [-3, -1],
  [-2, -2],
  [-1, -3],
]

/**
 * FAST-9 candidates ranked by the smaller eigenvalue of their gradients, one per 3×3 neighbourhood, none nearer to the
 * border than `marginPx`. The threshold is lowered until there are `wanted` or the noise floor is reached.
 */
export function findCorners(image: Grey, marginPx: number, wanted: number): Corner[] {
  let corners: Corner[] = []
  for (const threshold of [22, 13, 8]) {
    corners = cornersAbove(image, marginPx, threshold)
    if (corners.length >= wanted) break
  }
  return corners
}

function cornersAbove(image: Grey, marginPx: number, threshold: number): Corner[] {
  const { width, height, data } = image
  const margin = Math.max(5, marginPx)
  const offsets = Int32Array.from(CIRCLE, ([x, y]) => y * width + x)
  const ring = new Int32Array(25)
  const scores = new Float32Array(width * height)
  const found: number[] = []
  for (let y = margin; y < height - margin; y += 1) {
    for (let x = margin; x < width - margin; x += 1) {
      const at = y * width + x
      const value = data[at]!
      const low = value - threshold
      const high = value + threshold
      // Nine in a row always hold two neighbours of these four.
      const north = data[at + offsets[0]!]!
      const south = data[at + offsets[8]!]!
      const east = data[at + offsets[4]!]!
      const west = data[at + offsets[12]!]!
      const brighter = +(north > high) + +(south > high) + +(east > high) + +(west > high)
      const darker = +(north < low) + +(south < low) + +(east < low) + +(west < low)
      if (brighter < 2 && darker < 2) continue
      for (let i = 0; i < 25; i += 1) {
        const other = data[at + offsets[i & 15]!]!
        ring[i] = other > high ? 1 : other < low ? -1 : 0
      }
      let run = 0
      let side = 0
      let isCorner = false
      for (let i = 0; i < 25; i += 1) {
        if (ring[i] !== 0 && ring[i] === side) run += 1
        else {
          side = ring[i]!
          run = side === 0 ? 0 : 1
        }
        if (run >= 9) {
          isCorner = true
          break
        }
      }
      if (!isCorner) continue
      scores[at] = smallerEigenvalue(data, width, at)
      found.push(at)
    }
  }
  const corners: Corner[] = []
  for (const at of found) {
    const score = scores[at]!
    if (score < 5) continue
    let isBest = true
    for (let row = -1; row <= 1 && isBest; row += 1) {
      for (let column = -1; column <= 1; column += 1) {
        const other = at + row * width + column
        // Of equals the first one stays.
        if (scores[other]! > score || (scores[other] === score && other < at)) {
          isBest = false
          break
        }
      }
    }
    if (isBest) corners.push({ x: at % width, y: Math.floor(at / width), score })
  }
  return corners
}

/** Shi and Tomasi's measure over 7×7, per pixel. */
function smallerEigenvalue(data: Uint8Array, width: number, at: number): number {
  let xx = 0
  let xy = 0
  let yy = 0
  for (let row = -3; row <= 3; row += 1) {
    for (let column = -3; column <= 3; column += 1) {
      const here = at + row * width + column
      const gx = (data[here + 1]! - data[here - 1]!) / 2
      const gy = (data[here + width]! - data[here - width]!) / 2
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
    }
  }
  return ((xx + yy) / 2 - Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)) / 49
}

/** The best corners by `score · importance`, no two nearer than `apartPx`. */
export function spread<C extends Corner>(
  corners: readonly C[],
  importance: (corner: C) => number,
  apartPx: number,
  atMost: number,
): C[] {
  // The root of the score: one brilliant reflection must not outweigh ten honest screws.
  const ranked = corners
    .map(corner => ({ corner, rank: Math.sqrt(corner.score) * importance(corner) }))
    .sort((a, b) => b.rank - a.rank || a.corner.y - b.corner.y || a.corner.x - b.corner.x)
  const cells = new Map<number, C[]>()
  const cellOf = (x: number, y: number) => Math.floor(y / apartPx) * 10_000 + Math.floor(x / apartPx)
  const kept: C[] = []
  for (const { corner } of ranked) {
    if (kept.length >= atMost) break
    let isFree = true
    for (let row = -1; row <= 1 && isFree; row += 1) {
      for (let column = -1; column <= 1 && isFree; column += 1) {
        for (const other of cells.get(cellOf(corner.x + column * apartPx, corner.y + row * apartPx)) ?? []) {
          if (Math.hypot(other.x - corner.x, other.y - corner.y) < apartPx) isFree = false
        }
      }
    }
    if (!isFree) continue
    const cell = cellOf(corner.x, corner.y)
    cells.set(cell, [...(cells.get(cell) ?? []), corner])
    kept.push(corner)
  }
  return kept
}
