import type { Readable } from 'node:stream'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { ByteSource, SyncByteSource } from './byte-source.ts'

export type CallFile = {
  /** Relative, forward slashes: `tracks/caller-voice-1.rtpj`, `manifest.json`, `derived/replay.webm`. */
  readonly path: string
  /** Length of the plain bytes. */
  readonly bytes: number
}

/** No file of this name in the call's record. */
export class NoSuchFile extends Error {
  override name = 'NoSuchFile'
}

/**
 * The files of one call as plain bytes under their names in the archive, however they are kept: plain or encrypted, on
 * this machine or in a cold store. Whoever reads evidence (replay, export, redaction, quality checks, search) reads it here.
 */
export interface CallFiles {
  /** Everything but the lock: evidence, `manifest.json`, derivatives. Sorted by path. */
  list(): Promise<readonly CallFile[]>
  /** Names in the folder that no file of a record can have; only verification has a use for them. */
  strangers(): Promise<readonly string[]>
  has(path: string): Promise<boolean>
  /** @throws NoSuchFile */
  open(path: string): Promise<ByteSource>
  /** The whole file. @throws NoSuchFile */
  read(path: string): Promise<Buffer>
  /** Bytes `from` to `to` (exclusive); the whole file without them. @throws NoSuchFile */
  stream(path: string, range?: { readonly from: number; readonly to: number }): Promise<Readable>
  /** For child processes. @throws NoSuchFile, or Error when the bytes are not on this machine. */
  openSync(path: string): SyncByteSource
  /**
   * Keeps a derivative (`derived/…`) under its name when it is whole, replacing an older one; evidence is never written
   * here. @throws Error for any other path.
   */
  put(
    path: string,
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<{ sha256: string; bytes: number }>
  /** Removes a derivative; missing is fine. @throws Error for any other path. */
  remove(path: string): Promise<void>
}

/** How to reach the files of one call; plain data, so that it can be handed to a child process (never on its command line). */
export type CallFilesRef =
  | { readonly kind: 'plain'; readonly folder: string }
  /** Encrypted; `dataKey` is the call's own key, base64: it opens this call and no other. */
  | { readonly kind: 'vault'; readonly folder: string; readonly callId: CallId; readonly dataKey: string }
