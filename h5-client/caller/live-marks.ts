// Loaded with the first mark on the moving picture, never before: most calls need none of this.
import type { Language } from '../../signaling/protocol/call.ts'
import { EMPTY_INK, visibleInk } from '../../signaling/protocol/ink.ts'
import type { Mark, Point } from '../../signaling/protocol/mark.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { type LiveMark, LiveTracking, placedMarks, type TrackingWorker } from '../shared/live/live-tracking.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import type { Rect } from '../shared/picture-rect.ts'
import { PointerLayer, type PointerPoint } from '../shared/pointer-layer.ts'
import { LIVE_EN } from '../shared/words/en/live.ts'
import { LIVE_ZH } from '../shared/words/zh-CN/live.ts'
import { h, setText } from './dom.ts'

/** Filled in by the build: where the bundles of the workers lie. */
declare const TONGPING_WORKERS: { readonly tracking: string }

/**
 * The agent's marks on the caller's own camera picture. The phone finds the marked thing in its own frames by the features
 * that came with the mark: the picture it marks was never late.
 */
export class LiveMarks {
  readonly elements: readonly HTMLElement[]
  readonly #video: HTMLVideoElement
  readonly #words: typeof LIVE_ZH
  readonly #canvas = h('canvas', { class: 'live-marks', 'data-test': 'live-marks', 'aria-hidden': 'true' })
  readonly #pointerCanvas = h('canvas', { class: 'live-marks', 'data-test': 'live-pointer', 'aria-hidden': 'true' })
  readonly #pointers = new PointerLayer(this.#pointerCanvas)
  readonly #notice = h('p', { class: 'live-lost', 'data-test': 'live-lost', role: 'status', hidden: true })
  readonly #said = h('p', { class: 'sr-only', 'aria-live': 'polite' })
  readonly #tracking: LiveTracking
  readonly #resize = new ResizeObserver(() => this.#place())
  #marks: readonly LiveMark[] = []

  constructor(video: HTMLVideoElement, language: Language) {
    this.#video = video
    this.#words = language === 'en' ? LIVE_EN : LIVE_ZH
    this.elements = [this.#canvas, this.#pointerCanvas, this.#notice, this.#said]
    this.#tracking = new LiveTracking({
      video,
      newWorker: () => new Worker(TONGPING_WORKERS.tracking) as TrackingWorker,
      onPoses: () => this.#paint(),
    })
    this.#resize.observe(this.#canvas)
  }

  show(stage: Stage): void {
    // While a page is on the stage the camera's picture is not looked at: nothing is followed.
    const ink = stage.showing === 'live' ? stage.live : EMPTY_INK
    const before = this.#marks.length
    this.#marks = visibleInk(ink).flatMap((one): LiveMark[] =>
      one.anchor ? [{ mark: one.mark, anchor: one.anchor }] : [],
    )
    this.#canvas.dataset.marks = String(this.#marks.length)
    if (this.#marks.length > before) setText(this.#said, this.#words.phoneMarked)
    this.#tracking.follow(ink)
    this.#place()
  }

  pointed(by: string, points: readonly PointerPoint[]): void {
    this.#place()
    this.#pointers.moved(by, this.#isMirrored ? points.map(([x, y, ms]): PointerPoint => [1 - x, y, ms]) : points)
  }

  close(): void {
    this.#resize.disconnect()
    this.#tracking.close()
    this.#pointers.close()
    for (const element of this.elements) element.remove()
  }

  /** The selfie view is mirrored for the caller only (page.css). */
  get #isMirrored(): boolean {
    return this.#video.closest<HTMLElement>('.live')?.dataset.facing === 'user'
  }

  #place(): void {
    this.#pointers.place(this.#box, this.#rect)
    this.#paint()
  }

  get #box() {
    return { width: this.#video.clientWidth, height: this.#video.clientHeight }
  }

  /** Where the whole picture lies; with `object-fit: cover` some of it beyond the screen. */
  get #rect(): Rect {
    const { width: boxWidth, height: boxHeight } = this.#box
    const { videoWidth, videoHeight } = this.#video
    if (videoWidth === 0 || videoHeight === 0) return { x: 0, y: 0, width: boxWidth, height: boxHeight }
    const [across, down] = [boxWidth / videoWidth, boxHeight / videoHeight]
    const scale = this.#video.classList.contains('whole') ? Math.min(across, down) : Math.max(across, down)
    const [width, height] = [videoWidth * scale, videoHeight * scale]
    return { x: (boxWidth - width) / 2, y: (boxHeight - height) / 2, width, height }
  }

  #paint(): void {
    const box = this.#box
    if (box.width === 0) return
    const { seen, unseen } = placedMarks(this.#marks, anchor => this.#tracking.poseOf(anchor))
    const context = fitCanvas(this.#canvas, box)
    paintMarks(context, this.#isMirrored ? seen.map(mirrored) : seen, this.#rect)
    this.#canvas.dataset.unseen = String(unseen)
    const isLost = unseen > 0
    if (this.#notice.hidden !== !isLost) this.#notice.hidden = !isLost
    if (isLost) setText(this.#notice, this.#words.phoneLost)
  }
}

function mirrored(mark: Mark): Mark {
  return { ...mark, points: mark.points.map(([x, y]): Point => [1 - x, y]) }
}
