import { Aligner } from './align.ts'
import { Comparison } from './comparison.ts'
import type { Feature } from './describe.ts'
import type { FeatureSet } from './features.ts'
import { findAgain } from './find-again.ts'
import type { Fit } from './fit.ts'
import { Flow } from './flow.ts'
import type { Frame } from './frame.ts'
import { apply, type Box, compose, type Homography, IDENTITY, isPlausible, jacobian, toUnits } from './homography.ts'
import { Judge, type Judged, LEAST_INLIERS, movedPx } from './judge.ts'
import { KeyView, Neighbourhood } from './key-view.ts'
import { repetition } from './repetition.ts'

export type PlaceState = 'searching' | 'tracking' | 'lost'

export type PlaceReport = {
  /** `searching`: never found yet. `lost`: was found, is not seen now, or is out of the picture. */
  readonly state: PlaceState
  /** Anchor frame → this frame, both 0..1, row by row; only while tracking. */
  readonly homography: Homography | undefined
  /** 0..1. */
  readonly confidence: number
  /** Spots that agree on the pose. */
  readonly inliers: number
  /** Weighted share of the expected spots, nearer to the mark counting more, that agree. */
  readonly support: number
  /** How far the agreeing ones lie from where the pose puts them, pixels of the tracked frame. */
  readonly residualPx: number
}

/** So many frames may pass on motion from frame to frame alone (blur, a passing hand) before it is called lost. */
const COASTING_FRAMES = 7
const MOST_VIEWS = 6
const SEARCH_EVERY = 2
/** Share of the distance at which a pattern repeats itself that it may move from one frame to the next. */
const SAFE_SHARE = 0.35
/** So many spots around the mark, or nothing holds it: what is farther away may be something else. */
const LEAST_NEAR_SPOTS = 6

type Size = { readonly width: number; readonly height: number }

/**
 * One place on an object, followed from frame to frame and always compared with how it looked at first, so that errors
 * do not add up. Says `lost` rather than to guess; finds the place again by its features.
 */
export class PlaceTracker {
  /** Of the anchor frame, pixels. */
  readonly size: Size
  #around: Neighbourhood
  #views: KeyView[] = []
  readonly #features: readonly Feature[]
  /** Distance at which the surroundings of the mark repeat themselves, pixels of the anchor frame. */
  readonly #repeatPx: number | undefined
  readonly #flow: Flow
  #judge: Judge
  readonly #comparison: Comparison
  #before: Frame | undefined
  #pose: Homography = IDENTITY
  #state: PlaceState = 'searching'
  #coasted = 0
  /** There never was anything to hold on to. */
  #isHopeless = false
  #frames = 0
  /** Found by features alone in the frame before; the next frame has to confirm it. */
  #candidate: { readonly pose: Homography; readonly frame: Frame } | undefined

  private constructor(size: Size, box: Box, features: readonly Feature[], aligner: Aligner) {
    this.size = { width: size.width, height: size.height }
    this.#around = new Neighbourhood(box, size.width)
    this.#features = features
    this.#repeatPx = repetition(features, this.#around)
    this.#flow = new Flow(aligner)
    this.#comparison = new Comparison(aligner)
    this.#judge = new Judge(this.#comparison, this.#around)
  }

