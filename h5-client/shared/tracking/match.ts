import type { Feature } from './describe.ts'

/** Differing comparisons of two features, 0..256. */
export function distance(a: Uint32Array, b: Uint32Array): number {
  let sum = 0
  for (let i = 0; i < 8; i += 1) {
    let x = a[i]! ^ b[i]!
    x -= (x >>> 1) & 0x5555_5555
    x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333)
    sum += Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
  }
  return sum
}

export type Match = {
  readonly from: Feature
  readonly to: Feature
  readonly distance: number
  /** Clearly better than the next best place: not one of many alike. */
  readonly isDistinct: boolean
}

const FARTHEST = 72
/** The next best place must differ this much more. */
const DISTINCT_RATIO = 0.82

/**
 * For every feature the most alike one of the other frame, with the runner-up kept as a candidate of its own when both
 * are about equally alike: on a repeated pattern the geometry decides, or shows that nothing can decide.
 */
export function match(from: readonly Feature[], to: readonly Feature[]): Match[] {
  const matches: Match[] = []
  for (const one of from) {
    let best = FARTHEST + 1
    let second = 257
    let bestAt: Feature | undefined
    let secondAt: Feature | undefined
    for (const other of to) {
      const d = distance(one.bits, other.bits)
      if (d < best) {
        // The same corner in the next octave is no rival.
        if (bestAt === undefined || Math.hypot(bestAt.x - other.x, bestAt.y - other.y) > 6) {
          second = best
          secondAt = bestAt
        }
        best = d
        bestAt = other
      } else if (d < second && bestAt !== undefined && Math.hypot(bestAt.x - other.x, bestAt.y - other.y) > 6) {
        second = d
        secondAt = other
      }
    }
    if (bestAt === undefined) continue
    const isDistinct = best < DISTINCT_RATIO * second
    matches.push({ from: one, to: bestAt, distance: best, isDistinct })
    if (!isDistinct && secondAt !== undefined && second <= FARTHEST)
      matches.push({ from: one, to: secondAt, distance: second, isDistinct: false })
  }
  return matches
}
