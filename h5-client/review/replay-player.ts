import { Store } from '../shared/console/store.ts'
import { stepFrame } from './frame-stepper.ts'
import { VideoFilm } from './video-film.ts'

export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4]
export type PlayerState = {
  /** On the call's clock. */
  readonly atMs: number
  readonly playing: boolean
  readonly speed: number
  readonly failed: boolean
}

/** One look of a reviewer at a record: a place gone to, or a stretch played. Call clock. */
export type Look =
  | { readonly kind: 'seek'; readonly atMs: number }
  | { readonly kind: 'played'; readonly fromMs: number; readonly toMs: number; readonly speed: number }

/**
 * The one clock of a replay. Media time of the replay file and the call's clock are the same, so whatever is drawn
 * (stage, marks, events) follows `video.currentTime`. Without a file (still being made) the clock can be set by hand.
 */
export class ReplayPlayer {
  readonly state = new Store<PlayerState>({ atMs: 0, playing: false, speed: 1, failed: false })
  readonly durationMs: number
  /** What a reviewer went to and listened to; set by whoever keeps the log of it. */
  onLook: ((look: Look) => void) | undefined
  #video: HTMLVideoElement | undefined
  #film: VideoFilm | undefined
  #stepping = false
  /** The clock stands on a frame; where within it the film was sought does not matter. */
  #onFrame = false
  #lastReadMs = 0
  #playedFromMs: number | undefined
  #frame: number | undefined
  #listening: AbortController | undefined

  constructor(durationMs: number) {
    this.durationMs = durationMs
  }

  /** Follows this element until `detach`; where the clock stands already, the film starts. */
  attach(video: HTMLVideoElement): void {
    this.detach()
    this.#video = video
    this.#film = new VideoFilm(video)
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const on = (name: string, listener: () => void) => video.addEventListener(name, listener, { signal })
    on('play', () => this.#follow())
    on('pause', () => this.#stopped())
    on('ended', () => {
      this.#stopped()
      this.#set({ atMs: this.durationMs })
    })
    on('seeking', () => this.#played())
    on('timeupdate', () => this.#read())
    on('seeked', () => {
      if (!video.paused) this.#playedFromMs = video.currentTime * 1000
      this.#read()
    })
    on('ratechange', () => this.#set({ speed: video.playbackRate }))
    on('error', () => this.#set({ failed: true, playing: false }))
    on('loadedmetadata', () => {
      const { atMs, speed } = this.state.get()
      if (atMs > 0) video.currentTime = atMs / 1000
      video.playbackRate = speed
    })
  }

  detach(): void {
    this.#stopped()
    this.#listening?.abort()
    this.#film?.close()
    this.#film = undefined
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    this.#video = undefined
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
    this.#onFrame = false
    // Said at once, so that the stage follows the thumb while the film is still looking for its place.
    this.#set({ atMs })
    this.onLook?.({ kind: 'seek', atMs })
    if (this.#video && this.#video.readyState > 0) this.#video.currentTime = atMs / 1000
  }

  step(byMs: number): void {
    this.seek(this.state.get().atMs + byMs)
  }

  /** The next or the previous frame of the film. Presses during a step are ignored: it takes a moment. */
  async frame(direction: 1 | -1): Promise<void> {
    const film = this.#film
    if (!film || this.#stepping || this.#video?.readyState === 0) return
    this.#stepping = true
    try {
      const shownS = await stepFrame(film, direction)
      if (film !== this.#film) return
      this.#onFrame = true
      this.#set({ atMs: Math.min(this.durationMs, shownS * 1000) })
      this.onLook?.({ kind: 'seek', atMs: shownS * 1000 })
    } finally {
      this.#stepping = false
    }
  }

  /** One speed slower or faster. */
  changeSpeed(direction: 1 | -1): void {
    const at = SPEEDS.indexOf(this.state.get().speed)
    const next = SPEEDS[at + direction]
    if (at >= 0 && next !== undefined) this.setSpeed(next)
  }

  setSpeed(speed: number): void {
    this.#set({ speed })
    if (this.#video) this.#video.playbackRate = speed
  }

  /** `timeupdate` comes four times a second; drawings want every frame. */
  #follow(): void {
    this.#set({ playing: true })
    this.#onFrame = false
    const video = this.#video
    this.#playedFromMs = (video?.currentTime ?? 0) * 1000
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
    if (!video || video.seeking || this.#stepping || this.#onFrame) return
    this.#lastReadMs = Math.min(this.durationMs, video.currentTime * 1000)
    this.#set({ atMs: this.#lastReadMs })
  }

  #stopped(): void {
    this.#played()
    this.#set({ playing: false })
  }

  /** A stretch was heard and seen to its end, or to where the reviewer jumped away. */
  #played(): void {
    const fromMs = this.#playedFromMs
    this.#playedFromMs = undefined
    // While seeking, currentTime is already the new place; the clock still has the old one.
    const toMs = this.#lastReadMs
    if (fromMs !== undefined && toMs > fromMs)
      this.onLook?.({ kind: 'played', fromMs, toMs, speed: this.state.get().speed })
  }

  #set(change: Partial<PlayerState>): void {
    this.state.update(state => {
      const next = { ...state, ...change }
      const same = (Object.keys(change) as (keyof PlayerState)[]).every(key => state[key] === next[key])
      return same ? state : next
    })
  }
}
