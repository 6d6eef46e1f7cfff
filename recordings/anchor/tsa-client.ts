import { TimestampError } from './timestamp-error.ts'
import { timestampQuery } from './timestamp-query.ts'
import { type Timestamp, verifyTimestamp } from './verify-timestamp.ts'

const TIMEOUT_MS = 15_000
/** A response with a long certificate chain is some 10 KB. */
const MAX_RESPONSE_BYTES = 256 * 1024

export type StampedBytes = {
  /** The whole response (`.tsr`), as `openssl ts -verify -in` takes it. */
  readonly response: Uint8Array
  readonly stamp: Timestamp
  readonly url: string
}

/** Time stamping authorities over HTTP (RFC 3161, 3.4), tried in the order they were given. */
export class TsaClient {
  readonly #urls: readonly string[]
  readonly #authorities: readonly string[]
  readonly #timeoutMs: number
  readonly #closing = new AbortController()

  /** `authorities`: PEM of the roots (and intermediates) that are trusted; empty: stamps are taken, but not as trusted. */
  constructor(o: { urls: readonly string[]; authorities: readonly string[]; timeoutMs?: number }) {
    this.#urls = o.urls
    this.#authorities = o.authorities
    this.#timeoutMs = o.timeoutMs ?? TIMEOUT_MS
  }

  /** A stamp over the SHA-256 of `data`, checked. @throws TimestampError of the last authority that was asked */
  async stamp(data: Uint8Array): Promise<StampedBytes> {
    let last = new TimestampError('unreachable', 'no authority is configured')
    for (const url of this.#urls) {
      try {
        return await this.#ask(url, data)
      } catch (error) {
        last =
          error instanceof TimestampError ? error : new TimestampError('unreadable', 'unexpected', { cause: error })
      }
    }
    throw last
  }

  close(): void {
    this.#closing.abort()
  }

  async #ask(url: string, data: Uint8Array): Promise<StampedBytes> {
    const { der, nonce } = timestampQuery(data)
    const response = await this.#post(url, der)
    const stamp = await verifyTimestamp({ response, data, nonce, authorities: this.#authorities })
    return { response, stamp, url }
  }

  async #post(url: string, query: Uint8Array): Promise<Uint8Array> {
    let response: Response
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: Buffer.from(query),
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closing.signal]),
      })
    } catch (cause) {
      throw new TimestampError('unreachable', 'the authority did not answer', { cause })
    }
    if (!response.ok) {
      await response.body?.cancel()
      throw new TimestampError('http-refused', `the authority answered ${response.status}`)
    }
    return readAtMost(response, MAX_RESPONSE_BYTES)
  }
}

async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of response.body ?? []) {
      bytes += piece.length
      if (bytes > maxBytes) throw new TimestampError('http-refused', 'the answer is far too long')
      pieces.push(piece)
    }
  } catch (cause) {
    if (cause instanceof TimestampError) throw cause
    throw new TimestampError('unreachable', 'the answer broke off', { cause })
  }
  return Buffer.concat(pieces)
}
