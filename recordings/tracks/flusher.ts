const SLOTS = 5
const MAX_FREE_BLOCKS = 32

/** Somebody with bytes to hand to the kernel now and then. */
export interface Flushable {
  flush(): void
}
/** Somebody whose written bytes must reach the disk. */
export interface Syncable {
  /** Calls back when the disk has answered. Never throws. */
  fdatasync(done: () => void): void
}

/**
 * One timer for every journal of the process. Journals are spread over five slots so that a tick stays short; each is
 * flushed every `flushMs`. fdatasync calls are queued, at most `maxSyncs` at a time: they may take long and must not
 * fill libuv's four threads, which writes (and everything else in the process) need too.
 */
export class Flusher {
  readonly #slots: Set<Flushable>[] = Array.from({ length: SLOTS }, () => new Set())
  readonly #free = new Map<number, Buffer[]>()
  readonly #waiting = new Set<Syncable>()
  readonly #flushMs: number
  readonly #maxSyncs: number
  #syncing = 0
  #next = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: { readonly flushMs?: number; readonly maxSyncs?: number } = {}) {
    this.#flushMs = options.flushMs ?? 250
    this.#maxSyncs = options.maxSyncs ?? 2
  }

  add(member: Flushable): void {
    const smallest = this.#slots.reduce((a, b) => (b.size < a.size ? b : a))
    smallest.add(member)
    this.#timer ??= setInterval(() => this.#tick(), this.#flushMs / SLOTS)
  }

  remove(member: Flushable): void {
    for (const slot of this.#slots) slot.delete(member)
    if (this.size > 0 || this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#free.clear()
  }

  get size(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.size, 0)
  }

  /** A block of exactly `bytes`, reused where one is free. Its content is undefined. */
  takeBlock(bytes: number): Buffer {
    return this.#free.get(bytes)?.pop() ?? Buffer.allocUnsafeSlow(bytes)
  }

  giveBlock(block: Buffer): void {
    if (this.#timer === undefined) return
    const free = this.#free.get(block.length) ?? []
    if (free.length >= MAX_FREE_BLOCKS) return
    free.push(block)
    this.#free.set(block.length, free)
  }

  /** Asks for an fdatasync; asking again while waiting changes nothing. */
  requestSync(file: Syncable): void {
    this.#waiting.add(file)
    this.#startSyncs()
  }

  forgetSync(file: Syncable): void {
    this.#waiting.delete(file)
  }

  #startSyncs(): void {
    for (const file of this.#waiting) {
      if (this.#syncing >= this.#maxSyncs) return
      this.#waiting.delete(file)
      this.#syncing += 1
      file.fdatasync(() => {
        this.#syncing -= 1
        this.#startSyncs()
      })
    }
  }

  #tick(): void {
    const slot = this.#slots[this.#next]
    this.#next = (this.#next + 1) % SLOTS
    for (const member of slot ?? []) member.flush()
  }
}

/** The process-wide flusher; its timer runs only while a journal is open. */
export const sharedFlusher = new Flusher()
