import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../archive/durable-file.ts'
import type { Flusher, Syncable } from './flusher.ts'

export type Block = {
  readonly buffer: Buffer
  bytes: number
  /** RTP records inside, so that the owner knows how many reached the kernel. */
  packets: number
}

/**
 * An append-only file that is written in the background: blocks queue up, one `writev` is in flight at a time, at
 * explicit positions. A failed write keeps its blocks and is tried again at the next `kick()`, so a disk that was full
 * for a while leaves no hole in the middle.
 */
export class AppendFile implements Syncable {
  readonly #fd: number
  /** Where the file's name stands, until the disk has confirmed it: bytes without a name do not outlive a power cut. */
  #folder: string | undefined
  readonly #flusher: Flusher
  readonly #onError: (error: Error) => void
  readonly #onWritten: (block: Block) => void
  readonly #queue: Block[] = []
  /** Bytes of the first queued block that an earlier, partial write already stored. */
  #skip = 0
  #position = 0
  #queuedBytes = 0
  #writing = false
  #syncing = false
  /** performance.now() of the oldest write that the disk has not confirmed. */
  #oldestUnsyncedMs: number | undefined
  #wroteDuringSync = false
  #failing = false
  #wake: (() => void) | undefined

  constructor(o: {
    readonly path: string
    readonly flusher: Flusher
    onError(error: Error): void
    onWritten(block: Block): void
  }) {
    this.#fd = fs.openSync(o.path, 'wx', 0o640)
    this.#folder = dirname(o.path)
    this.#flusher = o.flusher
    this.#onError = o.onError
    this.#onWritten = o.onWritten
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }
  /** How long the oldest written byte has been waiting for an fdatasync to finish; 0 when all is on disk. */
  get unsyncedForMs(): number {
    return this.#oldestUnsyncedMs === undefined ? 0 : performance.now() - this.#oldestUnsyncedMs
  }

  enqueue(block: Block): void {
    this.#queue.push(block)
    this.#queuedBytes += block.bytes
  }

  /** Starts a write of everything queued unless one is under way. */
  kick(): void {
    if (this.#writing || this.#queue.length === 0) return
    const views = this.#queue.map((block, i) => block.buffer.subarray(i === 0 ? this.#skip : 0, block.bytes))
    this.#writing = true
    fs.writev(this.#fd, views, this.#position, (error, written) => {
      this.#writing = false
      if (error === null) {
        this.#oldestUnsyncedMs ??= performance.now()
        this.#wroteDuringSync = true
        this.#failing = false
        this.#accept(written)
        this.kick()
      } else {
        this.#failing = true
        this.#onError(error)
      }
      this.#wake?.()
    })
  }

  fdatasync(done: () => void): void {
    const startedMs = performance.now()
    this.#syncing = true
    this.#wroteDuringSync = false
    const finish = (error: Error | null) => {
      this.#syncing = false
      if (error === null) this.#oldestUnsyncedMs = this.#wroteDuringSync ? startedMs : undefined
      else this.#onError(error)
      this.#wake?.()
      done()
    }
    // The name first: confirmed bytes must be found again.
    const named = this.#folder === undefined ? Promise.resolve() : syncFolder(this.#folder)
    named.then(
      () => {
        this.#folder = undefined
        fs.fdatasync(this.#fd, finish)
      },
      (cause: Error) => finish(cause),
    )
  }

  /** Writes what is queued, syncs and closes the descriptor. Gives up on a failing disk after `patienceMs`; never throws. */
  async close(patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (this.#writing || (this.#queue.length > 0 && performance.now() < deadline)) {
      if (this.#failing && !this.#writing) await new Promise(resolve => setTimeout(resolve, 50))
      this.kick()
      if (this.#writing) await new Promise<void>(resolve => (this.#wake = resolve))
    }
    this.#flusher.forgetSync(this)
    while (this.#syncing) await new Promise<void>(resolve => (this.#wake = resolve))
    if (this.#oldestUnsyncedMs !== undefined) await new Promise<void>(resolve => this.fdatasync(resolve))
    await new Promise<void>(resolve => fs.close(this.#fd, () => resolve()))
  }

  #accept(written: number): void {
    this.#position += written
    this.#queuedBytes -= written
    let left = written + this.#skip
    for (let block = this.#queue[0]; block !== undefined && left >= block.bytes; block = this.#queue[0]) {
      left -= block.bytes
      this.#queue.shift()
      this.#onWritten(block)
    }
    this.#skip = left
  }
}
