import { closeSync, openSync, readSync } from 'node:fs'

const WINDOW_BYTES = 512 * 1024

/** Reads pieces of a file that lie almost in order: one window is kept, so most reads cost no system call. */
export class PayloadFile {
  readonly #fd: number
  #window = Buffer.alloc(0)
  #windowAt = 0

  constructor(path: string) {
    this.#fd = openSync(path, 'r')
  }

  /** The bytes are valid until the next call. Shorter than asked only at the end of the file. */
  read(offset: number, bytes: number): Buffer {
    const at = offset - this.#windowAt
    if (at >= 0 && at + bytes <= this.#window.length) return this.#window.subarray(at, at + bytes)
    const window = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, bytes))
    this.#window = window.subarray(0, readSync(this.#fd, window, 0, window.length, offset))
    this.#windowAt = offset
    return this.#window.subarray(0, bytes)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
