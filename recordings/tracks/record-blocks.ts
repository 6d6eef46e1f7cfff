import { createHash } from 'node:crypto'
import type { Block } from './append-file.ts'
import type { Flusher } from './flusher.ts'
import { CHECKPOINT_BYTES, RECORD_HEAD_BYTES, writeCheckpoint, writeRecordHead } from './rtpj-format.ts'

/**
 * Gathers records into blocks and keeps the running hash of the whole file. Hashing happens once per block and
 * checkpoint, not per packet. Full blocks are handed on at once, the current one when asked.
 */
export class RecordBlocks {
  readonly #flusher: Flusher
  readonly #blockBytes: number
  readonly #onFull: (block: Block) => void
  readonly #hash = createHash('sha256')
  #block: Block | undefined
  /** Bytes of the current block that the running hash has seen. */
  #hashed = 0
  #fileBytes = 0

  constructor(o: { readonly flusher: Flusher; readonly blockBytes: number; onFull(block: Block): void }) {
    this.#flusher = o.flusher
    this.#blockBytes = o.blockBytes
    this.#onFull = o.onFull
  }

  /** Length of the file once everything given so far is written. */
  get fileBytes(): number {
    return this.#fileBytes
  }
  /** Hex SHA-256 of everything given so far. */
  get sha256(): string {
    this.#catchUp()
    return this.#hash.copy().digest('hex')
  }

  raw(bytes: Uint8Array): void {
    const block = this.#blockFor(bytes.length)
    block.buffer.set(bytes, block.bytes)
    this.#grow(block, bytes.length)
  }

  /** `packets` counts for the owner: 1 for an RTP packet. */
  record(kind: number, flags: number, body: Uint8Array, timeUs: number, packets: 0 | 1): void {
    const block = this.#blockFor(RECORD_HEAD_BYTES + body.length)
    writeRecordHead(block.buffer, block.bytes, kind, flags, body.length, timeUs)
    block.buffer.set(body, block.bytes + RECORD_HEAD_BYTES)
    block.packets += packets
    this.#grow(block, RECORD_HEAD_BYTES + body.length)
  }

  checkpoint(timeUs: number): void {
    const block = this.#blockFor(CHECKPOINT_BYTES)
    this.#catchUp()
    writeCheckpoint(block.buffer, block.bytes, this.#fileBytes, this.#hash.copy().digest(), timeUs)
    this.#grow(block, CHECKPOINT_BYTES)
  }

  /** The current block, to be written now; undefined when nothing has come since the last. */
  take(): Block | undefined {
    const block = this.#block
    this.#catchUp()
    this.#block = undefined
    this.#hashed = 0
    return block
  }

  /** A written block may be used again, unless it was made for one large record. */
  giveBack(block: Block): void {
    if (block.buffer.length === this.#blockBytes) this.#flusher.giveBlock(block.buffer)
  }

  #grow(block: Block, bytes: number): void {
    block.bytes += bytes
    this.#fileBytes += bytes
  }

  #blockFor(bytes: number): Block {
    if (this.#block !== undefined && this.#block.bytes + bytes > this.#block.buffer.length) {
      const full = this.take()
      if (full !== undefined) this.#onFull(full)
    }
    if (this.#block !== undefined) return this.#block
    const size = this.#blockBytes
    const buffer = bytes > size ? Buffer.allocUnsafeSlow(bytes) : this.#flusher.takeBlock(size)
    this.#block = { buffer, bytes: 0, packets: 0 }
    return this.#block
  }

  #catchUp(): void {
    const block = this.#block
    if (block === undefined || block.bytes === this.#hashed) return
    this.#hash.update(block.buffer.subarray(this.#hashed, block.bytes))
    this.#hashed = block.bytes
  }
}
