import type { ByteSource, SyncByteSource } from './byte-source.ts'
import type { FileOfCall } from './encrypt-file.ts'
import {
  CHUNK_BYTES,
  type ChunkLayout,
  decryptChunk,
  fileKey,
  layoutOf,
  MAX_HEAD_BYTES,
  readHead,
  TAG_BYTES,
  VaultDamage,
  type VaultHead,
} from './vault-format.ts'

const STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

/** Which stored bytes hold a range of plain ones, and the way from one to the other. Knows no file system. */
class ChunkReader {
  readonly layout: ChunkLayout
  readonly #head: VaultHead
  readonly #key: Buffer
  readonly #storedBytes: number
  /** The chunk of the last read: small reads in order decrypt each chunk once. */
  #kept: { readonly index: number; readonly plain: Buffer } | undefined

  /** @throws VaultDamage when the head is not that of this file of this call */
  constructor(file: FileOfCall, start: Buffer, storedBytes: number) {
    const head = readHead(start)
    if (head === undefined || head.callId !== file.callId || head.path !== file.path)
      throw new VaultDamage(file.path, undefined)
    const layout = layoutOf(storedBytes, head.raw.length)
    if (layout === undefined) throw new VaultDamage(file.path, 0, head.raw.length)
    this.#head = head
    this.layout = layout
    this.#storedBytes = storedBytes
    this.#key = fileKey(file.dataKey, head)
    // Of an empty file nothing is ever read: somebody could have emptied it.
    if (layout.plainBytes === 0) this.#decrypt(0, 0, start.subarray(head.raw.length, storedBytes))
  }

  /** `stored` is undefined when nothing need be read. */
  plan(from: number, bytes: number) {
    const to = Math.min(from + bytes, this.layout.plainBytes)
    if (from < 0 || to <= from) return undefined
    const first = Math.floor(from / CHUNK_BYTES)
    const last = Math.floor((to - 1) / CHUNK_BYTES)
    const at = this.#head.raw.length + first * STORED_CHUNK_BYTES
    const end = Math.min(this.#head.raw.length + (last + 1) * STORED_CHUNK_BYTES, this.#storedBytes)
    const cached = first === last && this.#kept?.index === first
    return { from, to, first, last, stored: cached ? undefined : { from: at, bytes: end - at } }
  }

  /** @throws VaultDamage */
  open(plan: NonNullable<ReturnType<ChunkReader['plan']>>, stored: Buffer): Buffer {
    const parts: Buffer[] = []
    for (let index = plan.first; index <= plan.last; index++) {
      const offset = index * CHUNK_BYTES
      const plain = this.#kept?.index === index ? this.#kept.plain : this.#decrypt(index, plan.first, stored)
      this.#kept = { index, plain }
      parts.push(plain.subarray(Math.max(0, plan.from - offset), Math.min(plain.length, plan.to - offset)))
    }
    // Copied: the buffer is the reader's own, the kept chunk ours.
    return Buffer.concat(parts)
  }

  #decrypt(index: number, first: number, stored: Buffer): Buffer {
    const at = (index - first) * STORED_CHUNK_BYTES
    const bytes = stored.subarray(at, at + STORED_CHUNK_BYTES)
    return decryptChunk(this.#key, this.#head, index, index === this.layout.chunks - 1, bytes)
  }
}

/** A file of the vault as plain bytes; a read fetches and decrypts only the chunks it touches. */
export class VaultSource implements ByteSource {
  readonly bytes: number
  readonly #stored: ByteSource
  readonly #reader: ChunkReader

  private constructor(stored: ByteSource, reader: ChunkReader) {
    this.#stored = stored
    this.#reader = reader
    this.bytes = reader.layout.plainBytes
  }

  /** Takes over `stored`. @throws VaultDamage */
  static async open(stored: ByteSource, file: FileOfCall): Promise<VaultSource> {
    try {
      const start = await stored.read(0, Math.min(MAX_HEAD_BYTES, stored.bytes))
      return new VaultSource(stored, new ChunkReader(file, start, stored.bytes))
    } catch (error) {
      await stored.close()
      throw error
    }
  }

  async read(from: number, bytes: number): Promise<Buffer> {
    const plan = this.#reader.plan(from, bytes)
    if (plan === undefined) return Buffer.alloc(0)
    const stored = plan.stored && (await this.#stored.read(plan.stored.from, plan.stored.bytes))
    return this.#reader.open(plan, stored ?? Buffer.alloc(0))
  }

  close(): Promise<void> {
    return this.#stored.close()
  }
}

/** The same without waiting. */
export class SyncVaultSource implements SyncByteSource {
  readonly bytes: number
  readonly #stored: SyncByteSource
  readonly #reader: ChunkReader

  /** Takes over `stored`. @throws VaultDamage */
  constructor(stored: SyncByteSource, file: FileOfCall) {
    this.#stored = stored
    try {
      this.#reader = new ChunkReader(file, stored.readSync(0, MAX_HEAD_BYTES), stored.bytes)
    } catch (error) {
      stored.closeSync()
      throw error
    }
    this.bytes = this.#reader.layout.plainBytes
  }

  readSync(from: number, bytes: number): Buffer {
    const plan = this.#reader.plan(from, bytes)
    if (plan === undefined) return Buffer.alloc(0)
    const stored = plan.stored && this.#stored.readSync(plan.stored.from, plan.stored.bytes)
    return this.#reader.open(plan, stored ?? Buffer.alloc(0))
  }

  closeSync(): void {
    this.#stored.closeSync()
  }
}
