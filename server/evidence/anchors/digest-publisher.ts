import { createHmac } from 'node:crypto'
import { type DigestFolder, DigestTaken, type KeptDigest } from '../../../recordings/anchor/digest-folder.ts'
import type { Events } from '../../events.ts'
import type { Stamps } from '../../store/stamps.ts'

const WEBHOOK_TIMEOUT_MS = 15_000

export type AnchorWebhook = { readonly url: string; readonly secret: string | undefined }

/** Brings digests to where this server's operator cannot change them any more: a second folder, and whoever listens at a URL. */
export class DigestPublisher {
  readonly folder: DigestFolder | undefined
  readonly #webhook: AnchorWebhook | undefined
  readonly #rows: Stamps
  readonly #events: Events
  readonly #closing = new AbortController()

  constructor(o: {
    folder: DigestFolder | undefined
    webhook: AnchorWebhook | undefined
    rows: Stamps
    events: Events
  }) {
    this.folder = o.folder
    this.#webhook = o.webhook
    this.#rows = o.rows
    this.#events = o.events
  }

  get isConfigured(): boolean {
    return this.folder !== undefined || this.#webhook !== undefined
  }

  /** True when the digest (and its stamp, once there is one) is everywhere it should be. Never rejects. */
  async publish(kept: KeptDigest): Promise<boolean> {
    const results = [await this.#toFolder(kept), await this.#toWebhook(kept)]
    return results.every(Boolean)
  }

  close(): void {
    this.#closing.abort()
  }

  async #toFolder({ day, bytes, stamp }: KeptDigest): Promise<boolean> {
    if (!this.folder) return true
    try {
      await this.folder.put(day, bytes)
      if (stamp) await this.folder.putStamp(day, stamp)
      return true
    } catch (error) {
      // Other bytes under the same name: the comparison of all copies makes that an alarm of its own.
      if (error instanceof DigestTaken) return true
      this.#events.digestNotPublished(day, 'folder', error)
      return false
    }
  }

  /** `{day, sha256, digest, stamp}`: the digest's very text, the stamp's response in base64 or null; signed like SMS orders. */
  async #toWebhook({ day, sha256, bytes, stamp }: KeptDigest): Promise<boolean> {
    if (!this.#webhook || (await this.#rows.wasTold(day, stamp !== undefined))) return true
    const { url, secret } = this.#webhook
    const body = JSON.stringify({
      day,
      sha256,
      digest: bytes.toString('utf8'),
      stamp: stamp?.toString('base64') ?? null,
    })
    const signature = secret && createHmac('sha256', secret).update(body).digest('hex')
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(signature && { 'x-tongping-signature': `sha256=${signature}` }),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(WEBHOOK_TIMEOUT_MS), this.#closing.signal]),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`the anchor webhook answered ${response.status}`)
      await this.#rows.told(day, stamp !== undefined)
      return true
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#events.digestNotPublished(day, 'webhook', error)
      return false
    }
  }
}
