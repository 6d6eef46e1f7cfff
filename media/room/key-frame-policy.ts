const LOSS_SPACING_MS = 1_000

/**
 * When to ask the phone for a key frame (PLI). mediasoup itself holds a request back while one is unanswered,
 * so asking too often costs little; asking for each lost packet would still keep a weak uplink busy with key frames.
 */
export class KeyFramePolicy {
  readonly #everyMs: number
  readonly #ask: () => void
  #askedAtMs = Number.NEGATIVE_INFINITY
  #requests = 0

  /** @param everyMs longest time between key frames, so that the recording can be sought; 0 means no such limit */
  constructor(everyMs: number, ask: () => void) {
    this.#everyMs = everyMs
    this.#ask = ask
  }

  get requests(): number {
    return this.#requests
  }

  /** Someone needs a picture now: a new viewer, a snapshot. */
  now(nowMs: number): void {
    this.#askedAtMs = nowMs
    this.#requests++
    this.#ask()
  }

  onLoss(nowMs: number): void {
    if (nowMs - this.#askedAtMs >= LOSS_SPACING_MS) this.now(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#everyMs > 0 && nowMs - this.#askedAtMs >= this.#everyMs) this.now(nowMs)
  }
}
