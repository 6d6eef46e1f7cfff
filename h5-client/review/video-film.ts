import type { Film } from './frame-stepper.ts'

/** After a seek that shows the same frame again, a browser may call nobody. */
const SAME_FRAME_MS = 80

/** A video element that knows which frame it shows, where the browser tells (requestVideoFrameCallback). */
export class VideoFilm implements Film {
  readonly #video: HTMLVideoElement
  readonly #listeners = new Set<() => void>()
  #shownS: number | undefined
  #handle: number | undefined

  constructor(video: HTMLVideoElement) {
    this.#video = video
    this.#watch()
  }

  get currentTime(): number {
    return this.#video.currentTime
  }
  get paused(): boolean {
    return this.#video.paused
  }
  get duration(): number {
    return this.#video.duration
  }
  get shownS(): number | undefined {
    return this.#shownS
  }
  pause(): void {
    this.#video.pause()
  }

  /** Called after every frame that is shown. Returns its own remover. */
  onFrame(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async shownAfterSeek(toS: number): Promise<number> {
    const video = this.#video
    await new Promise<void>(resolve => {
      const stop = this.onFrame(() => done())
      let timer: ReturnType<typeof setTimeout> | undefined
      const done = () => {
        clearTimeout(timer)
        stop()
        resolve()
      }
      video.addEventListener('seeked', () => (timer = setTimeout(done, this.#tells ? SAME_FRAME_MS : 0)), {
        once: true,
      })
      video.currentTime = toS
    })
    return this.#tells ? (this.#shownS ?? toS) : video.currentTime
  }

  close(): void {
    this.#listeners.clear()
    if (this.#handle !== undefined) this.#video.cancelVideoFrameCallback(this.#handle)
  }

  get #tells(): boolean {
    return 'requestVideoFrameCallback' in this.#video
  }

  #watch(): void {
    if (!this.#tells) return
    this.#handle = this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
      this.#shownS = mediaTime
      for (const listener of [...this.#listeners]) listener()
      this.#watch()
    })
  }
}
