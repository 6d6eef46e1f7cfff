import { Store } from '../shared/console/store.ts'

export const SPEEDS = [0.5, 1, 1.5, 2, 4] as const
export type PlayerState = {
  /** On the call's clock. */
  readonly atMs: number
  readonly playing: boolean
  readonly speed: number
  readonly failed: boolean
}

/**
 * The one clock of a replay. Media time of the replay file and the call's clock are the same, so whatever is drawn
 * (stage, marks, events) follows `video.currentTime`. Without a file (still being made) the clock can be set by hand.
 */
export class ReplayPlayer {
  readonly state = new Store<PlayerState>({ atMs: 0, playing: false, speed: 1, failed: false })
  readonly durationMs: number
  #video: HTMLVideoElement | undefined
  #frame: number | undefined
  #listening: AbortController | undefined

  constructor(durationMs: number) {
    this.durationMs = durationMs
  }

  /** Follows this element until `detach`; where the clock stands already, the film starts. */
  attach(video: HTMLVideoElement): void {
    this.detach()
    this.#video = video
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const on = (name: string, listener: () => void) => video.addEventListener(name, listener, { signal })
    on('play', () => this.#follow())
    on('pause', () => this.#set({ playing: false }))
    on('ended', () => this.#set({ playing: false, atMs: this.durationMs }))
    on('timeupdate', () => this.#read())
    on('seeked', () => this.#read())
    on('ratechange', () => this.#set({ speed: video.playbackRate }))
    on('error', () => this.#set({ failed: true, playing: false }))
    on('loadedmetadata', () => {
      const { atMs, speed } = this.state.get()
      if (atMs > 0) video.currentTime = atMs / 1000
      video.playbackRate = speed
    })
  }

  detach(): void {
    this.#listening?.abort()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    this.#video = undefined
    this.#set({ playing: false })
  }

  toggle(): void {
    const video = this.#video
    if (!video) return
    if (!video.paused) {
      video.pause()
      return
    }
    if (this.state.get().atMs >= this.durationMs) this.seek(0)
    video.play().catch(() => undefined)
  }

  seek(toMs: number): void {
    const atMs = Math.min(this.durationMs, Math.max(0, toMs))
    // Said at once, so that the stage follows the thumb while the film is still looking for its place.
    this.#set({ atMs })
    if (this.#video && this.#video.readyState > 0) this.#video.currentTime = atMs / 1000
  }

  step(byMs: number): void {
    this.seek(this.state.get().atMs + byMs)
  }

  setSpeed(speed: number): void {
    this.#set({ speed })
    if (this.#video) this.#video.playbackRate = speed
  }

  /** `timeupdate` comes four times a second; drawings want every frame. */
  #follow(): void {
    this.#set({ playing: true })
    const video = this.#video
    const next = () => {
      this.#frame = undefined
      if (!video || video !== this.#video || video.paused) return
      this.#read()
      this.#frame = requestAnimationFrame(next)
    }
    if (this.#frame === undefined) this.#frame = requestAnimationFrame(next)
  }

  #read(): void {
    const video = this.#video
    if (video && !video.seeking) this.#set({ atMs: Math.min(this.durationMs, video.currentTime * 1000) })
  }

  #set(change: Partial<PlayerState>): void {
    this.state.update(state => {
      const next = { ...state, ...change }
      const same = (Object.keys(change) as (keyof PlayerState)[]).every(key => state[key] === next[key])
      return same ? state : next
    })
  }
}
