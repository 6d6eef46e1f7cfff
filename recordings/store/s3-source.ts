import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { ByteSource } from '../vault/byte-source.ts'
import type { S3Store } from './s3-store.ts'
import { StoreUnavailable } from './store-errors.ts'

/** Whoever reads on in order gets so much at once: a request costs more than the bytes. A seek fetches what it asks for. */
const AHEAD_BYTES = 1024 * 1024

/** An object of the store, read by ranges. All ranges are of the same version: the store refuses when it was replaced. */
export class S3Source implements ByteSource {
  readonly bytes: number
  readonly #store: S3Store
  readonly #key: string
  readonly #etag: string
  #window: { readonly from: number; readonly bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) }
  #nextInOrder = -1

  constructor(o: { readonly store: S3Store; readonly key: string; readonly bytes: number; readonly etag: string }) {
    this.#store = o.store
    this.#key = o.key
    this.bytes = o.bytes
    this.#etag = o.etag
  }

  /** @throws StoreUnavailable, StoreRefused, NoSuchFile */
  async read(from: number, bytes: number): Promise<Buffer> {
    const to = Math.min(this.bytes, from + bytes)
    if (to <= from) return Buffer.alloc(0)
    const window = this.#window
    if (from < window.from || to > window.from + window.bytes.length) {
      const ahead = from === this.#nextInOrder ? AHEAD_BYTES : 0
      const end = Math.min(this.bytes, Math.max(to, from + ahead))
      this.#window = { from, bytes: await this.#fetch(from, end) }
    }
    this.#nextInOrder = to
    // A copy: the buffer is the caller's own.
    return Buffer.from(this.#window.bytes.subarray(from - this.#window.from, to - this.#window.from))
  }

  async close(): Promise<void> {
    this.#window = { from: 0, bytes: Buffer.alloc(0) }
  }

  /** The client tries the request again, but not a body that breaks off: that is done here. */
  async #fetch(from: number, to: number): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#store.ask(async o => {
          const range = `bytes=${from}-${to - 1}`
          const answer = await this.#store.client.send(
            new GetObjectCommand({ Bucket: this.#store.bucket, Key: this.#key, Range: range, IfMatch: this.#etag }),
            o,
          )
          const got = Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
          if (got.length !== to - from) throw new StoreUnavailable('the store sent another number of bytes')
          return got
        })
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || attempt >= 2) throw error
      }
    }
  }
}
