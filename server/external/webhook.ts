import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { CallId } from '../../signaling/protocol/ids.ts'

/** What a system may hear of its call. No number and no name is ever in it. */
export type ExternalEvent =
  | { readonly event: 'registered' | 'joined' | 'camera-live' | 'sealed' }
  | { readonly event: 'picture'; readonly pageId: string }
  | { readonly event: 'ended'; readonly cause: string }

export type ExternalNews = ExternalEvent & {
  readonly callId: CallId
  readonly system: string
  readonly externalId: string
}

const TIMEOUT_MS = 8_000
const TRIES = 5
const FIRST_RETRY_MS = 1_000
/** News of one call that wait for a receiver that is away; later ones are dropped and counted. */
const MAX_WAITING = 200

/**
 * POSTs `{id, at, event, callId, system, externalId, …}` as JSON, in order for each call. `X-Tongping-Signature:
 * sha256=<hex>` is the HMAC-SHA256 of the body. Any 2xx counts; anything else is tried again a few times, with the same `id`.
 */
export class ExternalWebhook {
  readonly #o: { url: string; secret: string; failed(event: string, reason: string): void; firstRetryMs?: number }
  readonly #lines = new Map<CallId, { waiting: number; last: Promise<void> }>()
  readonly #closed = new AbortController()

  constructor(o: {
    url: string
    secret: string
    /** One of the news was given up. */
    failed(event: string, reason: string): void
    firstRetryMs?: number
  }) {
    this.#o = o
  }

  tell(news: ExternalNews): void {
    if (this.#closed.signal.aborted) return
    const line = this.#lines.get(news.callId) ?? { waiting: 0, last: Promise.resolve() }
    if (line.waiting >= MAX_WAITING) {
      this.#o.failed(news.event, 'too many are waiting')
      return
    }
    const body = JSON.stringify({ id: randomUUID(), at: new Date().toISOString(), ...news })
    line.waiting++
    line.last = line.last
      .then(() => this.#deliver(news.event, body))
      .finally(() => {
        if (--line.waiting === 0) this.#lines.delete(news.callId)
      })
    this.#lines.set(news.callId, line)
  }

  /** What has not been taken by now is given up. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all([...this.#lines.values()].map(line => line.last))
  }

  async #deliver(event: string, body: string): Promise<void> {
    let reason = ''
    for (let attempt = 0; attempt < TRIES && !this.#closed.signal.aborted; attempt++) {
      try {
        await this.#post(body)
        return
      } catch (error) {
        // The address may hold a secret: the kind of failure is enough.
        reason = error instanceof Error ? error.name : 'unknown'
      }
      const waitMs = (this.#o.firstRetryMs ?? FIRST_RETRY_MS) * 2 ** attempt
      if (attempt < TRIES - 1) await delay(waitMs, undefined, { signal: this.#closed.signal }).catch(() => {})
    }
    this.#o.failed(event, this.#closed.signal.aborted ? 'the server stopped' : reason)
  }

  async #post(body: string): Promise<void> {
    const signature = createHmac('sha256', this.#o.secret).update(body).digest('hex')
    const response = await fetch(this.#o.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tongping-signature': `sha256=${signature}` },
      body,
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closed.signal]),
    })
    await response.body?.cancel()
    if (!response.ok) throw new WebhookRefused(response.status)
  }
}

class WebhookRefused extends Error {
  constructor(status: number) {
    super(`the webhook answered ${status}`)
    this.name = `HTTP ${status}`
  }
}
