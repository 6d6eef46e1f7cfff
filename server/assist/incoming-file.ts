import { appendFile, readFile, rm, truncate } from 'node:fs/promises'

/** A file that arrives in pieces. `receivedBytes` counts what is on the disk. */
export class IncomingFile {
  readonly #path: string
  #receivedBytes = 0
  #beforeLast = 0

  constructor(path: string) {
    this.#path = path
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  async append(chunk: Buffer): Promise<void> {
    this.#beforeLast = this.#receivedBytes
    try {
      await appendFile(this.#path, chunk, { mode: 0o600 })
    } catch (error) {
      // A full disk may have taken half of it.
      await truncate(this.#path, this.#receivedBytes).catch(() => {})
      throw error
    }
    this.#receivedBytes += chunk.length
  }

  /** Forgets the newest piece, so that it can be sent again. */
  async takeBackLast(): Promise<void> {
    if (this.#receivedBytes === this.#beforeLast) return
    await truncate(this.#path, this.#beforeLast).catch(() => {})
    this.#receivedBytes = this.#beforeLast
  }

  read(): Promise<Buffer> {
    return readFile(this.#path)
  }

  async discard(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}
