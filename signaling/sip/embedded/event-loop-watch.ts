import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 10
const sampleEveryMs = 500

/** How late this process's timers run: 99 of 100 in the last half second were at most this late. */
export class EventLoopWatch {
  readonly #delays = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #timer: NodeJS.Timeout
  #lagMs = 0

  constructor() {
    this.#delays.enable()
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs)
    this.#timer.unref()
  }

  get lagMs(): number {
    return this.#lagMs
  }

  close(): void {
    clearInterval(this.#timer)
    this.#delays.disable()
  }

  #sample(): void {
    const p99Ms = this.#delays.percentile(99) / 1e6
    this.#lagMs = Number.isFinite(p99Ms) ? Math.max(0, p99Ms - resolutionMs) : 0
    this.#delays.reset()
  }
}
