import { setTimeout as delay } from 'node:timers/promises'
import type { LegId } from '../protocol/ids.ts'
import { newId } from '../protocol/new-id.ts'
import {
  type CallLeg,
  type LegGone,
  LegGoneError,
  type OfferReply,
  type OurOffer,
  type ReferProgress,
  ReferRefused,
  type ReferTarget,
} from './call-leg.ts'
import type { LegDialog } from './leg-dialog.ts'
import { type LegHandlers, type LegLogger, noHandlers } from './leg-handlers.ts'

const HANG_UP_WAIT_MS = 2000

/** What legs in both directions have in common: an end, and from the answer on a dialog. */
export abstract class DialogLeg implements CallLeg {
  readonly id: LegId = newId('leg')
  abstract readonly direction: 'in' | 'out'
  abstract readonly from: string
  abstract readonly to: string
  abstract readonly sipCallId: string
  abstract readonly sourceAddress: string
  abstract readonly offerSdp: string | undefined
  protected readonly handlers: LegHandlers = noHandlers()
  protected readonly logger: LegLogger
  /** Resolves when a BYE is allowed: with the ACK, or when none will come (RFC 3261 section 15). */
  protected readonly settled = Promise.withResolvers<void>()
  protected dialog: LegDialog | undefined
  readonly #gone = new AbortController()
  readonly #onGone: (leg: DialogLeg) => void
  readonly #left = Promise.withResolvers<void>()
  #saysBye = false
  #farewell: Promise<void> | undefined

  constructor(o: { logger: LegLogger; onGone: (leg: DialogLeg) => void }) {
    this.logger = o.logger
    this.#onGone = o.onGone
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Resolves after the end, when nothing is left to be said to the peer. */
  get left(): Promise<void> {
    return this.#left.promise
  }

  abstract ring(): void
  abstract answer(sdp: string): Promise<void>
  abstract reject(status: number, reason: string): void
  /** The control connection broke. */
  abstract controlLost(): void

  /** There is a control connection again. */
  controlBack(): void {
    this.dialog?.controlBack()
  }

  hangUp(reason = 'normal call clearing', q850?: number): Promise<void> {
    this.endWithBye({ by: 'us', cancelled: false }, reason, q850)
    return this.#farewell ?? Promise.resolve()
  }

  onOffer(handler: (offerSdp: string | undefined) => Promise<OfferReply>): void {
    this.handlers.offer = handler
  }

  onAnswerInAck(handler: (answerSdp: string) => void): void {
    this.handlers.answerInAck = handler
  }

  onInfoDigit(handler: (digit: string, durationMs: number) => void): void {
    this.handlers.infoDigit = handler
  }

  async offer(ours: OurOffer): Promise<string> {
    return this.talking().offer(ours)
  }

  async refer(target: ReferTarget, onProgress: (progress: ReferProgress) => void): Promise<void> {
    return this.talking().refer(this.#referTo(target), onProgress)
  }

  async info(digit: string, durationMs: number): Promise<void> {
    return this.talking().info(digit, durationMs)
  }

  /** @throws LegGoneError; Error before the answer */
  protected talking(): LegDialog {
    if (this.gone.aborted) throw new LegGoneError(this.gone.reason as LegGone)
    if (this.dialog === undefined) throw new Error('the leg has not been answered')
    return this.dialog
  }

  /** What is to be said before the leg may be forgotten, where that is no BYE. */
  protected get owes(): Promise<void> | undefined {
    return undefined
  }

  /** Host part for numbers that the peer is sent to. */
  protected abstract referHost(): string

  /** The peer says that it knows nothing of this call: the BYE is for what may be left of it. */
  protected lost(): void {
    if (this.gone.aborted) return
    this.settled.resolve()
    this.endWithBye({ by: 'dialog-lost', cancelled: false }, 'the call is not known there any more')
  }

  protected endWithBye(gone: LegGone, reason: string, q850?: number): void {
    if (this.gone.aborted) return
    this.#saysBye = true
    this.end(gone)
    this.#farewell = this.#sayBye(reason, q850)
  }

  protected end(gone: LegGone): void {
    if (this.gone.aborted) return
    try {
      this.#onGone(this)
    } catch (error) {
      this.logger.warn({ legId: this.id, err: error }, 'a step of the phone leg failed')
    }
    this.#gone.abort(gone)
    this.dialog?.close(gone)
    if (!this.#saysBye) this.#left.resolve()
  }

  async #sayBye(reason: string, q850: number | undefined): Promise<void> {
    const bye = this.settled.promise.then(() => this.owes ?? this.dialog?.bye(reason, q850))
    void bye.then(this.#left.resolve, this.#left.resolve)
    const done = new AbortController()
    await Promise.race([bye, delay(HANG_UP_WAIT_MS, undefined, { signal: done.signal }).catch(() => {})])
    done.abort()
  }

  #referTo(target: ReferTarget): string {
    if ('to' in target) {
      if (/^(sips?|tel):[^\s<>"]+$/i.test(target.to)) return `<${target.to}>`
      if (!/^[\w+*#.~!$&'()=-]{1,64}$/.test(target.to)) throw new ReferRefused(484, 'asked')
      return `<sip:${encodeURIComponent(target.to).replaceAll('%2B', '+')}@${this.referHost()}>`
    }
    const other = target.leg instanceof DialogLeg ? target.leg.dialog?.place : undefined
    if (other === undefined || target.leg.gone.aborted) throw new ReferRefused(481, 'asked')
    return `<${other.uri.replace(/[?>].*$/, '')}?Replaces=${encodeURIComponent(other.replaces)}>`
  }
}
