import { createHmac } from 'node:crypto'
import type { CallId } from '../../signaling/protocol/ids.ts'

export type CodeMessage = {
  readonly callId: CallId
  /** The caller's number. */
  readonly to: string
  readonly link: string
  /** The whole sentence, in the caller's language. */
  readonly text: string
}

/** Hands link and number to whatever delivers them. */
export type CodeSender = {
  readonly channel: 'outbox' | 'webhook'
  /** Resolves when the message was taken over. @throws Error when it was not. */
  send(message: CodeMessage): Promise<void>
}

export type OutboxEntry = CodeMessage & { readonly at: string }
const OUTBOX_ENTRIES = 200

/** The default sender: the messages stay here, where the agent can see and read them out. */
export class Outbox implements CodeSender {
  readonly channel = 'outbox'
  readonly #entries: OutboxEntry[] = []

  async send(message: CodeMessage): Promise<void> {
    this.#entries.unshift({ ...message, at: new Date().toISOString() })
    this.#entries.length = Math.min(this.#entries.length, OUTBOX_ENTRIES)
  }

  ofCalls(callIds: ReadonlySet<CallId>): OutboxEntry[] {
    return this.#entries.filter(entry => callIds.has(entry.callId))
  }
}

const WEBHOOK_TIMEOUT_MS = 8_000

/**
 * POSTs `{callId, to, link, text}` as JSON. With a secret, `X-Tongping-Signature: sha256=<hex>` is the HMAC-SHA256 of
 * the body, so that the receiver can tell us from others. Any 2xx counts as taken over.
 */
export class WebhookSender implements CodeSender {
  readonly channel = 'webhook'
  readonly #url: string
  readonly #secret: string | undefined

  constructor(url: string, secret: string | undefined) {
    this.#url = url
    this.#secret = secret
  }

  async send(message: CodeMessage): Promise<void> {
    const body = JSON.stringify(message)
    const signature = this.#secret && createHmac('sha256', this.#secret).update(body).digest('hex')
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(signature && { 'x-tongping-signature': `sha256=${signature}` }),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the SMS webhook answered ${response.status}`)
  }
}
