import type { Feature } from './describe.ts'
import type { Neighbourhood } from './key-view.ts'
import { distance } from './match.ts'

/** Features that differ less than this cannot be told apart. */
const ALIKE = 34
/** Nearer than this it is the same corner, described in another octave. */
const SAME_PX = 8
/** With this share of doubles the surroundings are a pattern. */
const PATTERN = 0.7

/**
 * The distance, in pixels, at which the surroundings of a mark repeat themselves (bricks, holes, keys); undefined when most
 * of what is there is there only once.
 */
export function repetition(features: readonly Feature[], around: Neighbourhood): number | undefined {
  let total = 0
  let doubled = 0
  const distances: number[] = []
  for (const one of features) {
    const weight = around.weight(one.x, one.y)
    total += weight
    let nearest = Number.POSITIVE_INFINITY
    for (const other of features) {
      const apart = Math.hypot(other.x - one.x, other.y - one.y)
      if (apart < SAME_PX || apart >= nearest || other.octave !== one.octave) continue
      if (distance(one.bits, other.bits) < ALIKE) nearest = apart
    }
    if (nearest === Number.POSITIVE_INFINITY) continue
    doubled += weight
    distances.push(nearest)
  }
  if (doubled < PATTERN * total || distances.length < 8) return undefined
  return distances.sort((a, b) => a - b)[distances.length >> 2]
}
