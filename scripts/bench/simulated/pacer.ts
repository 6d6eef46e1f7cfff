const STEP_MS = 4
/** After a stall no more than this is caught up; the rest is skipped and counted, as a camera drops frames. */
const MAX_LATE_MS = 200

type Job = { readonly everyMs: number; readonly run: () => void; dueMs: number }

/** One timer for all periodic senders of a process: hundreds of timers of their own would be the benchmark's main work. */
export class Pacer {
  readonly #jobs = new Set<Job>()
  readonly #timer = setInterval(() => this.#turn(), STEP_MS)
  skipped = 0

  /** `phase` 0..1 spreads equal jobs over their period. Returns the function that stops it. */
  every(everyMs: number, phase: number, run: () => void): () => void {
    const job = { everyMs, run, dueMs: performance.now() + everyMs * phase }
    this.#jobs.add(job)
    return () => this.#jobs.delete(job)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#jobs.clear()
  }

  #turn(): void {
    const nowMs = performance.now()
    for (const job of this.#jobs) {
      while (nowMs - job.dueMs > MAX_LATE_MS) {
        job.dueMs += job.everyMs
        this.skipped += 1
      }
      while (job.dueMs <= nowMs) {
        job.dueMs += job.everyMs
        job.run()
      }
    }
  }
}
