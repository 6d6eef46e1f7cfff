import type { CallId, PageId } from '../../signaling/protocol/ids.ts'
import { jpegOf, type Shot, StillMissed } from './still-taker.ts'

export type StillPost = (path: string, shot: Shot, timeoutMs: number) => Promise<number>
export type StillSenderOptions = {
  /** @returns the HTTP status; rejects when nothing came back in time. */
  readonly post?: StillPost
  readonly smaller?: (blob: Blob) => Promise<Blob>
  readonly wait?: (ms: number) => Promise<void>
}

const TRIES = 4
/** The server gives a request a minute. */
const TIMEOUT_MS = 45_000
const FIRST_WAIT_MS = 1_000
const SMALL_PX = 1600
const SMALL_QUALITY = 0.7

/**
 * Carries a still to the server over HTTPS, beside the stream. A try that got nowhere is made again, later and with
 * fewer bytes: on a network that carries no photo the agent is better served by a small one.
 */
export class StillSender {
  readonly #post: StillPost
  readonly #smaller: (blob: Blob) => Promise<Blob>
  readonly #wait: (ms: number) => Promise<void>

  constructor(o: StillSenderOptions = {}) {
    this.#post = o.post ?? postStill
    this.#smaller = o.smaller ?? smallerJpeg
    this.#wait = o.wait ?? (ms => new Promise(resolve => setTimeout(resolve, ms)))
  }

  /** @throws {StillMissed} with the reason the agent reads */
  async send(callId: CallId, pageId: PageId, shot: Shot): Promise<void> {
    const path = `/api/calls/${callId}/pages/${pageId}/still`
    let sending = shot
    for (let tried = 1; ; tried += 1) {
      const status = await this.#post(path, sending, TIMEOUT_MS).catch(() => 0)
      if (status >= 200 && status < 300) return
      // Refused for good: another try would be refused again.
      if (status >= 400 && status < 500 && status !== 408 && status !== 429)
        throw new StillMissed(`the server refused it: ${status}`)
      if (tried === TRIES) throw new StillMissed('the network did not carry it')
      await this.#wait(FIRST_WAIT_MS * 2 ** (tried - 1))
      if (status === 0 && tried > 1) {
        const blob = await this.#smaller(sending.blob).catch(() => sending.blob)
        // No longer what the photo function gave, but still the phone's own picture.
        sending = { ...sending, blob }
      }
    }
  }
}

async function postStill(path: string, shot: Shot, timeoutMs: number): Promise<number> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  try {
    const response = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      signal: timeout.signal,
      headers: { 'content-type': 'image/jpeg', 'x-still-kind': shot.kind },
      body: shot.blob,
    })
    return response.status
  } finally {
    clearTimeout(timer)
  }
}

async function smallerJpeg(blob: Blob): Promise<Blob> {
  const small = await jpegOf(await createImageBitmap(blob), SMALL_PX, SMALL_QUALITY)
  return small.size < blob.size ? small : blob
}
