import type { CameraNotice } from '../../signaling/protocol/phone.ts'
import type { CameraFrame } from './slow-scan-frame.ts'
import { type Look, WATCH_START, type WatchEvent, watch } from './watchdog.ts'

const LOOK_EVERY_MS = 2_000
/** Longer edge of the copy that is looked at: a few hundred pixels. */
const LOOK_EDGE_PX = 24

export type WatchdogOptions = {
  readonly frame: CameraFrame
  /** The camera's stream, while there is one that should show something. */
  readonly stream: () => MediaStream | undefined
  /** Frames encoded so far, undefined while none are to be sent. */
  readonly framesEncoded: () => Promise<number | undefined>
  readonly tell: (notice: CameraNotice) => void
  readonly reacquire: () => void
}

/** The watchdog's senses: page visibility, the camera's track, a tiny copy of the picture. What it makes of them is watchdog.ts. */
export class Watchdog {
  readonly #o: WatchdogOptions
  readonly #timer: ReturnType<typeof setInterval>
  #state = WATCH_START
  #track: MediaStreamTrack | undefined

  constructor(options: WatchdogOptions) {
    this.#o = options
    if (document.visibilityState === 'hidden') this.#state = { ...WATCH_START, visible: false }
    document.addEventListener('visibilitychange', this.#visibility)
    addEventListener('pagehide', this.#visibility)
    addEventListener('pageshow', this.#visibility)
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS)
  }

  /** The camera's track may be another one now. */
  follow(track: MediaStreamTrack | undefined): void {
    if (this.#track === track) return
    this.#track?.removeEventListener('unmute', this.#unmuted)
    this.#track = track
    track?.addEventListener('unmute', this.#unmuted)
  }

  hear(event: WatchEvent): void {
    const { state, notices, reacquire } = watch(this.#state, event)
    this.#state = state
    for (const notice of notices) this.#o.tell(notice)
    if (reacquire) this.#o.reacquire()
  }

  close(): void {
    clearInterval(this.#timer)
    this.follow(undefined)
    document.removeEventListener('visibilitychange', this.#visibility)
    removeEventListener('pagehide', this.#visibility)
    removeEventListener('pageshow', this.#visibility)
  }

  readonly #unmuted = () => this.hear({ kind: 'unmuted' })

  readonly #visibility = (event: Event) => {
    const hidden = document.visibilityState === 'hidden' || event.type === 'pagehide'
    this.hear({ kind: hidden ? 'hidden' : 'visible' })
  }

  async #look(): Promise<void> {
    const stream = this.#o.stream()
    if (stream === undefined || document.visibilityState !== 'visible') return
    const framesEncoded = await this.#o.framesEncoded().catch(() => undefined)
    const copy = this.#o.frame.draw(stream, LOOK_EDGE_PX)
    const pixels = copy?.getContext('2d')?.getImageData(0, 0, copy.width, copy.height).data
    const seen: Look = { atMs: performance.now(), framesEncoded, framesShown: this.#o.frame.framesShown(stream) }
    this.hear({ kind: 'look', look: pixels === undefined ? seen : { ...seen, ...impression(pixels) } })
  }
}

/** What little is kept of a frame. `pixels`: RGBA. */
export function impression(pixels: ArrayLike<number>): {
  readonly brightness: { readonly mean: number; readonly spread: number }
  readonly print: string
} {
  let sum = 0
  let squares = 0
  let hash = 0x811c9dc5
  const count = pixels.length / 4
  for (let at = 0; at < pixels.length; at += 4) {
    const grey = ((pixels[at] ?? 0) * 3 + (pixels[at + 1] ?? 0) * 6 + (pixels[at + 2] ?? 0)) / 10
    sum += grey
    squares += grey * grey
    hash = Math.imul(hash ^ Math.round(grey * 4), 0x01000193)
  }
  const mean = sum / count
  return {
    brightness: { mean, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) },
    print: (hash >>> 0).toString(36),
  }
}
