import type { SyncByteSource } from '../vault/byte-source.ts'

const WINDOW_BYTES = 512 * 1024

/** Reads pieces of a file that lie almost in order: one window is kept, so most reads cost no system call. */
export class PayloadFile {
  readonly #source: SyncByteSource
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  /** The source is closed with this. */
  constructor(source: SyncByteSource) {
    this.#source = source
  }

  /** The bytes are valid until the next call. Shorter than asked only at the end of the file. */
  read(offset: number, bytes: number): Buffer {
    const at = offset - this.#windowAt
    if (at >= 0 && at + bytes <= this.#window.length) return this.#window.subarray(at, at + bytes)
    this.#window = this.#source.readSync(offset, Math.max(WINDOW_BYTES, bytes))
    this.#windowAt = offset
    return this.#window.subarray(0, bytes)
  }

  close(): void {
    this.#source.closeSync()
  }
}
