import { setTimeout as delay } from 'node:timers/promises'
import { type LegGone, LegGoneError, OfferRefused, type OurOffer } from './call-leg.ts'
import { ALLOWED_METHODS, reofferRefusal, sdpOf } from './invite-steps.ts'
import type { DialogEvents, LegHandlers, LegLogger } from './leg-handlers.ts'
import { warningOf } from './reason-header.ts'
import {
  minimumOf,
  type SessionTerms,
  sessionHeaders,
  sessionRequestHeaders,
  termsAsClient,
  termsAsServer,
} from './session-timer.ts'
import {
  reInvite,
  type SipHeaders,
  type SrfDialog,
  type SrfReply,
  type SrfRequest,
  type SrfResponse,
} from './srf-facade.ts'

/** After this the peer counts as silent, whatever the SIP server's own timers say. */
const ANSWER_LIMIT_MS = 40_000
/** How long an offer of ours waits for the ACK of a 200 before it: where the ACK was lost, none comes any more. */
const ACK_PATIENCE_MS = 4000
const MAX_TRIES = 8
const MAX_RETRY_AFTER_S = 10

export type OfferExchangeOptions = {
  readonly dialog: SrfDialog
  readonly legId: string
  readonly logger: LegLogger
  readonly handlers: LegHandlers
  readonly events: DialogEvents
  /** Whether we made the Call-ID, that is, called: after a 491 the owner waits longer (RFC 3261 section 14.1). */
  readonly ownsCallId: boolean
  readonly terms: SessionTerms | undefined
  /** The 200 that made the dialog held an offer of ours. */
  readonly answerExpected: boolean
  /** The 200 that made the dialog is not acknowledged yet. */
  readonly ackExpected: boolean
}
type Attempt = { readonly status: number; readonly reply?: SrfReply }

/**
 * Offers and answers in one dialog, of both sides (RFC 3264 over re-INVITE and UPDATE): one at a time, whoever begins.
 */
