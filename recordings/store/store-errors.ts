import { NoSuchFile } from '../vault/call-files.ts'

/** The store does not answer, answers too late or with a fault of its own: it is worth asking again later. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** The store answered no (wrong key, no such bucket, not allowed): asking again changes nothing until a person does. */
export class StoreRefused extends Error {
  override name = 'StoreRefused'
  /** The store's own word: `AccessDenied`, `NoSuchBucket`, `SignatureDoesNotMatch`. */
  readonly code: string
  constructor(code: string, options?: ErrorOptions) {
    super(`the store refused: ${code}`, options)
    this.code = code
  }
}

/** What lies in the store is not what was put there. */
export class StoreDamage extends Error {
  override name = 'StoreDamage'
}

export type StoreTrouble = StoreUnavailable | StoreRefused | StoreDamage
export function isStoreTrouble(error: unknown): error is StoreTrouble {
  return error instanceof StoreUnavailable || error instanceof StoreRefused || error instanceof StoreDamage
}

type AnyStoreError = {
  readonly name?: string
  readonly $metadata?: { readonly httpStatusCode?: number | undefined } | undefined
}

/** Whatever the client threw, as one of our own. Words of the store never reach a message: they may hold names. */
export function asStoreError(error: unknown): Error {
  if (error instanceof NoSuchFile || error instanceof StoreUnavailable || error instanceof StoreRefused) return error
  const { name = 'unknown', $metadata } = (typeof error === 'object' && error !== null ? error : {}) as AnyStoreError
  const status = $metadata?.httpStatusCode
  if (name === 'NoSuchKey' || name === 'NotFound')
    return new NoSuchFile('no such file in this record', { cause: error })
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new StoreRefused(name, { cause: error })
  return new StoreUnavailable(`the store cannot be reached (${name})`, { cause: error })
}