  /** `box` around the mark in pixels of the frame. Begins in `tracking` at the frame itself. */
  static fromFrame(frame: Frame, box: Box, features: readonly Feature[], aligner = new Aligner()): PlaceTracker {
    const tracker = new PlaceTracker(frame, box, features, aligner)
    const view = KeyView.of(frame, IDENTITY, tracker.#around)
    if (view !== undefined) tracker.#views.push(view)
    tracker.#before = frame
    const near = view?.spots.filter(spot => spot.isNear).length ?? 0
    tracker.#state = near >= LEAST_NEAR_SPOTS && (view?.spots.length ?? 0) >= LEAST_INLIERS ? 'tracking' : 'lost'
    tracker.#isHopeless = tracker.#state === 'lost'
    return tracker
  }

  /** For a frame that somebody else saw: begins in `searching`. `box` in pixels of that frame as it was looked at. */
  static fromFeatures(set: FeatureSet, box: Box, aligner = new Aligner()): PlaceTracker {
    return new PlaceTracker(set, box, set.features, aligner)
  }

  get state(): PlaceState {
    return this.#state
  }

  /** The mark has grown, or others joined it: other spots matter now. */
  setBox(box: Box): void {
    this.#around = new Neighbourhood(box, this.size.width)
    this.#judge = new Judge(this.#comparison, this.#around)
    this.#views = this.#views.flatMap(view => KeyView.of(view.frame, view.pose, this.#around) ?? [])
  }

  /** The next frame, in order. A frame of another size (a turned phone) has to be found by features again. */
  update(frame: Frame): PlaceReport {
    this.#frames += 1
    const before = this.#before
    const isSameShape = before?.width === frame.width && before.height === frame.height
    let judged: Judged | undefined
    let isCoasting = false
    if (this.#state === 'tracking' && before !== undefined && isSameShape) {
      const view = this.#bestView(this.#pose, frame)
      const flow = this.#between(before, frame, this.#pose, view)
      const predicted = flow ? compose(flow.homography, this.#pose) : this.#pose
      // Without motion to go by, a pattern that repeats itself would be found at its neighbour.
      if (flow || this.#repeatPx === undefined)
        judged = this.#judge.at(view, frame, predicted, flow ? 4 : 6, this.#frames)
      if (judged !== undefined) {
        this.#pose = judged.fit.homography
        this.#coasted = 0
        this.#learn(judged)
        this.#addView(judged, frame)
      } else if (flow && this.#mayCoast(flow, predicted)) {
        this.#pose = predicted
        this.#coasted += 1
        isCoasting = true
      } else {
        this.#state = 'lost'
      }
    } else if (this.#state === 'tracking') {
      this.#state = 'lost'
    }
    if (this.#state !== 'tracking' && !this.#isHopeless && this.#frames % SEARCH_EVERY === 0)
      judged = this.#search(frame)
    this.#before = frame
    return this.#report(frame, judged, isCoasting)
  }

  /** Undefined too when the pattern moved so far that its neighbour could be meant. */
  #between(before: Frame, now: Frame, pose: Homography, view: KeyView): Fit | undefined {
    const onlySmall = this.#repeatPx !== undefined
    const flow = this.#flow.between({ before, now, pose, view, seed: this.#frames, onlySmall })
    if (flow === undefined || this.#repeatPx === undefined) return flow
    const [a, b, c, d] = jacobian(pose, this.#around.box.x, this.#around.box.y)
    const repeatsNow = this.#repeatPx * Math.sqrt(Math.abs(a * d - b * c))
    return movedPx(this.#around.box, pose, compose(flow.homography, pose)) < SAFE_SHARE * repeatsNow ? flow : undefined
  }

  #bestView(pose: Homography, frame: Frame): KeyView {
    let best = this.#views[0]!
    let least = Number.POSITIVE_INFINITY
    for (const view of this.#views) {
      const unlike = view.unlikeness(pose, this.#around, frame.width, frame.height)
      if (unlike < least) {
        least = unlike
        best = view
      }
    }
    return best
  }

  #mayCoast(flow: Fit, predicted: Homography): boolean {
    return (
      this.#coasted < COASTING_FRAMES &&
      flow.inliers >= 10 &&
      flow.support > 0.5 &&
      isPlausible(predicted, this.#around.box)
    )
  }

  #learn({ fit, view, agreed }: Judged): void {
    view.spots.forEach((spot, index) => {
      const place = apply(fit.homography, spot.anchorX, spot.anchorY)
      const frame = this.#before!
      if (place.x < 12 || place.y < 12 || place.x > frame.width - 12 || place.y > frame.height - 12) return
      spot.trust = agreed.has(index) ? Math.min(1, spot.trust + 0.08) : Math.max(0.15, spot.trust - 0.02)
    })
  }

  /** Where the object is seen much larger, smaller or from elsewhere, the present frame becomes something to compare with. */
  #addView({ fit, view }: Judged, frame: Frame): void {
    // Away from the mark such views would only lead from one to the next, each a little less exact.
    if (fit.inliers < 20 || fit.residualPx > 0.9 || !this.#isInside(fit.homography, frame)) return
    if (view.unlikeness(fit.homography, this.#around, frame.width, frame.height) < 0.42) return
    const fresh = KeyView.of(frame, fit.homography, this.#around)
    if (fresh === undefined || fresh.spots.length < 24) return
    // The anchor frame stays; of the others the oldest goes.
    if (this.#views.length >= MOST_VIEWS) this.#views.splice(1, 1)
    this.#views.push(fresh)
  }

  #search(frame: Frame): Judged | undefined {
    const found = findAgain(this.#features, frame, this.#around, {
      seed: this.#frames,
      isPattern: this.#repeatPx !== undefined,
    })
    if (found === undefined) {
      this.#candidate = undefined
      return undefined
    }
    if (this.#views.length > 0) {
      const judged = this.#judge.at(this.#bestView(found.homography, frame), frame, found.homography, 7, this.#frames)
      if (judged !== undefined) this.#settle(judged.fit.homography)
      return judged
    }
    return this.#confirm(frame, found)
  }

  /** No view of our own yet: two frames must agree before anything is claimed. */
  #confirm(frame: Frame, found: Fit): Judged | undefined {
    const candidate = this.#candidate
    this.#candidate = { pose: found.homography, frame }
    const early = candidate && KeyView.of(candidate.frame, candidate.pose, this.#around)
    if (candidate === undefined || early === undefined) return undefined
    const flow = this.#between(candidate.frame, frame, candidate.pose, early)
    const guess = flow ? compose(flow.homography, candidate.pose) : found.homography
    const judged = this.#judge.at(early, frame, guess, 6, this.#frames)
    if (judged === undefined || movedPx(this.#around.box, judged.fit.homography, found.homography) > 7) return undefined
    this.#views.push(early)
    this.#candidate = undefined
    this.#settle(judged.fit.homography)
    return judged
  }

  /** Whether anything of the mark can be in the picture. */
  #isInside(pose: Homography, { width, height }: Size): boolean {
    const { box } = this.#around
    const [one, two, three, four] = [
      apply(pose, box.x, box.y),
      apply(pose, box.x + box.width, box.y),
      apply(pose, box.x, box.y + box.height),
      apply(pose, box.x + box.width, box.y + box.height),
    ]
    const [left, right] = [Math.min(one.x, two.x, three.x, four.x), Math.max(one.x, two.x, three.x, four.x)]
    const [top, bottom] = [Math.min(one.y, two.y, three.y, four.y), Math.max(one.y, two.y, three.y, four.y)]
    return right > 0 && bottom > 0 && left < width && top < height
  }

  #settle(pose: Homography): void {
    this.#pose = pose
    this.#coasted = 0
    this.#state = 'tracking'
  }

  #report(frame: Frame, judged: Judged | undefined, isCoasting: boolean): PlaceReport {
    const isSeen = this.#state === 'tracking' && this.#isInside(this.#pose, frame)
    if (!isSeen)
      return {
        state: this.#state === 'searching' ? 'searching' : 'lost',
        homography: undefined,
        confidence: 0,
        inliers: 0,
        support: 0,
        residualPx: 0,
      }
    const support = judged?.support ?? 0
    const inliers = judged?.fit.inliers ?? 0
    return {
      state: 'tracking',
      homography: toUnits(this.#pose, this.size, frame),
      confidence: isCoasting
        ? 0.3 * (1 - this.#coasted / (COASTING_FRAMES + 1))
        : Math.min(1, support / 0.7) * Math.min(1, inliers / 24),
      inliers,
      support,
      residualPx: judged?.fit.residualPx ?? 0,
    }
  }
}