export class OfferExchange {
  readonly #dialog: SrfDialog
  readonly #o: OfferExchangeOptions
  readonly #gone = new AbortController()
  #terms: SessionTerms | undefined
  #answerExpected: boolean
  /** The call's own INVITE has been acknowledged. */
  #begun: boolean
  /** An offer of the peer is with our handler. */
  #answering = false
  /** An INVITE of the peer that waits for its ACK. */
  #unacknowledged: PromiseWithResolvers<void> | undefined
  /** A re-INVITE of ours is on the wire. */
  #offering = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(o: OfferExchangeOptions) {
    this.#dialog = o.dialog
    this.#o = o
    this.#terms = o.terms
    this.#answerExpected = o.answerExpected
    this.#begun = !o.ackExpected
    if (o.ackExpected) this.#unacknowledged = Promise.withResolvers()
    const { dialog } = o
    // drachtio-srf tells of an ACK a turn of the event loop later than of anything else. Without the same turn here, a
    // re-INVITE on the heels of the ACK would overtake it.
    dialog.on('modify', (req: SrfRequest, res: SrfResponse) => setImmediate(() => void this.#arrived(req, res)))
    dialog.on('update', (req: SrfRequest, res: SrfResponse) => this.#updated(req, res))
    dialog.on('ack', (ack: SrfRequest) => this.#ackArrived(ack))
  }

  /** @throws OfferRefused, LegGoneError */
  offer(ours: OurOffer): Promise<string> {
    const mine = this.#turn.then(() => this.#offer(ours))
    this.#turn = mine.catch(() => {})
    return mine
  }

  /** The dialog is over. */
  close(gone: LegGone): void {
    this.#unacknowledged?.resolve()
    if (!this.#gone.signal.aborted) this.#gone.abort(gone)
  }

  /** Nothing sent over the broken connection will be answered. */
  controlLost(): void {
    this.#offering = false
    this.#connectionLost?.()
  }
  #connectionLost: (() => void) | undefined

  async #offer(ours: OurOffer): Promise<string> {
    let minimumS = 0
    let made = false
    try {
      for (let tries = 1; ; tries++) {
        await this.#theirTurnOver()
        // Made anew each time: an offer of the peer in between has moved the version on.
        const sdp = ours.make()
        made = true
        const { status, reply } = await this.#attempt(sdp, minimumS)
        if (status >= 200 && status < 300) return this.#agreed(sdp, reply)
        if (status === 481 || status === 408) {
          this.#o.events.lost()
          this.#assertThere()
        }
        const waitMs = tries < MAX_TRIES ? this.#waitMs(status, reply, minimumS) : undefined
        if (waitMs === undefined) throw new OfferRefused(status)
        minimumS = Math.max(minimumS, status === 422 && reply !== undefined ? (minimumOf(reply) ?? 0) : 0)
        // Given up before the wait: meanwhile the peer's offer comes, and finds nothing open.
        ours.withdrawn()
        made = false
        await this.#wait(waitMs)
      }
    } catch (error) {
      if (made) ours.withdrawn()
      throw error
    }
  }

  /** How long to wait before the next try; undefined: this was the last word. */
  #waitMs(status: number, reply: SrfReply | undefined, minimumS: number): number | undefined {
    // In steps of 10 ms: the owner of the Call-ID 2.1 to 4 s, the other one 0 to 2 s.
    if (status === 491) return this.#o.ownsCallId ? 2100 + 10 * randomUpTo(190) : 10 * randomUpTo(200)
    if (status === 422 && reply !== undefined) return (minimumOf(reply) ?? 0) > minimumS ? 0 : undefined
    if (status !== 500) return undefined
    // Another request was on its way there (RFC 3261 section 14.2); without the header it is a real failure.
    const seconds = Number(/^\s*(\d+)/.exec(reply?.get('Retry-After') ?? '')?.[1] ?? Number.NaN)
    return seconds <= MAX_RETRY_AFTER_S ? seconds * 1000 : undefined
  }

  #agreed(sdp: string, reply: SrfReply | undefined): string {
    const answer = reply && sdpOf(reply)
    this.#terms = (reply && termsAsClient(reply)) ?? this.#terms
    // A peer that says yes to nothing: what both last agreed on stands.
    if (answer === undefined) throw new OfferRefused(200)
    this.#dialog.local.sdp = sdp
    return answer
  }

  /** One re-INVITE up to its final response; drachtio-srf acknowledges it. */
  async #attempt(sdp: string, minimumS: number): Promise<Attempt> {
    const dialog = this.#dialog
    if (this.#offering) return { status: 491 }
    const done = Promise.withResolvers<Attempt>()
    const contact: SipHeaders = dialog.local.contact === undefined ? {} : { Contact: dialog.local.contact }
    const headers = {
      ...contact,
      'Content-Type': 'application/sdp',
      Allow: ALLOWED_METHODS,
      ...sessionRequestHeaders(this.#terms, minimumS),
    }
    const limit = setTimeout(() => done.resolve({ status: 504 }), ANSWER_LIMIT_MS)
    const gone = () => done.reject(new LegGoneError(this.#gone.signal.reason as LegGone))
    this.#gone.signal.addEventListener('abort', gone)
    this.#connectionLost = () => done.resolve({ status: 503 })
    this.#offering = true
    try {
      reInvite(
        dialog,
        { headers, body: sdp },
        {
          update: (req, res) => this.#updated(req, res),
          answered: (error, reply) => {
            this.#offering = false
            if (reply !== undefined) done.resolve({ status: reply.status, reply })
            else done.resolve({ status: error?.code === 'ENODIALOG' ? 481 : 503 })
          },
        },
      )
      return await done.promise
    } finally {
      clearTimeout(limit)
      this.#gone.signal.removeEventListener('abort', gone)
      this.#connectionLost = undefined
    }
  }

  /** RFC 3261 section 14.1: none of ours while one of theirs is under way. */
  async #theirTurnOver(): Promise<void> {
    const untilMs = performance.now() + ACK_PATIENCE_MS
    while ((this.#answering || this.#unacknowledged !== undefined) && performance.now() < untilMs) {
      this.#assertThere()
      await Promise.race([this.#unacknowledged?.promise ?? this.#wait(20), this.#wait(100)])
    }
    this.#unacknowledged = undefined
    this.#assertThere()
  }

  #assertThere(): void {
    if (this.#gone.signal.aborted) throw new LegGoneError(this.#gone.signal.reason as LegGone)
  }

  async #wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#gone.signal }).catch(() => {})
    this.#assertThere()
  }

  #updated(req: SrfRequest, res: SrfResponse): void {
    const refusal = reofferRefusal(req)
    if (refusal !== undefined) {
      this.#send(res, refusal.status, refusal.headers && { headers: refusal.headers })
      return
    }
    if (sdpOf(req) !== undefined) {
      void this.#arrived(req, res)
      return
    }
    this.#terms = termsAsServer(req) ?? this.#terms
    this.#send(res, 200, { headers: { Allow: ALLOWED_METHODS, ...sessionHeaders(req) } })
  }

  async #arrived(req: SrfRequest, res: SrfResponse): Promise<void> {
    const refusal = reofferRefusal(req)
    if (refusal !== undefined) {
      this.#send(res, refusal.status, refusal.headers && { headers: refusal.headers })
      return
    }
    if (this.#offering) {
      this.#send(res, 491)
      return
    }
    if (this.#answering) {
      // RFC 3261 section 14.2: the one before has no final answer yet.
      this.#send(res, 500, { headers: { 'Retry-After': String(randomUpTo(10)) } })
      return
    }
    this.#answering = true
    try {
      const offerSdp = sdpOf(req)
      const reply = await this.#o.handlers.offer(offerSdp)
      if (this.#gone.signal.aborted) this.#send(res, 481)
      else if ('sdp' in reply) this.#accept(req, res, reply.sdp, offerSdp === undefined)
      else this.#send(res, reply.status, { headers: warningOf(reply.status, reply.reason) })
    } catch (error) {
      this.#o.logger.warn({ legId: this.#o.legId, err: error }, 'an offer in the call failed')
      this.#send(res, 500)
    } finally {
      this.#answering = false
    }
  }

  #accept(req: SrfRequest, res: SrfResponse, sdp: string, isOffer: boolean): void {
    const { local } = this.#dialog
    local.sdp = sdp
    this.#answerExpected = isOffer
    this.#terms = termsAsServer(req) ?? this.#terms
    if (req.method === 'INVITE') this.#unacknowledged ??= Promise.withResolvers()
    const contact: SipHeaders = local.contact === undefined ? {} : { Contact: local.contact }
    const headers = { ...contact, 'Content-Type': 'application/sdp', Allow: ALLOWED_METHODS, ...sessionHeaders(req) }
    this.#send(res, 200, { headers, body: sdp })
  }

  #ackArrived(ack: SrfRequest): void {
    const answerSdp = sdpOf(ack)
    this.#unacknowledged?.resolve()
    this.#unacknowledged = undefined
    const missing = this.#answerExpected && answerSdp === undefined
    if (this.#answerExpected && answerSdp !== undefined) this.#guard(() => this.#o.handlers.answerInAck(answerSdp))
    this.#answerExpected = false
    const first = !this.#begun
    this.#begun = true
    // In a call that is up what both last agreed on stands.
    if (missing && first) this.#o.events.unanswered()
    this.#o.events.acked()
  }

  #send(res: SrfResponse, status: number, options: { headers?: SipHeaders; body?: string } = {}): void {
    this.#guard(() => res.send(status, options))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#o.logger.warn({ legId: this.#o.legId, err: error }, 'a step of the phone leg failed')
    }
  }
}

const randomUpTo = (most: number): number => Math.floor(Math.random() * (most + 1))
