import { Aligner } from './align.ts'
import { describe } from './describe.ts'
import { decodeFeatures, encodeFeatures } from './features.ts'
import { Frame } from './frame.ts'
import type { Grey } from './grey.ts'
import { apply, type Box, type Homography, IDENTITY, invert } from './homography.ts'
import { Neighbourhood } from './key-view.ts'
import { type PlaceReport, type PlaceState, PlaceTracker } from './place-tracker.ts'

/** More places at a time cost more than a phone has; the oldest one gives way. */
export const MOST_PLACES = 6
/** Features that travel with a mark: about 14 000 characters. */
const TRAVELLING_FEATURES = 280
/** Spots an anchor needs within the neighbourhood of its mark, or nothing holds it. */
const LEAST_FEATURES = 24

export type PlacePose = {
  readonly placeId: string
  readonly state: PlaceState
  /** Anchor frame → this frame, 0..1; only while tracking. */
  readonly homography: Homography | undefined
  readonly confidence: number
}

/** Answer to a pen that came down on a frame. */
export type PenDown =
  /** An anchor that is being followed already: points are to be mapped back into its frame by `toAnchor`. */
  | { readonly kind: 'known'; readonly placeId: string; readonly toAnchor: Homography }
  /** The frame itself is the new anchor. */
  | { readonly kind: 'new'; readonly placeId: string; readonly features: string; readonly hasTexture: boolean }

type Entry = { readonly tracker: PlaceTracker; report: PlaceReport }

/** Half the side of the box that is taken for a mark of which only the first point is known; share of the frame's width. */
const FIRST_BOX = 0.07
/** A known anchor serves a new mark when the mark begins well inside its frame and not far from what it holds already. */
const INSIDE = 0.08
const NEAR = 0.22

/** All marks of one moving picture: each anchor is a place that is followed on its own. */
export class Scene {
  readonly #places = new Map<string, Entry>()
  readonly #boxes = new Map<string, Box>()
  readonly #aligner = new Aligner()
  #turn = 0

  get placeIds(): readonly string[] {
    return [...this.#places.keys()]
  }

  /** The next frame, in order. */
  update(image: Grey): readonly PlacePose[] {
    const frame = this.#places.size > 0 ? new Frame(image) : undefined
    this.#turn += 1
    let index = 0
    const poses: PlacePose[] = []
    for (const [placeId, entry] of this.#places) {
      index += 1
      // Searching costs more than following: one place at a time looks for its object.
      const isItsTurn = entry.tracker.state === 'tracking' || (this.#turn + index) % this.#places.size === 0
      if (frame !== undefined && isItsTurn) entry.report = entry.tracker.update(frame)
      const { homography, confidence } = entry.report
      poses.push({ placeId, state: entry.report.state, homography, confidence })
    }
    return poses
  }

  /** The pen came down at (x, y), 0..1, on this frame, the newest one. `newId` names the anchor if there has to be one. */
  penDown(image: Grey, x: number, y: number, newId: string): PenDown {
    this.update(image)
    // A second mark on the very same frame (the picture stands still).
    if (this.#places.has(newId)) return { kind: 'known', placeId: newId, toAnchor: IDENTITY }
    for (const [placeId, { report }] of [...this.#places].reverse()) {
      const toAnchor = report.homography && report.confidence > 0.4 ? invert(report.homography) : undefined
      const box = this.#boxes.get(placeId)
      if (toAnchor === undefined || box === undefined) continue
      const at = apply(toAnchor, x, y)
      const isInside = at.x > INSIDE && at.y > INSIDE && at.x < 1 - INSIDE && at.y < 1 - INSIDE
      const apart = Math.hypot(
        Math.max(box.x - at.x, 0, at.x - box.x - box.width),
        Math.max(box.y - at.y, 0, at.y - box.y - box.height),
      )
      if (isInside && apart < NEAR) return { kind: 'known', placeId, toAnchor }
    }
    return this.#anchor(image, x, y, newId)
  }

  /** An anchor frame that somebody else saw. False for features of another version. */
  addFeatures(placeId: string, base64: string, box: Box): boolean {
    const set = decodeFeatures(base64)
    if (set === undefined) return false
    this.#add(placeId, PlaceTracker.fromFeatures(set, pixels(box, set.width, set.height), this.#aligner), box)
    return true
  }

  /** What the marks of a place cover, 0..1 of the anchor frame. */
  setBox(placeId: string, box: Box): void {
    const entry = this.#places.get(placeId)
    if (entry === undefined) return
    this.#boxes.set(placeId, box)
    entry.tracker.setBox(pixels(box, entry.tracker.size.width, entry.tracker.size.height))
  }

  remove(placeId: string): void {
    this.#places.delete(placeId)
    this.#boxes.delete(placeId)
  }

  #anchor(image: Grey, x: number, y: number, placeId: string): PenDown {
    const frame = new Frame(image)
    const box: Box = { x: x - FIRST_BOX, y: y - FIRST_BOX, width: 2 * FIRST_BOX, height: 2 * FIRST_BOX }
    const inPixels = pixels(box, image.width, image.height)
    const around = new Neighbourhood(inPixels, image.width)
    const features = describe(frame.pyramid[0]!, {
      atMost: TRAVELLING_FEATURES,
      importance: (px, py) => 0.2 + around.weight(px, py),
    })
    const tracker = PlaceTracker.fromFrame(frame, inPixels, features, this.#aligner)
    this.#add(placeId, tracker, box)
    const { width, height } = image
    return {
      kind: 'new',
      placeId,
      features: encodeFeatures({ width, height, features }),
      hasTexture: tracker.state === 'tracking' && features.length >= LEAST_FEATURES,
    }
  }

  #add(placeId: string, tracker: PlaceTracker, box: Box): void {
    const oldest = this.#places.size >= MOST_PLACES ? this.#places.keys().next().value : undefined
    if (oldest !== undefined) this.remove(oldest)
    this.#boxes.set(placeId, box)
    const report: PlaceReport = {
      state: tracker.state,
      homography: undefined,
      confidence: 0,
      inliers: 0,
      support: 0,
      residualPx: 0,
    }
    this.#places.set(placeId, { tracker, report })
  }
}

function pixels(box: Box, width: number, height: number): Box {
  return { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height }
}
