/** Frames of the camera as small canvases: for stills, and for the watchdog's look at the picture. */
export class CameraFrame {
  readonly #canvas = document.createElement('canvas')
  #own: HTMLVideoElement | undefined

  /** The frame shown now with the longer edge at most so long; undefined before there is one. The canvas is reused. */
  draw(stream: MediaStream, edgePx: number): HTMLCanvasElement | undefined {
    const video = this.#videoOf(stream)
    const { videoWidth, videoHeight } = video
    if (videoWidth === 0 || videoHeight === 0) return undefined
    const scale = Math.min(1, edgePx / Math.max(videoWidth, videoHeight))
    this.#canvas.width = Math.max(1, Math.round(videoWidth * scale))
    this.#canvas.height = Math.max(1, Math.round(videoHeight * scale))
    const context = this.#canvas.getContext('2d', { willReadFrequently: true })
    context?.drawImage(video, 0, 0, this.#canvas.width, this.#canvas.height)
    return context === null ? undefined : this.#canvas
  }

  /** How many frames the page has shown of the camera; undefined where the browser does not count. */
  framesShown(stream: MediaStream): number | undefined {
    return this.#videoOf(stream).getVideoPlaybackQuality?.().totalVideoFrames
  }

  close(): void {
    if (this.#own !== undefined) this.#own.srcObject = null
    this.#own?.remove()
    this.#own = undefined
  }

  /** The page's own preview when it plays this stream, else one of ours: phones stop videos that are not on the page. */
  #videoOf(stream: MediaStream): HTMLVideoElement {
    for (const video of document.querySelectorAll('video')) {
      if (video !== this.#own && video.srcObject === stream && !video.paused && video.videoWidth > 0) return video
    }
    if (this.#own === undefined) {
      this.#own = document.createElement('video')
      this.#own.muted = true
      this.#own.playsInline = true
      this.#own.setAttribute('aria-hidden', 'true')
      this.#own.style.cssText = 'position:fixed;width:2px;height:2px;opacity:0;pointer-events:none'
      document.body.append(this.#own)
    }
    if (this.#own.srcObject !== stream) {
      this.#own.srcObject = stream
      this.#own.play().catch(() => {
        // Low-power mode refuses until the next tap; there is no frame until then.
      })
    }
    return this.#own
  }
}
