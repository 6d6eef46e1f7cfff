import type { CallId } from '../../signaling/protocol/ids.ts'
import { EMPTY_INK, type Ink, visibleInk } from '../../signaling/protocol/ink.ts'
import type { Anchor, Mark, Point } from '../../signaling/protocol/mark.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import { Store } from '../shared/console/store.ts'
import type { Ground } from '../shared/ink/drawing.ts'
import { type LocalInk, withLocals } from '../shared/ink/local-ink.ts'
import { FrameSource } from '../shared/live/frame-source.ts'
import {
  type LiveMark,
  LiveTracking,
  placedMarks,
  placeIdOf,
  type TrackingWorker,
} from '../shared/live/live-tracking.ts'
import { placed } from '../shared/live/placed-marks.ts'
import type { Size } from '../shared/picture-rect.ts'
import { type Homography, IDENTITY, invert } from '../shared/tracking/homography.ts'
import { type Anchoring, Anchorings, NothingToHold, ontoAnchor, type Request } from './live-anchorings.ts'
import { PoseReporter } from './live-poses.ts'

/** Filled in by the build: where the bundles of the workers lie. */
declare const TONGPING_WORKERS: { readonly tracking: string }

export type LiveState = {
  /** The frame under the pen, while one draws: it stands still. */
  readonly held: HTMLCanvasElement | undefined
  /** Live marks that the tracker does not see now. */
  readonly unseen: number
  /** The pen came down where nothing can be recognised again. */
  readonly nothingToHold: boolean
  /** Grows with everything that is to be painted anew. */
  readonly painted: number
}
type Hold = {
  readonly still: HTMLCanvasElement
  readonly anchoring: Promise<Anchoring>
  known: Anchoring | undefined
  /** Where the other marks lie on the held frame. */
  readonly poses: ReadonlyMap<string, { readonly homography: Homography | undefined }>
  isUp: boolean
}

/** After the pen is up the held frame stays until the mark's place in the moving picture is known, but not longer. */
const RELEASE_MS = 400

/**
 * Marks on the moving picture, the agent's side. While the pen is down the frame under it stands still: nobody can draw
 * round a thing that shakes, and every point of the stroke belongs to one frame, whatever the camera does meanwhile.
 */
export class LiveDesk {
  readonly state = new Store<LiveState>({ held: undefined, unseen: 0, nothingToHold: false, painted: 0 })
  readonly #reporter: PoseReporter
  readonly #anchorings: Anchorings
  #tracking: LiveTracking | undefined
  #frames: FrameSource | undefined
  #video: HTMLVideoElement | undefined
  #hold: Hold | undefined
  #callId: CallId | undefined
  #ink: Ink = EMPTY_INK
  #epoch = 0
  #releaseTimer: ReturnType<typeof setTimeout> | undefined

