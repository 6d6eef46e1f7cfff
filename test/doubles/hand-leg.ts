import type { LegId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import {
  type CallLeg,
  type LegGone,
  LegGoneError,
  type OfferReply,
  type OurOffer,
  type ReferProgress,
  type ReferTarget,
} from '../../signaling/sip/call-leg.ts'

type Offer = { readonly sdp: string; answer(sdp: string): void; refuse(error: Error): void }
type Refer = {
  readonly target: ReferTarget
  progress(progress: ReferProgress): void
  done(): void
  refuse(error: Error): void
}

/** A CallLeg moved by hand: what was asked of it lies in `offers`, `refers`, `infos` until the test answers. */
export class HandLeg implements CallLeg {
  readonly id: LegId = newId('leg')
  readonly direction: 'in' | 'out'
  readonly from: string
  readonly to: string
  readonly sipCallId = `${this.id}@hand`
  readonly sourceAddress = '127.0.0.1'
  readonly offerSdp: string | undefined
  readonly offers: Offer[] = []
  readonly refers: Refer[] = []
  readonly infos: { digit: string; durationMs: number }[] = []
  readonly said: string[] = []
  readonly #gone = new AbortController()
  #handleOffer: ((offerSdp: string | undefined) => Promise<OfferReply>) | undefined
  #handleAnswer: ((answerSdp: string) => void) | undefined
  #handleDigit: ((digit: string, durationMs: number) => void) | undefined

  constructor(o: { direction?: 'in' | 'out'; from?: string; to?: string; offerSdp?: string } = {}) {
    this.direction = o.direction ?? 'in'
    this.from = o.from ?? '13800138000'
    this.to = o.to ?? '4001234567'
    this.offerSdp = o.offerSdp
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  ring(): void {
    this.said.push('180')
  }

  async answer(sdp: string): Promise<void> {
    this.said.push(`200 ${sdp.length} characters of SDP`)
  }

  reject(status: number): void {
    this.said.push(String(status))
    this.peerEnds({ by: 'us', cancelled: false })
  }

  async hangUp(reason = '', q850?: number): Promise<void> {
    if (this.gone.aborted) return
    this.said.push(q850 === undefined ? `BYE ${reason}` : `BYE ${q850} ${reason}`)
    this.peerEnds({ by: 'us', cancelled: false })
  }

  onOffer(handler: (offerSdp: string | undefined) => Promise<OfferReply>): void {
    this.#handleOffer = handler
  }

  onAnswerInAck(handler: (answerSdp: string) => void): void {
    this.#handleAnswer = handler
  }

  onInfoDigit(handler: (digit: string, durationMs: number) => void): void {
    this.#handleDigit = handler
  }

  offer(ours: OurOffer): Promise<string> {
    const sdp = ours.make()
    const answered = this.#pending<string>(({ resolve, reject }) =>
      this.offers.push({ sdp, answer: resolve, refuse: reject }),
    )
    answered.catch(() => ours.withdrawn())
    return answered
  }

  refer(target: ReferTarget, onProgress: (progress: ReferProgress) => void): Promise<void> {
    return this.#pending<void>(({ resolve, reject }) =>
      this.refers.push({ target, progress: onProgress, done: resolve, refuse: reject }),
    )
  }

  async info(digit: string, durationMs: number): Promise<void> {
    this.infos.push({ digit, durationMs })
  }

  /** The peer offers in a re-INVITE. */
  peerOffers(offerSdp: string | undefined): Promise<OfferReply> {
    return this.#handleOffer?.(offerSdp) ?? Promise.resolve({ status: 488, reason: 'nobody listens' })
  }

  peerAnswersInAck(answerSdp: string): void {
    this.#handleAnswer?.(answerSdp)
  }

  peerPresses(digit: string, durationMs = 100): void {
    this.#handleDigit?.(digit, durationMs)
  }

  peerEnds(gone: LegGone = { by: 'peer', cancelled: false }): void {
    if (!this.gone.aborted) this.#gone.abort(gone)
  }

  #pending<T>(ask: (promise: PromiseWithResolvers<T>) => void): Promise<T> {
    const promise = Promise.withResolvers<T>()
    if (this.gone.aborted) promise.reject(new LegGoneError(this.gone.reason as LegGone))
    this.gone.addEventListener('abort', () => promise.reject(new LegGoneError(this.gone.reason as LegGone)))
    ask(promise)
    return promise.promise
  }
}
