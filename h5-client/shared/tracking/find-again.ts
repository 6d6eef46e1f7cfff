import type { Feature } from './describe.ts'
import { type Fit, fitRobustly } from './fit.ts'
import type { Frame } from './frame.ts'
import { apply, isPlausible } from './homography.ts'
import type { Neighbourhood } from './key-view.ts'
import { type Match, match } from './match.ts'
import { Pairs } from './pairs.ts'

const LEAST_AGREEING = 9
/** A second, different place that has this share of the evidence makes the first one a guess. */
const RIVAL_SHARE = 0.55

/**
 * Finds the anchor frame's place in a frame by features alone, wherever it is. Undefined when it is not to be seen, or when
 * two places look alike (a repeated pattern): then nobody can say which one is meant.
 */
export function findAgain(
  features: readonly Feature[],
  frame: Frame,
  around: Neighbourhood,
  o: { readonly seed: number; readonly isPattern: boolean },
): Fit | undefined {
  const { seed, isPattern } = o
  const all = match(features, frame.features)
  // On a pattern only what is there once says anything about where.
  const matches = isPattern ? all.filter(one => one.isDistinct) : all
  const pairs = pairsOf(matches, around, () => true)
  const options = {
    tolerancePx: 3.2,
    coarsePx: 9,
    seed,
    rounds: 260,
    model: 'homography',
    atLeast: LEAST_AGREEING,
  } as const
  const best = fitRobustly(pairs, options)
  if (best === undefined || !isPlausible(best.homography, around.box)) return undefined
  const agreed = new Set<Feature>()
  let evidence = 0
  for (let i = 0; i < pairs.count; i += 1) {
    const one = matches[pairs.tag[i]!]!
    if (best.isInlier[i] === 0 || agreed.has(one.from)) continue
    agreed.add(one.from)
    evidence += pairs.weight[i]!
  }
  if (agreed.size < LEAST_AGREEING || best.residualPx > 2.4) return undefined
  if (!isSupported(features, agreed, best, frame, around)) return undefined
  const rest = pairsOf(matches, around, one => {
    const to = apply(best.homography, one.from.x, one.from.y)
    return Math.hypot(to.x - one.to.x, to.y - one.to.y) > 9
  })
  const rival = fitRobustly(rest, { ...options, atLeast: 6 })
  if (rival !== undefined && isPlausible(rival.homography, around.box)) {
    let against = 0
    for (let i = 0; i < rest.count; i += 1) if (rival.isInlier[i] === 1) against += rest.weight[i]!
    if (against > RIVAL_SHARE * evidence) return undefined
  }
  return best
}

function pairsOf(matches: readonly Match[], around: Neighbourhood, isWanted: (one: Match) => boolean): Pairs {
  const pairs = new Pairs(matches.length)
  matches.forEach((one, index) => {
    if (!isWanted(one)) return
    const weight = around.weight(one.from.x, one.from.y) + 0.15
    pairs.add(one.from.x, one.from.y, one.to.x, one.to.y, weight * (one.isDistinct ? 1 : 0.3), index)
  })
  return pairs
}

/** Whether enough of what ought to be in the picture was found where it ought to be: of all, and right at the mark. */
function isSupported(
  features: readonly Feature[],
  agreed: ReadonlySet<Feature>,
  fit: Fit,
  frame: Frame,
  around: Neighbourhood,
): boolean {
  let expected = 0
  let seen = 0
  let near = 0
  let nearSeen = 0
  for (const feature of features) {
    const { x, y } = apply(fit.homography, feature.x, feature.y)
    if (x < 16 || y < 16 || x > frame.width - 16 || y > frame.height - 16) continue
    const weight = around.weight(feature.x, feature.y)
    expected += weight
    if (agreed.has(feature)) seen += weight
    if (!around.isNear(feature.x, feature.y)) continue
    near += 1
    if (agreed.has(feature)) nearSeen += 1
  }
  return seen > 0.1 * expected && nearSeen >= Math.max(3, 0.1 * near)
}
