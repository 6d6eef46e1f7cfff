/** Turns the progress of stages, each with its share of the work, into one number from 0 to 1 that never falls. */
export class Progress {
  readonly #tell: (progress: number) => void
  #before = 0
  #share = 0
  #told = 0

  constructor(tell: (progress: number) => void) {
    this.#tell = tell
  }

  /** The stage before is done. Shares of all stages together should be 1. */
  stage(share: number): (done: number) => void {
    this.#before += this.#share
    this.#share = share
    const from = this.#before
    this.#at(from)
    return done => this.#at(from + share * Math.max(0, Math.min(1, done)))
  }

  #at(progress: number): void {
    const bounded = Math.min(1, progress)
    // A percent at a time: more would only be traffic.
    if (bounded - this.#told < 0.01) return
    this.#told = bounded
    this.#tell(bounded)
  }
}
