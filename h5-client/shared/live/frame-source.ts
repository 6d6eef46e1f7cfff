import { workSize } from '../tracking/grey.ts'
import type { FrameData } from '../tracking/messages.ts'

/** A frame that was shown, small enough to be tracked. */
export type ShownFrame = {
  readonly data: FrameData
  /** Of the picture as it plays, pixels. */
  readonly widthPx: number
  readonly heightPx: number
  /** As the sender stamped it; undefined for a camera of this device. */
  readonly rtpTimestamp: number | undefined
}

/** The frames of a playing video, as they are shown. */
export class FrameSource {
  readonly #video: HTMLVideoElement
  readonly #onFrame: () => void
  readonly #canvas = document.createElement('canvas')
  #context: CanvasRenderingContext2D | null = null
  #callback: number | undefined
  #lastTime = -1
  #rtpTimestamp: number | undefined
  #running = false

  /** `onFrame` is called once for each new frame while running; it may then `grab`. */
  constructor(video: HTMLVideoElement, onFrame: () => void) {
    this.#video = video
    this.#onFrame = onFrame
  }

  get rtpTimestamp(): number | undefined {
    return this.#rtpTimestamp
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#next()
  }

  stop(): void {
    this.#running = false
    if (this.#callback === undefined) return
    if ('cancelVideoFrameCallback' in this.#video) this.#video.cancelVideoFrameCallback(this.#callback)
    else cancelAnimationFrame(this.#callback)
    this.#callback = undefined
  }

  /** The frame that is shown now, or what a canvas holds; undefined before the first one. */
  grab(picture: HTMLVideoElement | HTMLCanvasElement = this.#video): ShownFrame | undefined {
    const [widthPx, heightPx] =
      picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height]
    if (widthPx < 32 || heightPx < 32) return undefined
    const { width, height } = workSize(widthPx, heightPx)
    if (this.#canvas.width !== width || this.#canvas.height !== height || this.#context === null) {
      this.#canvas.width = width
      this.#canvas.height = height
      this.#context = this.#canvas.getContext('2d', { willReadFrequently: true, alpha: false })
    }
    const context = this.#context
    if (context === null) return undefined
    context.imageSmoothingQuality = 'medium'
    context.drawImage(picture, 0, 0, width, height)
    const rgba = context.getImageData(0, 0, width, height).data.buffer
    return { data: { width, height, rgba }, widthPx, heightPx, rtpTimestamp: this.#rtpTimestamp }
  }

  /** The frame that is shown now, in full, onto a canvas of one's own. */
  copyTo(canvas: HTMLCanvasElement): void {
    const { videoWidth, videoHeight } = this.#video
    if (canvas.width !== videoWidth || canvas.height !== videoHeight) {
      canvas.width = videoWidth
      canvas.height = videoHeight
    }
    canvas.getContext('2d', { alpha: false })?.drawImage(this.#video, 0, 0)
  }

  #next(): void {
    if (!this.#running) return
    if ('requestVideoFrameCallback' in this.#video) {
      this.#callback = this.#video.requestVideoFrameCallback((_, metadata) => {
        this.#rtpTimestamp = metadata.rtpTimestamp
        this.#next()
        this.#onFrame()
      })
      return
    }
    // Older browsers: whatever is shown at a display frame, if the clock of the video has moved.
    const video: HTMLVideoElement = this.#video
    this.#callback = requestAnimationFrame(() => {
      const isNew = video.currentTime !== this.#lastTime
      this.#lastTime = video.currentTime
      this.#next()
      if (isNew) this.#onFrame()
    })
  }
}
