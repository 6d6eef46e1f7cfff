const CHECK_MS = 3_000
/** After this many checks without a new frame the camera is taken again; some phones end it without a word. */
const STILL_CHECKS = 2
/** A camera that cannot be helped is not asked for again and again. */
const REST_CHECKS = 5

/** Notices that no new frame leaves the phone although everything says it should. */
export class PictureWatch {
  readonly #timer: ReturnType<typeof setInterval>
  readonly #frames: () => Promise<number | undefined>
  readonly #onStill: () => void
  #last: number | undefined
  #still = 0

  /** `frames` answers how many frames were encoded so far, or undefined while none are expected. */
  constructor(frames: () => Promise<number | undefined>, onStill: () => void) {
    this.#frames = frames
    this.#onStill = onStill
    this.#timer = setInterval(() => void this.check(), CHECK_MS)
  }

  async check(): Promise<void> {
    const frames = await this.#frames().catch(() => undefined)
    if (frames === undefined || frames !== this.#last) this.#still = Math.min(this.#still, 0)
    else this.#still += 1
    this.#last = frames
    if (this.#still < STILL_CHECKS) return
    this.#still = -REST_CHECKS
    this.#onStill()
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
