type Due = { readonly atMs: number; readonly run: () => void }

/** Things to do at moments (`performance.now()`), in their order; timers of their own would swap neighbours. */
export class Timetable {
  #due: Due[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Number.POSITIVE_INFINITY

  get size(): number {
    return this.#due.length
  }

  add(atMs: number, run: () => void): void {
    let index = this.#due.length
    while (index > 0 && (this.#due[index - 1]?.atMs ?? 0) > atMs) index -= 1
    this.#due.splice(index, 0, { atMs, run })
    this.#wind()
  }

  clear(): void {
    this.#due = []
    clearTimeout(this.#timer)
    this.#timerAtMs = Number.POSITIVE_INFINITY
  }

  #wind(): void {
    const next = this.#due[0]?.atMs
    if (next === undefined || next >= this.#timerAtMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = next
    this.#timer = setTimeout(() => this.#run(), Math.max(0, next - performance.now()))
  }

  #run(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const nowMs = performance.now()
    while (this.#due.length > 0 && (this.#due[0]?.atMs ?? 0) <= nowMs) this.#due.shift()?.run()
    this.#wind()
  }
}
