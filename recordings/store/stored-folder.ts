import type { ByteSource, SyncByteSource } from '../vault/byte-source.ts'

export type StoredFile = {
  /** Relative, forward slashes. */
  readonly name: string
  readonly bytes: number
}

/**
 * One call's folder as it is kept, byte for byte: on a local disk (hot) or under a prefix of an S3-compatible store (cold).
 * Knows nothing of encryption: the vault's `CallFiles` stands on top of it.
 */
export interface StoredFolder {
  /** Sorted by name; empty when there is no such folder. */
  list(): Promise<readonly StoredFile[]>
  has(name: string): Promise<boolean>
  /** Reads ranges; never fetches more than asked for (and what its own buffering needs). @throws NoSuchFile */
  open(name: string): Promise<ByteSource>
  /** Only where the bytes are on this machine. @throws NoSuchFile */
  openSync?(name: string): SyncByteSource
  /** Appears whole or not at all, replacing what was there. */
  put(
    name: string,
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<{ sha256: string; bytes: number }>
  /** Missing is fine. */
  remove(name: string): Promise<void>
}
