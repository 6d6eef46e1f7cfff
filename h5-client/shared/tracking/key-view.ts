import { type Corner, findCorners, spread } from './corners.ts'
import type { Frame } from './frame.ts'
import { apply, type Box, type Homography, IDENTITY, invert, jacobian } from './homography.ts'

/** Corners followed per view: more cost time and add little. */
const CORNERS = 96
/** Nearer to the border no square fits. */
const BORDER = 9

/** A place near the mark, in pixels of the view and of the anchor frame. */
export type Spot = {
  readonly x: number
  readonly y: number
  readonly anchorX: number
  readonly anchorY: number
  /** 1 on the mark, less with distance. */
  readonly weight: number
  readonly isNear: boolean
  /** Falls while a spot disagrees with the others: it belongs to another object, or to a reflection. */
  trust: number
}

/** What matters for a mark: how much a place of the anchor frame has to say about where the mark is. */
export class Neighbourhood {
  readonly box: Box
  readonly #reachPx: number

  /** `box` in pixels of the anchor frame of this width. */
  constructor(box: Box, widthPx: number) {
    this.box = box
    this.#reachPx = Math.max(0.5 * Math.hypot(box.width, box.height), 0.09 * widthPx)
  }

  /** Pixels from the box; 0 inside. */
  distance(x: number, y: number): number {
    const { box } = this
    return Math.hypot(Math.max(box.x - x, 0, x - box.x - box.width), Math.max(box.y - y, 0, y - box.y - box.height))
  }

  weight(x: number, y: number): number {
    const ratio = this.distance(x, y) / this.#reachPx
    return Math.max(0.04, 1 / (1 + ratio * ratio * ratio))
  }

  isNear(x: number, y: number): boolean {
    return this.distance(x, y) < this.#reachPx
  }
}

/** A frame whose pose is known, with the spots that later frames are compared with. The first one is the anchor frame. */
export class KeyView {
  readonly frame: Frame
  /** Anchor frame → this view, pixels. */
  readonly pose: Homography
  readonly toAnchor: Homography
  readonly spots: readonly Spot[]
  readonly totalWeight: number
  readonly isAnchor: boolean

  private constructor(frame: Frame, pose: Homography, toAnchor: Homography, spots: readonly Spot[]) {
    this.frame = frame
    this.pose = pose
    this.toAnchor = toAnchor
    this.spots = spots
    this.totalWeight = spots.reduce((sum, spot) => sum + spot.weight, 0)
    this.isAnchor = pose === IDENTITY
  }

  static of(frame: Frame, pose: Homography, around: Neighbourhood): KeyView | undefined {
    const toAnchor = invert(pose)
    if (toAnchor === undefined) return undefined
    const anchorOf = (corner: Corner) => apply(toAnchor, corner.x, corner.y)
    const importance = (corner: Corner) => {
      const place = anchorOf(corner)
      return 0.05 + around.weight(place.x, place.y)
    }
    const chosen = spread(findCorners(frame.pyramid[0]!, BORDER), importance, 6, CORNERS)
    // Where the picture is soft (motion, poor focus), half the size still shows corners.
    if (chosen.length < CORNERS / 2) {
      const half = findCorners(frame.pyramid[1]!, BORDER >> 1).map(corner => ({
        x: 2 * corner.x + 0.5,
        y: 2 * corner.y + 0.5,
        score: corner.score / 2,
      }))
      const isFree = (one: Corner) => chosen.every(other => Math.hypot(one.x - other.x, one.y - other.y) >= 6)
      chosen.push(...spread(half, importance, 8, CORNERS - chosen.length).filter(isFree))
    }
    const spots = chosen.map((corner): Spot => {
      const { x: anchorX, y: anchorY } = anchorOf(corner)
      return {
        x: corner.x,
        y: corner.y,
        anchorX,
        anchorY,
        weight: around.weight(anchorX, anchorY),
        isNear: around.isNear(anchorX, anchorY),
        trust: 1,
      }
    })
    return new KeyView(frame, pose, toAnchor, spots)
  }

  /** How well this view can be compared with a frame at `pose`: 0 is perfect, above 1 is hopeless. */
  unlikeness(pose: Homography, around: Neighbourhood, width: number, height: number): number {
    const x = around.box.x + around.box.width / 2
    const y = around.box.y + around.box.height / 2
    const [a, b, c, d] = jacobian(pose, x, y)
    const [e, f, g, h] = jacobian(this.pose, x, y)
    const now = Math.abs(a * d - b * c)
    const then = Math.abs(e * h - f * g)
    // Seen smaller, a view still serves well; seen larger, it lacks the detail.
    const octaves = Math.log2(Math.sqrt(now / Math.max(then, 1e-9)))
    let seen = 0
    for (const spot of this.spots) {
      const place = apply(pose, spot.anchorX, spot.anchorY)
      if (place.x > BORDER && place.y > BORDER && place.x < width - BORDER && place.y < height - BORDER)
        seen += spot.weight
    }
    const unseen = 1 - seen / Math.max(this.totalWeight, 1e-9)
    return Math.max(0, octaves) * 0.6 + Math.max(0, -octaves) * 0.45 + unseen * 0.6 + (this.isAnchor ? 0 : 0.12)
  }
}
