import type { CaptureView, CardShutterPolicy, PauseTrigger, ResumeCause } from '../../signaling/protocol/capture.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CallLog } from '../calls/call-log.ts'

/**
 * How long it stays closed after somebody wanted it open: what was said and shown until then is still on its way (network,
 * jitter buffers, the phone's encoder) and must find it closed.
 */
const SETTLE_MS = 500

/** Whatever captures. Both are called in the instant of the decision and must have taken effect when they return. */
export type Shuttered = { shut(): void; unshut(): void }

export type CardShutterOptions = {
  readonly log: CallLog
  /** Of the kind of call; undefined: it has no card shutter. */
  readonly policy: () => CardShutterPolicy | undefined
  /** The call's clock. */
  readonly nowMs: () => number
  readonly parts: () => readonly Shuttered[]
  readonly changed: () => void
  readonly settleMs?: number
}

type Closed = {
  readonly trigger: PauseTrigger
  readonly sinceMs: number
  readonly limitMs: number
  limit: NodeJS.Timeout
}
type Opening = { readonly timer: NodeJS.Timeout; readonly opened: PromiseWithResolvers<void> }

/**
 * One switch for all capture of a call while a card is paid with: voice, keys, picture, stills, uploads, reading. It never
 * stays closed for longer than the policy says.
 */
export class CardShutter {
  readonly #o: CardShutterOptions
  #closed: Closed | undefined
  #opening: Opening | undefined
  #openedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: CardShutterOptions) {
    this.#o = options
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  get view(): CaptureView['shutter'] {
    if (!this.#closed) return undefined
    const { trigger, sinceMs, limitMs } = this.#closed
    return { trigger, sinceMs, limitMs }
  }

  /**
   * Closes it. Closed already, it stays so under its first limit, also when it was about to open.
   * @param o.limitMs a shorter limit than the policy's
   * @throws AppError `forbidden` where the kind of call has none
   */
  pause(o: { by?: ParticipantId; trigger: PauseTrigger; limitMs?: number | undefined }): void {
    if (this.#closed) {
      this.#stayClosed()
      return
    }
    const policy = this.#o.policy()
    if (!policy) throw new AppError('forbidden', 'this kind of call has no card shutter')
    if (this.#o.log.closed) throw new AppError('gone', 'the call has ended')
    const limitMs = Math.min(policy.maxMs, o.limitMs ?? policy.maxMs)
    const settleMs = this.#settleMs
    const limit = setTimeout(() => void this.resume({ because: 'limit' }), Math.max(0, limitMs - settleMs))
    this.#closed = { trigger: o.trigger, sinceMs: this.#o.nowMs(), limitMs, limit }
    // Captured things first, the entry after them: between the two entries there is nothing, not even by a microsecond.
    for (const part of this.#o.parts()) part.shut()
    this.#o.log.write({ type: 'capture.paused', ...(o.by && { by: o.by }), trigger: o.trigger, limitMs })
    this.#o.changed()
  }

  /** Opens it once nothing from behind it can still arrive. Resolves when it is open; at once when it was. */
  resume(o: { by?: ParticipantId; because: ResumeCause }): Promise<void> {
    if (!this.#closed) return Promise.resolve()
    if (this.#opening) return this.#opening.opened.promise
    const opened = Promise.withResolvers<void>()
    this.#opening = { timer: setTimeout(() => this.#open(o), this.#settleMs), opened }
    return opened.promise
  }

  /** @throws AppError `paused` */
  assertOpen(): void {
    if (this.#closed) throw new AppError('paused', 'a card is being paid with: nothing is captured until that is over')
  }

  /**
   * For what began earlier, such as a request whose body took a while: whether it was open all the time since.
   * @param startedAtMs of `performance.now()`
   * @throws AppError `paused`
   */
  assertOpenSince(startedAtMs: number): void {
    this.assertOpen()
    if (startedAtMs < this.#openedAtMs)
      throw new AppError('paused', 'this began behind the card shutter and is not kept')
  }

  /** With the call, closed or not. */
  close(): void {
    clearTimeout(this.#closed?.limit)
    clearTimeout(this.#opening?.timer)
    this.#opening?.opened.resolve()
    this.#opening = undefined
  }

  get #settleMs(): number {
    return this.#o.settleMs ?? SETTLE_MS
  }

  #stayClosed(): void {
    const { limitMs = 0, sinceMs = 0 } = this.#closed ?? {}
    // At its limit it opens whatever is wished.
    if (!this.#opening || this.#o.nowMs() - sinceMs >= limitMs - this.#settleMs) return
    clearTimeout(this.#opening.timer)
    this.#opening.opened.resolve()
    this.#opening = undefined
  }

  #open(o: { by?: ParticipantId; because: ResumeCause }): void {
    const opening = this.#opening
    clearTimeout(this.#closed?.limit)
    this.#closed = undefined
    this.#opening = undefined
    this.#openedAtMs = performance.now()
    this.#o.log.write({ type: 'capture.resumed', ...(o.by && { by: o.by }), because: o.because })
    for (const part of this.#o.parts()) part.unshut()
    this.#o.changed()
    opening?.opened.resolve()
  }
}
