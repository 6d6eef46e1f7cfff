import type { Language } from '../../signaling/protocol/call.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import type { SignalingClient } from '../shared/socket.ts'
import type { LiveMarks } from './live-marks.ts'

/** Where marks on the own picture will be shown: it loads what shows them when the first one comes. */
export class LiveMarksSlot {
  #video: HTMLVideoElement | undefined
  #language: Language = 'zh-CN'
  #stage: Stage | undefined
  #marks: LiveMarks | undefined
  #loading = false
  #unlisten: () => void = () => {}

  /** Hears of pointers on the moving picture. */
  attach(signaling: Pick<SignalingClient, 'on'>): void {
    this.#unlisten()
    this.#unlisten = signaling.on('pointer.moved', ({ by, on, points }) => {
      if (on !== 'live') return
      this.#load()
      this.#marks?.pointed(by, points)
    })
  }

  /** A new live screen with this preview. */
  mount(video: HTMLVideoElement, language: Language): void {
    this.close()
    this.#video = video
    this.#language = language
  }

  show(stage: Stage): void {
    this.#stage = stage
    if (this.#marks) this.#marks.show(stage)
    else if (stage.live.marks.length > 0) this.#load()
  }

  close(): void {
    this.#marks?.close()
    this.#marks = undefined
    this.#video = undefined
  }

  #load(): void {
    if (this.#marks || this.#loading || !this.#video) return
    this.#loading = true
    import('./live-marks.ts')
      .then(
        ({ LiveMarks }) => this.#loaded(LiveMarks),
        () => {
          // The voice explains; the next mark tries again.
        },
      )
      .finally(() => {
        this.#loading = false
      })
  }

  #loaded(Marks: typeof LiveMarks): void {
    const video = this.#video
    if (!video) return
    this.#marks = new Marks(video, this.#language)
    video.after(...this.#marks.elements)
    if (this.#stage) this.#marks.show(this.#stage)
  }
}
