import { FIRST_SIZE, nextSize, rateOf, STILL_SIZES, sizeWithin } from './slow-scan-size.ts'

/** From the start of one still to the start of the next, when the network is quicker than that. */
const EVERY_MS = 1_000
/** Without a frame (camera starting), and after a failure. */
const AGAIN_MS = 700
const TIMEOUT_MS = 12_000
const REACHABLE_AGAIN_MS = 200
/** On the rung of single photos: what the network carries now is tried with the smallest still. */
const PROBE_EVERY_MS = 8_000
/** A photo is made as large as travels in this time. */
const PHOTO_MS = 5_000
const PHOTO_TRIES = 3
const PHOTO_TIMEOUT_MS = 20_000

export type StillSent = { readonly ok: boolean; readonly bytes: number; readonly tookMs: number; readonly kbps: number }
export type SlowScanOptions = {
  /** A JPEG of the frame shown now; undefined while there is none. */
  readonly take: (edgePx: number, quality: number) => Promise<Blob | undefined>
  /** Resolves when the server has it. */
  readonly post: (jpeg: Blob, timeoutMs: number) => Promise<void>
  readonly roundTripMs: () => number
  readonly onSent: (still: StillSent) => void
  /** False while the server is out of reach: nothing is tried, and what fails meanwhile says nothing about the rate. */
  readonly isReachable: () => boolean
}

/**
 * Stills over HTTPS where the network carries no video: one on its way at a time, the next one always of what the camera shows
 * then, as large as the network lets it be. Works without a single datagram.
 */
export class SlowScan {
  readonly #o: SlowScanOptions
  #mode: 'off' | 'scan' | 'probe' = 'off'
  #size = FIRST_SIZE
  #sending = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #last: { size: number; bytes: number; kbps: number } | undefined
  #closed = false

  constructor(options: SlowScanOptions) {
    this.#o = options
  }

  /** `scan`: every second or two; `probe`: a smallest one now and then, while photos are sent one by one. */
  run(mode: 'off' | 'scan' | 'probe'): void {
    if (this.#mode === mode || this.#closed) return
    const wasOff = this.#mode === 'off'
    this.#mode = mode
    clearTimeout(this.#timer)
    if (mode === 'off') return
    if (wasOff) this.#size = FIRST_SIZE
    if (!this.#sending) this.#plan(mode === 'scan' ? 0 : PROBE_EVERY_MS)
  }

  /** One photo, as detailed as travels in a few seconds, tried again when it fails. @returns whether the server has it */
  async shoot(): Promise<boolean> {
    clearTimeout(this.#timer)
    // The caller's own photo comes first; what is on its way is small.
    for (let waited = 0; this.#sending && waited < TIMEOUT_MS; waited += 50) await pause(50)
    let size = this.#last === undefined ? 3 : sizeWithin({ kbps: this.#last.kbps, ms: PHOTO_MS, sent: this.#last })
    for (let tries = 0; tries < PHOTO_TRIES && !this.#closed; tries += 1) {
      const sent = await this.#send(size, PHOTO_TIMEOUT_MS)
      if (sent?.ok) return this.#planned(true)
      size = Math.max(0, size - 1)
      await pause(AGAIN_MS)
    }
    return this.#planned(false)
  }

  close(): void {
    this.#closed = true
    this.#mode = 'off'
    clearTimeout(this.#timer)
  }

  #planned(result: boolean): boolean {
    this.#plan(EVERY_MS)
    return result
  }

  #plan(inMs: number): void {
    clearTimeout(this.#timer)
    if (this.#mode === 'off' || this.#closed) return
    this.#timer = setTimeout(() => void this.#turn(), inMs)
  }

  async #turn(): Promise<void> {
    if (!this.#o.isReachable()) {
      this.#plan(REACHABLE_AGAIN_MS)
      return
    }
    const startedMs = performance.now()
    const probe = this.#mode === 'probe'
    const sent = await this.#send(probe ? 0 : this.#size, TIMEOUT_MS)
    if (sent !== undefined && !probe) {
      this.#size = nextSize(this.#size, { ...sent, roundTripMs: this.#o.roundTripMs() })
    }
    const tookMs = performance.now() - startedMs
    if (this.#mode === 'probe') this.#plan(sent?.ok === true && probe ? EVERY_MS * 2 : PROBE_EVERY_MS)
    else this.#plan(sent?.ok === true ? Math.max(0, EVERY_MS - tookMs) : AGAIN_MS)
  }

  /** Undefined when there was nothing to send. */
  async #send(size: number, timeoutMs: number): Promise<StillSent | undefined> {
    const { edgePx, quality } = STILL_SIZES[size] ?? STILL_SIZES[FIRST_SIZE]
    this.#sending = true
    try {
      const jpeg = await this.#o.take(edgePx, quality).catch(() => undefined)
      if (jpeg === undefined || this.#closed) return undefined
      const startedMs = performance.now()
      const ok = await this.#o.post(jpeg, timeoutMs).then(
        () => true,
        () => false,
      )
      const tookMs = performance.now() - startedMs
      const kbps = ok ? rateOf(jpeg.size, tookMs, this.#o.roundTripMs()) : 0
      if (ok) this.#last = { size, bytes: jpeg.size, kbps }
      const still = { ok, bytes: jpeg.size, tookMs, kbps }
      if (!this.#closed && (ok || this.#o.isReachable())) this.#o.onSent(still)
      return still
    } finally {
      this.#sending = false
    }
  }
}

const pause = (ms: number) => new Promise<void>(done => setTimeout(done, ms))
