import { type Ink, visibleInk } from '../../../signaling/protocol/ink.ts'
import type { Anchor, Mark } from '../../../signaling/protocol/mark.ts'
import type { Box, Homography } from '../tracking/homography.ts'
import type { TrackingAnswer, TrackingQuestion } from '../tracking/messages.ts'
import type { PenDown, PlacePose } from '../tracking/scene.ts'
import { FrameSource, type ShownFrame } from './frame-source.ts'
import { boxOf, placed } from './placed-marks.ts'

/** What of a worker is needed here. */
export type TrackingWorker = {
  postMessage(question: TrackingQuestion, transfer: Transferable[]): void
  onmessage: ((event: MessageEvent<TrackingAnswer>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  terminate(): void
}
export type LiveTrackingOptions = {
  readonly video: HTMLVideoElement
  /** Keeps each tracked frame in full, so that marks can be painted on the very frame they were found in. */
  readonly keepsFrames?: boolean
  readonly newWorker: () => TrackingWorker
  /** After each tracked frame, and when something else changed what is to be painted. */
  readonly onPoses: () => void
}
/** The frame on which the poses stand. */
export type Tracked = {
  readonly rtpTimestamp: number | undefined
  readonly poses: ReadonlyMap<string, PlacePose>
  /** Only with `keepsFrames`, and only while frames are tracked about as fast as they come. */
  readonly picture?: HTMLCanvasElement | undefined
}

const BOX_EVERY_MS = 300
const BOX_CHANGE = 0.02
/** A machine that tracks more slowly shows the video itself: smooth, and the marks a moment late. */
const QUICK_MS = 85

/** Marks drawn on the same frame share its anchor. */
export const placeIdOf = ({ epoch, rtpTimestamp }: Anchor): string => `${epoch}:${rtpTimestamp}`

type Place = { box: Box; isInInk: boolean }
type Waiting = { readonly resolve: (down: PenDown) => void; readonly reject: (error: Error) => void }

/** Follows the marks of the journal in a playing video, in a worker that is started with the first mark. */
export class LiveTracking {
  readonly #o: LiveTrackingOptions
  readonly #frames: FrameSource
  readonly #places = new Map<string, Place>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #stamps = new Map<number, number | undefined>()
  #worker: TrackingWorker | undefined
  #failed = false
  #busy = false
  /** The frame in the worker, and the one whose poses are known. */
  #sentPicture: HTMLCanvasElement | undefined
  #shownPicture: HTMLCanvasElement | undefined
  #answeredAtMs = 0
  #everyMs = 50
  #frameId = 0
  #tracked: Tracked = { rtpTimestamp: undefined, poses: new Map() }
  #ink: Ink | undefined
  #boxTimer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: LiveTrackingOptions) {
    this.#o = options
    this.#frames = new FrameSource(options.video, () => this.#frame())
  }

  get tracked(): Tracked {
    return this.#tracked
  }
  /** The worker could not be started: nothing will ever be tracked here. */
  get failed(): boolean {
    return this.#failed
  }

  /** What is drawn on the moving picture now. */
  follow(ink: Ink): void {
    if (this.#closed || ink === this.#ink) return
    this.#ink = ink
    const groups = anchored(ink)
    for (const [placeId, { marks, features }] of groups) {
      const known = this.#places.get(placeId)
      if (known) known.isInInk = true
      else if (features !== undefined) {
        const box = boxOf(marks)
        this.#places.set(placeId, { box, isInInk: true })
        this.#ask({ kind: 'features', placeId, features, box })
      }
    }
    for (const [placeId, place] of this.#places) {
      if (!place.isInInk || groups.has(placeId)) continue
      this.#places.delete(placeId)
      this.#ask({ kind: 'remove', placeId })
    }
    this.#boxTimer ??= setTimeout(() => this.#boxes(), BOX_EVERY_MS)
    this.#run()
    this.#o.onPoses()
  }

  /** The pen came down on this frame. Resolves with the anchor that its marks belong to; rejects when nobody can tell. */
  penDown(frame: ShownFrame, x: number, y: number, newId: string): Promise<PenDown> {
    const frameId = ++this.#frameId
    return new Promise((resolve, reject) => {
      if (this.#failed || this.#closed) return reject(new Error('nothing is tracked here'))
      this.#waiting.set(frameId, { resolve, reject })
      this.#ask({ kind: 'pen', frameId, data: frame.data, x, y, newId }, [frame.data.rgba])
    })
  }

  poseOf(anchor: Anchor): PlacePose | undefined {
    return this.#tracked.poses.get(placeIdOf(anchor))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#boxTimer)
    this.#frames.stop()
    this.#worker?.terminate()
    this.#giveUp()
  }

  #run(): void {
    if (this.#places.size > 0) this.#frames.start()
    else {
      this.#frames.stop()
      this.#tracked = { rtpTimestamp: undefined, poses: new Map() }
    }
  }

  #frame(): void {
    // A slow device follows fewer frames; it never follows old ones.
    if (this.#busy || this.#closed || this.#failed) return
    const frame = this.#frames.grab()
    if (frame === undefined) return
    this.#busy = true
    const frameId = ++this.#frameId
    this.#stamps.set(frameId, frame.rtpTimestamp)
    if (this.#o.keepsFrames) {
      this.#sentPicture ??= document.createElement('canvas')
      this.#frames.copyTo(this.#sentPicture)
    }
    this.#ask({ kind: 'frame', frameId, data: frame.data }, [frame.data.rgba])
  }

  #ask(question: TrackingQuestion, transfer: Transferable[] = []): void {
    if (this.#failed || this.#closed) return
    if (this.#worker === undefined) {
      const worker = this.#o.newWorker()
      worker.onmessage = event => this.#answered(event.data)
      worker.onerror = () => {
        this.#failed = true
        this.#frames.stop()
        this.#giveUp()
        this.#o.onPoses()
      }
      this.#worker = worker
    }
    this.#worker.postMessage(question, transfer)
  }

  #answered(answer: TrackingAnswer): void {
    if (this.#closed) return
    switch (answer.kind) {
      case 'frame': {
        this.#busy = false
        const rtpTimestamp = this.#stamps.get(answer.frameId)
        this.#stamps.delete(answer.frameId)
        const picture = this.#kept()
        this.#tracked = { rtpTimestamp, poses: new Map(answer.poses.map(pose => [pose.placeId, pose])), picture }
        this.#o.onPoses()
        return
      }
      case 'pen': {
        const { down, frameId } = answer
        if (down.kind === 'new') this.#places.set(down.placeId, { box: FIRST, isInInk: false })
        this.#run()
        this.#waiting.get(frameId)?.resolve(down)
        this.#waiting.delete(frameId)
      }
    }
  }

  #giveUp(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('tracking has ended'))
    this.#waiting.clear()
  }

  /** The picture of the poses that just came; the other canvas takes the next frame. */
  #kept(): HTMLCanvasElement | undefined {
    const nowMs = performance.now()
    this.#everyMs += 0.15 * (Math.min(400, nowMs - this.#answeredAtMs) - this.#everyMs)
    this.#answeredAtMs = nowMs
    const picture = this.#sentPicture
    this.#sentPicture = this.#shownPicture
    this.#shownPicture = picture
    return this.#everyMs < QUICK_MS ? picture : undefined
  }

  /** While a stroke grows its box does too; the worker hears of it now and then. */
  #boxes(): void {
    this.#boxTimer = undefined
    if (this.#ink === undefined || this.#closed) return
    for (const [placeId, { marks }] of anchored(this.#ink)) {
      const place = this.#places.get(placeId)
      const box = boxOf(marks)
      if (place === undefined || !differs(place.box, box)) continue
      place.box = box
      this.#ask({ kind: 'box', placeId, box })
    }
  }
}

const FIRST: Box = { x: 0, y: 0, width: 0, height: 0 }

function differs(one: Box, other: Box): boolean {
  return (
    Math.max(
      Math.abs(one.x - other.x),
      Math.abs(one.y - other.y),
      Math.abs(one.x + one.width - other.x - other.width),
      Math.abs(one.y + one.height - other.y - other.height),
    ) > BOX_CHANGE
  )
}

type Group = { readonly marks: Mark[]; readonly features: string | undefined }

/** Visible marks by their anchor. Features came with one mark of the anchor, which may be erased since. */
function anchored(ink: Ink): Map<string, Group> {
  const features = new Map<string, string>()
  for (const { anchor } of ink.marks) if (anchor?.features) features.set(placeIdOf(anchor), anchor.features)
  const groups = new Map<string, Group>()
  for (const { mark, anchor } of visibleInk(ink)) {
    if (anchor === undefined) continue
    const placeId = placeIdOf(anchor)
    const group = groups.get(placeId) ?? { marks: [], features: features.get(placeId) }
    group.marks.push(mark)
    groups.set(placeId, group)
  }
  return groups
}

export type LiveMark = { readonly mark: Mark; readonly anchor: Anchor }

/** The marks as they lie on the tracked frame; those that are not seen now are left out and counted. */
export function placedMarks(
  marks: readonly LiveMark[],
  poseOf: (anchor: Anchor) => { readonly homography: Homography | undefined } | undefined,
): { readonly seen: readonly Mark[]; readonly unseen: number } {
  const seen = marks.flatMap(({ mark, anchor }) => {
    const h = poseOf(anchor)?.homography
    return h ? [placed(mark, h)] : []
  })
  return { seen, unseen: marks.length - seen.length }
}