  constructor(request: Request) {
    this.#anchorings = new Anchorings(request, () => this.#hold?.anchoring)
    this.#reporter = new PoseReporter((callId, poses) => {
      request('marks.pose', { callId, poses }).catch(() => undefined)
    })
  }

  /** What the pen is to send its requests with. */
  get wire(): Request {
    return this.#anchorings.wire
  }

  /** The video that shows the moving picture. Returns the way back. */
  watch(video: HTMLVideoElement): () => void {
    const tracking = new LiveTracking({
      video,
      keepsFrames: true,
      newWorker: () => new Worker(TONGPING_WORKERS.tracking) as TrackingWorker,
      onPoses: () => this.#posed(),
    })
    const frames = new FrameSource(video, () => {})
    frames.start()
    this.#video = video
    this.#tracking = tracking
    this.#frames = frames
    tracking.follow(this.#ink)
    return () => {
      tracking.close()
      frames.stop()
      if (this.#tracking !== tracking) return
      this.#tracking = undefined
      this.#frames = undefined
      this.#video = undefined
      this.#release()
    }
  }

  /** The stage as the journal tells it. */
  follow(callId: CallId | undefined, stage: Stage | undefined): void {
    this.#callId = callId
    this.#ink = stage?.live ?? EMPTY_INK
    this.#epoch = stage?.epoch ?? 0
    if (callId === undefined) {
      this.#anchorings.forget()
      this.#release()
    }
    this.#tracking?.follow(this.#ink)
  }

  /** The pen is down at a place of the picture, 0..1: what is drawn on from now on, or undefined without a picture. */
  penDown(callId: CallId, at: readonly [number, number], size: Size): Ground | undefined {
    const video = this.#video
    const tracking = this.#tracking
    if (video === undefined || tracking === undefined || video.videoWidth === 0) return undefined
    clearTimeout(this.#releaseTimer)
    const still = document.createElement('canvas')
    still.width = video.videoWidth
    still.height = video.videoHeight
    still.getContext('2d', { alpha: false })?.drawImage(video, 0, 0)
    const frame = this.#frames?.grab(still)
    if (frame === undefined) return undefined
    const { poses } = tracking.tracked
    const own: Anchor = {
      // Older browsers do not tell the sender's stamp: then a stamp of our own names the frame.
      rtpTimestamp: frame.rtpTimestamp ?? Math.round(performance.now() * 90),
      widthPx: frame.widthPx,
      heightPx: frame.heightPx,
      epoch: this.#epoch,
    }
    const anchoring = tracking.penDown(frame, at[0], at[1], placeIdOf(own)).then((down): Anchoring => {
      if (down.kind === 'known') {
        const known = this.#anchorOf(down.placeId)
        if (known) return { anchor: known, toAnchor: down.toAnchor }
      }
      if (down.kind === 'new' && !down.hasTexture) throw new NothingToHold()
      return { anchor: down.kind === 'new' ? { ...own, features: down.features } : own, toAnchor: undefined }
    })
    const hold: Hold = { still, anchoring, known: undefined, poses, isUp: false }
    anchoring.then(
      known => {
        hold.known = known
        this.#paint()
      },
      (error: unknown) => {
        if (error instanceof NothingToHold) this.state.update(state => ({ ...state, nothingToHold: true }))
        if (this.#hold === hold) this.#release()
      },
    )
    this.#hold = hold
    this.state.update(state => ({ ...state, held: still, nothingToHold: false }))
    return { callId, on: 'live', ink: this.#inkAsSeen(), size }
  }

  /** The pen is up: the picture moves again as soon as the mark can move with it. */
  penUp(): void {
    const hold = this.#hold
    if (hold === undefined) return
    hold.isUp = true
    this.#releaseTimer = setTimeout(() => this.#release(), RELEASE_MS)
    this.#posed()
  }

  dismiss(): void {
    this.state.update(state => ({ ...state, nothingToHold: false }))
  }

  /**
   * The frame to paint under the marks: the held one, or the one they were found in, so that a mark never trails behind its
   * object; undefined where the video itself does.
   */
  get picture(): HTMLCanvasElement | undefined {
    if (this.#hold) return this.#hold.still
    const tracked = this.#tracking?.tracked
    const isSeen = tracked && [...tracked.poses.values()].some(pose => pose.homography !== undefined)
    return isSeen ? tracked.picture : undefined
  }

  /** What is to be painted over the held or the moving picture. */
  marks(locals: LocalInk): readonly Mark[] {
    const hold = this.#hold
    const truth = visibleInk(this.#ink).filter(one => one.anchor !== undefined)
    const anchors = new Map(truth.map(one => [one.mark.id, one.anchor as Anchor]))
    const mine: LocalInk = {
      ...locals,
      marks: locals.marks.map(local => {
        const known = local.on === 'live' ? this.#anchorings.of(local.mark.id) : undefined
        if (known === undefined) return local
        anchors.set(local.mark.id, known.anchor)
        return { ...local, mark: ontoAnchor(local.mark, known) }
      }),
    }
    const all = withLocals(
      truth.map(one => one.mark),
      mine,
      'live',
    )
    const fresh = all.filter(mark => !anchors.has(mark.id))
    const anchored = all.flatMap((mark): LiveMark[] => {
      const anchor = anchors.get(mark.id)
      return anchor ? [{ mark, anchor }] : []
    })
    const poseOf = hold
      ? (anchor: Anchor) => this.#poseOnHeld(hold, anchor)
      : (anchor: Anchor) => this.#tracking?.poseOf(anchor)
    const { seen } = placedMarks(anchored, poseOf)
    // What was begun in this moment lies on the held frame as it is.
    return hold ? [...seen, ...fresh] : seen
  }

  #anchorOf(placeId: string): Anchor | undefined {
    const told = this.#ink.marks.flatMap(one => (one.anchor ? [one.anchor] : []))
    return [...this.#anchorings.anchors, ...told].find(anchor => placeIdOf(anchor) === placeId)
  }

  #poseOnHeld(hold: Hold, anchor: Anchor): { readonly homography: Homography | undefined } | undefined {
    const placeId = placeIdOf(anchor)
    if (hold.known && placeIdOf(hold.known.anchor) === placeId)
      return { homography: hold.known.toAnchor ? invert(hold.known.toAnchor) : IDENTITY }
    return hold.poses.get(placeId)
  }

  /** For the eraser and for texts: marks where they are seen, the others far away. */
  #inkAsSeen(): Ink {
    const marks = this.#ink.marks.map(one => {
      const h = one.anchor && this.#tracking?.poseOf(one.anchor)?.homography
      return { ...one, mark: h ? placed(one.mark, h) : { ...one.mark, points: [[-9, -9] as Point] } }
    })
    return { ...this.#ink, marks }
  }

  #posed(): void {
    const tracking = this.#tracking
    if (tracking === undefined) return
    const hold = this.#hold
    const pose = hold?.known && tracking.poseOf(hold.known.anchor)
    if (hold?.isUp && pose?.homography) this.#release()
    const live = visibleInk(this.#ink).flatMap((one): LiveMark[] =>
      one.anchor ? [{ mark: one.mark, anchor: one.anchor }] : [],
    )
    if (this.#callId) this.#reporter.report(this.#callId, live, tracking.tracked)
    const unseen = live.filter(one => tracking.poseOf(one.anchor)?.state !== 'tracking').length
    this.state.update(state => ({ ...state, unseen, painted: state.painted + 1 }))
  }

  #paint(): void {
    this.state.update(state => ({ ...state, painted: state.painted + 1 }))
  }

  #release(): void {
    clearTimeout(this.#releaseTimer)
    if (this.#hold === undefined) return
    this.#hold = undefined
    this.state.update(state => ({ ...state, held: undefined, painted: state.painted + 1 }))
  }
}
