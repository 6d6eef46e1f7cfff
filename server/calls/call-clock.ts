/** Milliseconds since the answer, monotonic. Before the answer it stands at 0. */
export class CallClock {
  #startedAtMs: number | undefined

  start(): void {
    this.#startedAtMs ??= performance.now()
  }

  get running(): boolean {
    return this.#startedAtMs !== undefined
  }

  /** Three decimals: the journals count microseconds. */
  nowMs(): number {
    return this.#startedAtMs === undefined ? 0 : Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000
  }
}
