import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Positional reads of one kept file, as plain bytes, wherever and however it is kept. */
export interface ByteSource {
  /** Length of the plain bytes. */
  readonly bytes: number
  /** The bytes from `from` on; fewer than `bytes` only at the end. The buffer is the caller's own. */
  read(from: number, bytes: number): Promise<Buffer>
  close(): Promise<void>
}

/** The same without waiting: for child processes that have nothing else to do. Only files on this machine can be read so. */
export interface SyncByteSource {
  readonly bytes: number
  readSync(from: number, bytes: number): Buffer
  closeSync(): void
}

/** A plain file. */
export class FileSource implements ByteSource {
  readonly bytes: number
  readonly #handle: FileHandle

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle
    this.bytes = bytes
  }

  /** @throws the file system's error */
  static async open(path: string): Promise<FileSource> {
    const handle = await open(path, 'r')
    try {
      return new FileSource(handle, (await handle.stat()).size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async read(from: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(bytes, this.bytes - from)))
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, from + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** A plain file, read without waiting. */
export class SyncFileSource implements SyncByteSource {
  readonly bytes: number
  readonly #fd: number

  /** @throws the file system's error */
  constructor(path: string) {
    this.#fd = openSync(path, 'r')
    this.bytes = fstatSync(this.#fd).size
  }

  readSync(from: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(bytes, this.bytes - from)))
    let filled = 0
    while (filled < buffer.length) {
      const read = readSync(this.#fd, buffer, filled, buffer.length - filled, from + filled)
      if (read === 0) break
      filled += read
    }
    return buffer.subarray(0, filled)
  }

  closeSync(): void {
    closeSync(this.#fd)
  }
}
