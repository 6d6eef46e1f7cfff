import type { ByteSource, SyncByteSource } from './byte-source.ts'

/** Bytes in memory as a source, counting what was asked of it: for tests and for what was read already. */
export class MemorySource implements ByteSource, SyncByteSource {
  readonly bytes: number
  bytesRead = 0
  readonly #content: Buffer

  constructor(content: Buffer) {
    this.#content = content
    this.bytes = content.length
  }

  async read(from: number, bytes: number): Promise<Buffer> {
    return this.readSync(from, bytes)
  }

  readSync(from: number, bytes: number): Buffer {
    const piece = Buffer.from(this.#content.subarray(from, from + bytes))
    this.bytesRead += piece.length
    return piece
  }

  async close(): Promise<void> {}
  closeSync(): void {}
}
