import { randomInt } from 'node:crypto'
import type { ServerTransaction } from './server-transaction.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import { giveUpMs, type SipTimers } from './sip-timers.ts'
import type { Timer, TimerSet } from './timer-set.ts'

/** The reliable 1xx of one INVITE (RFC 3262): numbers them and repeats each until its PRACK comes. */
export class ReliableProvisionals {
  readonly #transaction: ServerTransaction
  readonly #timers: SipTimers
  readonly #clock: TimerSet
  readonly #waiting = new Map<number, { timer: Timer; readonly hasBody: boolean }>()
  #held: { readonly release: () => void; readonly giveUp: () => void } | undefined
  #lastRSeq = randomInt(1, 2 ** 30)

  constructor(transaction: ServerTransaction, timers: SipTimers, clock: TimerSet) {
    this.#transaction = transaction
    this.#timers = timers
    this.#clock = clock
  }

  /** The RSeq for the next reliable 1xx. */
  next(): number {
    return ++this.#lastRSeq
  }

  /** True while a 1xx with a session description is unacknowledged: no 2xx may leave (RFC 3262 section 3). */
  get blocksSuccess(): boolean {
    return [...this.#waiting.values()].some(({ hasBody }) => hasBody)
  }

  /** Calls `release` once no such 1xx is left, or `giveUp` when its PRACK never comes. */
  hold(release: () => void, giveUp: () => void): void {
    this.#held = { release, giveUp }
  }

  /** Starts repeating a response that has just been sent. */
  repeat(response: SipResponse): void {
    this.#schedule(this.#lastRSeq, response, this.#timers.t1Ms, performance.now() + giveUpMs(this.#timers))
  }

  /** Takes a PRACK; false when its RAck names no response that waits (RFC 3262 section 3: answer 481). */
  acknowledge(prack: SipRequest): boolean {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(prack.get('rack') ?? '')
    if (match === null) return false
    const rseq = Number(match[1])
    const waiting = this.#waiting.get(rseq)
    if (waiting === undefined || Number(match[2]) !== this.#transaction.request.cseq.number || match[3] !== 'INVITE')
      return false
    waiting.timer.cancel()
    return this.#waiting.delete(rseq)
  }

  /** To be called after a PRACK has been passed on: lets a held 2xx go if that was the last it waited for. */
  releaseHeld(): void {
    const held = this.#held
    if (held === undefined || this.blocksSuccess) return
    this.#held = undefined
    held.release()
  }

  /** Repeats nothing any more; a PRACK that is still on its way is taken all the same (RFC 3262 section 3). */
  cancel(): void {
    this.#held = undefined
    for (const { timer } of this.#waiting.values()) timer.cancel()
  }

  #schedule(rseq: number, response: SipResponse, delayMs: number, untilMs: number): void {
    const timer = this.#clock.after(delayMs, () => {
      // A caller that never sends PRACK keeps its call: the application decides, as it would with an unreliable 1xx.
      if (performance.now() >= untilMs || this.#transaction.answered) {
        this.#waiting.delete(rseq)
        const held = this.#held
        this.#held = undefined
        held?.giveUp()
        return
      }
      this.#transaction.resend(response)
      this.#schedule(rseq, response, delayMs * 2, untilMs)
    })
    this.#waiting.set(rseq, { timer, hasBody: response.body.length > 0 })
  }
}
