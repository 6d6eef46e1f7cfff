import { type Aligner, type Alignment, TEMPLATE_HALF } from './align.ts'
import type { Frame } from './frame.ts'
import { apply, type Homography } from './homography.ts'
import type { KeyView, Spot } from './key-view.ts'
import { Pairs } from './pairs.ts'
import { copyWarped } from './window.ts'

/** What a spot counts when the evidence is weighed: one that disagreed for long counts less, but never nothing. */
export function expectedWeight({ weight, trust }: Spot): number {
  return weight * Math.max(0.5, trust)
}

/** Compares a frame with a key view at a supposed pose, and finds the pose that fits best. */
export class Comparison {
  readonly #aligner: Aligner
  readonly pairs = new Pairs(128)
  /** Of each pair, how much its square looks like the view. */
  readonly likenesses = new Float64Array(128)
  readonly #place: Alignment = { x: 0, y: 0, likeness: 0 }
  /** Weights of what should be seen: all spots, and those near the mark; and how many of the latter. */
  expected = 0
  expectedNear = 0
  nearSpots = 0

  constructor(aligner: Aligner) {
    this.#aligner = aligner
  }

  /** Fills `pairs`: where the spots were supposed to be → where they are, tagged with the index of the spot. */
  compare(view: KeyView, now: Frame, pose: Homography, reachPx: number, leastLikeness: number): void {
    this.pairs.count = 0
    this.expected = 0
    this.expectedNear = 0
    this.nearSpots = 0
    const place = this.#place
    view.spots.forEach((spot, index) => {
      const at = apply(pose, spot.anchorX, spot.anchorY)
      if (!(at.x > 8 && at.y > 8 && at.x < now.width - 9 && at.y < now.height - 9)) return
      const weight = spot.weight * spot.trust
      const expected = expectedWeight(spot)
      this.expected += expected
      if (spot.isNear) {
        this.expectedNear += expected
        this.nearSpots += 1
      }
      if (!this.#template(view, spot, pose, at)) return
      const { level } = this
      const scale = 1 << level
      const half = 0.5 - 0.5 / scale
      const image = now.pyramid[level]!
      if (!this.#aligner.seek(image, at.x / scale - half, at.y / scale - half, reachPx, place)) return
      if (place.likeness < leastLikeness) return
      this.likenesses[this.pairs.count] = place.likeness
      this.pairs.add(
        at.x,
        at.y,
        (place.x + half) * scale,
        (place.y + half) * scale,
        weight * place.likeness * place.likeness,
        index,
      )
    })
  }

  level = 0

  /** Cuts the square around a spot out of the view as it should look now. */
  #template(view: KeyView, spot: Spot, pose: Homography, at: { x: number; y: number }): boolean {
    // now → view, by small differences through the anchor frame
    const [a, b, c, d] = localMap(pose, view, spot)
    const size = Math.sqrt(Math.abs(a * d - b * c))
    if (!(size > 0.12 && size < 8)) return false
    // Larger now than then: look at a smaller version of now. Smaller now: take the square from a smaller version of then.
    const levels = view.frame.pyramid.length
    this.level = Math.min(levels - 1, Math.max(0, Math.round(Math.log2(size) - 0.1)))
    const step = (1 << this.level) / size
    const from = Math.min(levels - 1, Math.max(0, Math.round(Math.log2(step) - 0.1)))
    const scale = 1 << from
    const half = 0.5 - 0.5 / scale
    const factor = (1 << this.level) / scale / (a * d - b * c)
    if (!Number.isFinite(at.x)) return false
    const isInside = copyWarped(
      view.frame.pyramid[from]!,
      spot.x / scale - half,
      spot.y / scale - half,
      [d * factor, -b * factor, -c * factor, a * factor],
      TEMPLATE_HALF,
      this.#aligner.template,
    )
    return isInside && this.#aligner.prepare()
  }
}

/** Linear part of view → now at a spot. */
function localMap(pose: Homography, view: KeyView, spot: Spot): readonly [number, number, number, number] {
  const h = view.toAnchor
  const right = apply(h, spot.x + 1, spot.y)
  const below = apply(h, spot.x, spot.y + 1)
  const centre = apply(pose, spot.anchorX, spot.anchorY)
  const toRight = apply(pose, right.x, right.y)
  const toBelow = apply(pose, below.x, below.y)
  return [toRight.x - centre.x, toBelow.x - centre.x, toRight.y - centre.y, toBelow.y - centre.y]
}
