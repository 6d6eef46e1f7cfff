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

/** Brightness that a ring must differ by; where that finds little, the second one, which is just above noise. */
const CLEAR = 22
const FAINT = 9
/** Mean smaller eigenvalue below which a corner is an edge or noise. */
const LEAST_SCORE = 5
/** Parts of the picture that are looked at more closely, and when. */
const PART_PX = 48
const FEW = 6

/**
 * FAST-9 candidates ranked by the smaller eigenvalue of their gradients, one per 3×3 neighbourhood, none nearer to the border
 * than `marginPx`. Each part of the picture has its own threshold: a soft thing before a busy background has corners too.
 */
export function findCorners(image: Grey, marginPx: number): Corner[] {
  const margin = Math.max(5, marginPx)
  const scan = new CornerScan(image)
  for (let top = margin; top < image.height - margin; top += PART_PX) {
    for (let left = margin; left < image.width - margin; left += PART_PX) {
      const right = Math.min(left + PART_PX, image.width - margin)
      const bottom = Math.min(top + PART_PX, image.height - margin)
      const before = scan.found.length
      scan.part(left, top, right, bottom, CLEAR)
      if (scan.found.length - before >= FEW) continue
      scan.found.length = before
      scan.part(left, top, right, bottom, FAINT)
    }
  }
  return scan.best()
}

/**
 * Picture parts take turns, so that a busy one does not take all places: the corners in the order of their turn, the best of
 * every part first; none beyond `turns`.
 */
export function byTurns(corners: readonly Corner[], tilePx: number, turns: number): Corner[] {
  const tiles = new Map<number, Corner[]>()
  for (const corner of corners) {
    const key = Math.floor(corner.y / tilePx) * 1_000 + Math.floor(corner.x / tilePx)
    const tile = tiles.get(key)
    if (tile) tile.push(corner)
    else tiles.set(key, [corner])
  }
  for (const tile of tiles.values()) tile.sort((a, b) => b.score - a.score)
  return Array.from({ length: turns }, (_, turn) => [...tiles.values()].flatMap(tile => tile[turn] ?? [])).flat()
}

/** Candidates of one picture. */
class CornerScan {
  readonly found: number[] = []
  readonly #image: Grey
  readonly #offsets: Int32Array
  readonly #ring = new Int8Array(25)
  readonly #scores: Float32Array

  constructor(image: Grey) {
    this.#image = image
    this.#offsets = Int32Array.from(CIRCLE, ([x, y]) => y * image.width + x)
    this.#scores = new Float32Array(image.width * image.height)
  }

  part(left: number, top: number, right: number, bottom: number, threshold: number): void {
    const { width, data } = this.#image
    const offsets = this.#offsets
    const [north, east, south, west] = [offsets[0]!, offsets[4]!, offsets[8]!, offsets[12]!]
    for (let y = top; y < bottom; y += 1) {
      for (let at = y * width + left; at < y * width + right; at += 1) {
        const low = data[at]! - threshold
        const high = data[at]! + threshold
        // Nine in a row always hold two neighbours of these four.
        const n = data[at + north]!
        const e = data[at + east]!
        const s = data[at + south]!
        const w = data[at + west]!
        const brighter = +(n > high) + +(e > high) + +(s > high) + +(w > high)
        const darker = +(n < low) + +(e < low) + +(s < low) + +(w < low)
        if (brighter < 2 && darker < 2) continue
        if (!this.#hasArc(at, low, high)) continue
        this.#scores[at] = smallerEigenvalue(data, width, at)
        this.found.push(at)
      }
    }
  }

  /** Those that are the best of their 3×3 neighbourhood. */
  best(): Corner[] {
    const { width } = this.#image
    const scores = this.#scores
    const corners: Corner[] = []
    for (const at of this.found) {
      const score = scores[at]!
      if (score < LEAST_SCORE) continue
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

  /** Nine neighbours of the ring in a row all brighter or all darker. */
  #hasArc(at: number, low: number, high: number): boolean {
    const { data } = this.#image
    const ring = this.#ring
    for (let i = 0; i < 16; i += 1) {
      const other = data[at + this.#offsets[i]!]!
      ring[i] = other > high ? 1 : other < low ? -1 : 0
    }
    let run = 0
    let side = 0
    for (let i = 0; i < 25; i += 1) {
      const other = ring[i & 15]!
      if (other !== 0 && other === side) run += 1
      else {
        side = other
        run = side === 0 ? 0 : 1
      }
      if (run >= 9) return true
    }
    return false
  }
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
  return apart(
    ranked.map(one => one.corner),
    apartPx,
    atMost,
  )
}

/** In this order, no two nearer than `apartPx`. */
export function apart<C extends Corner>(corners: readonly C[], apartPx: number, atMost: number): C[] {
  const cells = new Map<number, C[]>()
  const cellOf = (x: number, y: number) => Math.floor(y / apartPx) * 10_000 + Math.floor(x / apartPx)
  const kept: C[] = []
  for (const corner of corners) {
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
    const key = cellOf(corner.x, corner.y)
    const cell = cells.get(key)
    if (cell) cell.push(corner)
    else cells.set(key, [corner])
    kept.push(corner)
  }
  return kept
}
