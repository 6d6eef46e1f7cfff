import { type Aligner, type Alignment, TEMPLATE_HALF } from './align.ts'
import { type Fit, fitRobustly } from './fit.ts'
import type { Frame } from './frame.ts'
import { apply, type Homography } from './homography.ts'
import type { KeyView, Spot } from './key-view.ts'
import { Pairs } from './pairs.ts'
import { copyWindow } from './window.ts'

const FLOWING = 56
/** There and back again must end where it began. */
const RETURN_PX = 0.7

/**
 * From one frame to the next: pyramidal Lucas–Kanade for the most important spots, each checked by following it back.
 * The fit maps the frame before to this one.
 */
export class Flow {
  readonly #aligner: Aligner
  readonly #pairs = new Pairs(FLOWING)
  readonly #place: Alignment = { x: 0, y: 0, likeness: 0 }

  constructor(aligner: Aligner) {
    this.#aligner = aligner
  }

  /**
   * First only the finest levels, where a hand that is nearly still is seen exactly; then all of them. With `onlySmall` (a
   * pattern that repeats itself) it is left at the first: coarse levels would as soon find the neighbour.
   */
  between(o: {
    readonly before: Frame
    readonly now: Frame
    readonly pose: Homography
    readonly view: KeyView
    readonly seed: number
    readonly onlySmall: boolean
  }): Fit | undefined {
    const { before, now, pose, view, seed } = o
    const spots = visible(view.spots, pose, before)
    const small = this.#fit(before, now, spots, { x: 0, y: 0, levels: 2 }, seed)
    if (o.onlySmall || (small?.support ?? 0) > 0.7) return small
    const quick = better(small, this.#fit(before, now, spots, { x: 0, y: 0, levels: 4 }, seed), 0.05)
    if (quick !== undefined && quick.support > 0.55) return quick
    // A jerk: where has the whole picture gone, roughly?
    const { x, y } = wholeShift(before, now)
    if (x === 0 && y === 0) return quick
    return better(quick, this.#fit(before, now, spots, { x, y, levels: 4 }, seed), 0.12)
  }

  #fit(before: Frame, now: Frame, spots: readonly Moving[], guess: Guess, seed: number): Fit | undefined {
    const pairs = this.#pairs
    pairs.count = 0
    let sought = 0
    const place = this.#place
    spots.forEach(({ x, y, weight }, index) => {
      sought += weight
      if (!this.#follow(before, now, x, y, x + guess.x, y + guess.y, guess.levels)) return
      const { x: toX, y: toY } = place
      if (!this.#follow(now, before, toX, toY, toX - guess.x, toY - guess.y, guess.levels)) return
      if (Math.hypot(place.x - x, place.y - y) < RETURN_PX) pairs.add(x, y, toX, toY, weight, index)
    })
    const fit = fitRobustly(pairs, { tolerancePx: 2, seed, rounds: 60, model: 'homography', atLeast: 6 })
    if (fit === undefined) return undefined
    let agreed = 0
    for (let i = 0; i < pairs.count; i += 1) if (fit.isInlier[i] === 1) agreed += pairs.weight[i]!
    // Spots that were not found again count against it.
    return { ...fit, support: agreed / Math.max(sought, 1e-9) }
  }

  #follow(from: Frame, to: Frame, x: number, y: number, guessX: number, guessY: number, levels: number): boolean {
    const place = this.#place
    place.x = guessX
    place.y = guessY
    let isFound = false
    for (let level = Math.min(levels, from.pyramid.length) - 1; level >= 0; level -= 1) {
      const scale = 1 << level
      const half = 0.5 - 0.5 / scale
      if (!copyWindow(from.pyramid[level]!, x / scale - half, y / scale - half, TEMPLATE_HALF, this.#aligner.template))
        continue
      // Coarse levels may show nothing here; the finest one must.
      const hasTexture = this.#aligner.prepare()
      if (!hasTexture && level > 0) continue
      const startX = place.x / scale - half
      const startY = place.y / scale - half
      isFound = hasTexture && this.#aligner.seek(to.pyramid[level]!, startX, startY, level === 0 ? 4 : 7, place)
      if (!isFound) {
        if (level <= 1) return false
        place.x = startX
        place.y = startY
      }
      place.x = (place.x + half) * scale
      place.y = (place.y + half) * scale
    }
    return isFound && place.likeness > 0.6
  }
}

/** Where everything may have gone, and how many levels of the pyramid to begin with. */
type Guess = { readonly x: number; readonly y: number; readonly levels: number }

/** The second one only if it explains clearly more. */
function better(one: Fit | undefined, other: Fit | undefined, byShare: number): Fit | undefined {
  return (other?.support ?? 0) > (one?.support ?? 0) + (one ? byShare : 0) ? other : one
}

type Moving = { readonly x: number; readonly y: number; readonly weight: number }

function visible(spots: readonly Spot[], pose: Homography, frame: Frame): Moving[] {
  const moving: Moving[] = []
  for (const spot of spots) {
    const { x, y } = apply(pose, spot.anchorX, spot.anchorY)
    if (x > 8 && y > 8 && x < frame.width - 9 && y < frame.height - 9)
      moving.push({ x, y, weight: spot.weight * spot.trust })
  }
  if (moving.length <= FLOWING) return moving
  return moving.sort((a, b) => b.weight - a.weight).slice(0, FLOWING)
}

/** Shift of the smallest level that makes two frames most alike, in pixels of the frame. */
function wholeShift(before: Frame, now: Frame): { x: number; y: number } {
  const level = before.pyramid.length - 1
  const one = before.pyramid[level]!
  const other = now.pyramid[level]!
  const reach = 9
  let best = Number.POSITIVE_INFINITY
  let bestX = 0
  let bestY = 0
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) {
      let sum = 0
      let squares = 0
      let count = 0
      for (let y = Math.max(0, -dy); y < Math.min(one.height, one.height - dy); y += 2) {
        const from = y * one.width
        const to = (y + dy) * one.width + dx
        for (let x = Math.max(0, -dx); x < Math.min(one.width, one.width - dx); x += 2) {
          const difference = one.data[from + x]! - other.data[to + x]!
          sum += difference
          squares += difference * difference
          count += 1
        }
      }
      // The variance of the difference: a change of light alone is no difference.
      // And of two equals the smaller step.
      const score = (squares / count - (sum / count) ** 2 + 4) * (1 + 0.012 * (dx * dx + dy * dy) ** 0.5)
      if (score < best) {
        best = score
        bestX = dx
        bestY = dy
      }
    }
  }
  return { x: bestX << level, y: bestY << level }
}
