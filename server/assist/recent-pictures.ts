/** The newest pictures by their file, within a bound: both browsers fetch them at once, without touching the disk. */
export class RecentPictures {
  readonly #maxBytes: number
  readonly #kept = new Map<string, Buffer>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(file: string): Buffer | undefined {
    return this.#kept.get(file)
  }

  put(file: string, bytes: Buffer): void {
    this.#drop(file)
    this.#kept.set(file, bytes)
    this.#bytes += bytes.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes || this.#kept.size === 1) return
      this.#drop(oldest)
    }
  }

  clear(): void {
    this.#kept.clear()
    this.#bytes = 0
  }

  #drop(file: string): void {
    this.#bytes -= this.#kept.get(file)?.length ?? 0
    this.#kept.delete(file)
  }
}
