export type VaultKeyErrorCode =
  /** There is no key.json: the call was shredded, or the file is lost. */
  | 'no-key'
  /** key.json cannot be read. */
  | 'key-damaged'
  /** Wrapped by a master key that is not configured here. */
  | 'unknown-master-key'
  /** The master key of that name does not open it. */
  | 'wrong-key'
  /** Whoever keeps the master key does not answer; later it may. */
  | 'unavailable'

export class VaultKeyError extends Error {
  override name = 'VaultKeyError'
  readonly code: VaultKeyErrorCode
  constructor(code: VaultKeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type WrappedKey = {
  readonly masterKeyId: string
  /** What only the master key opens; its spelling is the wrapper's own. */
  readonly wrapped: string
}

/** Something that holds a master key and wraps the data keys of calls with it; the master key itself never comes out. */
export interface KeyWrapper {
  /** The id that `wrap` would write now. @throws VaultKeyError `unavailable` */
  currentId(): Promise<string>
  /** Whether a key wrapped under this id is for this wrapper to open. */
  knows(masterKeyId: string): boolean
  /** `context` must be the same when it is opened again: it binds the key to its call. @throws VaultKeyError */
  wrap(dataKey: Buffer, context: string): Promise<WrappedKey>
  /** @throws VaultKeyError */
  unwrap(key: WrappedKey, context: string): Promise<Buffer>
}
