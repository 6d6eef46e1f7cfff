import { setTimeout as delay } from 'node:timers/promises'
import type { LegId } from '../protocol/ids.ts'
import { newId } from '../protocol/new-id.ts'
import {
  type CallLeg,
  InfoRefused,
  type LegGone,
  LegGoneError,
  OfferRefused,
  type OfferReply,
  ReferRefused,
} from './call-leg.ts'
import { callerNumber, userOf } from './caller-number.ts'
import { ALLOWED_METHODS, sdpOf } from './invite-steps.ts'
import { sessionHeaders } from './session-timer.ts'
import type { SipHeaders, SrfDialog, SrfFacade, SrfRequest, SrfResponse } from './srf-facade.ts'

const RING_AGAIN_MS = 60_000
const HANG_UP_WAIT_MS = 2000

type LegLogger = { debug(fields: object, message: string): void; warn(fields: object, message: string): void }

/** A CallLeg over one INVITE transaction and then one dialog of drachtio-srf. */
export class SrfLeg implements CallLeg {
  readonly id: LegId = newId('leg')
  readonly direction = 'in'
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  readonly sourceAddress: string
  readonly offerSdp: string | undefined
  readonly #srf: SrfFacade
  readonly #req: SrfRequest
  readonly #res: SrfResponse
  readonly #logger: LegLogger
  readonly #onGone: (leg: SrfLeg) => void
  readonly #gone = new AbortController()
  readonly #acked = Promise.withResolvers<void>()
  /** Resolves when a BYE is allowed: with the ACK, or when none will come (RFC 3261 section 15). */
  readonly #settled = Promise.withResolvers<void>()
  #phase: 'invited' | 'answering' | 'talking' = 'invited'
  #dialog: SrfDialog | undefined
  #ringing: NodeJS.Timeout | undefined
  #farewell: Promise<void> | undefined
  #offering = false
  #answerExpected: boolean
  #handleOffer: (offerSdp: string | undefined) => Promise<OfferReply> = async () => ({
    status: 488,
    reason: 'cannot be changed',
  })
  #handleAnswer: (answerSdp: string) => void = () => {}

  constructor(o: {
    srf: SrfFacade
    req: SrfRequest
    res: SrfResponse
    logger: LegLogger
    onGone: (leg: SrfLeg) => void
  }) {
    const { req } = o
    this.#srf = o.srf
    this.#req = req
    this.#res = o.res
    this.#logger = o.logger
    this.#onGone = o.onGone
    this.from = callerNumber({
      from: req.get('From'),
      assertedIdentity: req.get('P-Asserted-Identity'),
      privacy: req.get('Privacy'),
    })
    this.to = userOf(req.uri)
    this.sipCallId = req.get('Call-ID') ?? ''
    this.sourceAddress = req.source_address
    this.offerSdp = sdpOf(req)
    this.#answerExpected = this.offerSdp === undefined
    this.#acked.promise.catch(() => {})
    req.on('cancel', () => this.#end({ by: 'peer', cancelled: true }))
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  ring(): void {
    if (this.gone.aborted || this.#phase !== 'invited') return
    this.#send(this.#res, 180)
    this.#ringing ??= setInterval(() => this.#send(this.#res, 180), RING_AGAIN_MS).unref()
  }

  answer(sdp: string): Promise<void> {
    if (this.gone.aborted) return Promise.reject(new LegGoneError(this.#gone.signal.reason as LegGone))
    if (this.#phase !== 'invited') return Promise.reject(new Error('a leg is answered once'))
    this.#phase = 'answering'
    this.#stopRinging()
    const headers = { Allow: ALLOWED_METHODS, Supported: 'timer', ...sessionHeaders(this.#req) }
    try {
      // The callback runs before anything else can be read from the control connection, so that even a re-INVITE
      // on the heels of the ACK finds the handlers of its dialog. A promise would come too late.
      this.#srf.createUAS(this.#req, this.#res, { localSdp: sdp, headers }, (error, dialog) => {
        if (dialog !== undefined) this.#bind(dialog)
        else this.#notAnswered(error)
      })
    } catch (error) {
      this.#notAnswered(error)
    }
    return this.#acked.promise
  }

  reject(status: number, reason: string): void {
    if (this.gone.aborted || this.#phase !== 'invited') return
    this.#send(this.#res, status, { headers: { Reason: `SIP;cause=${status};text="${headerText(reason)}"` } })
    this.#end({ by: 'us', cancelled: false })
  }

  hangUp(reason = 'normal call clearing'): Promise<void> {
    if (this.#phase === 'invited') this.reject(480, reason)
    else if (!this.gone.aborted) {
      this.#end({ by: 'us', cancelled: false })
      this.#farewell = this.#sayBye(reason)
    }
    return this.#farewell ?? Promise.resolve()
  }

  onOffer(handler: (offerSdp: string | undefined) => Promise<OfferReply>): void {
    this.#handleOffer = handler
  }

  onAnswerInAck(handler: (answerSdp: string) => void): void {
    this.#handleAnswer = handler
  }

  /** Being built: every offer is refused, which leaves the call as it is. */
  async offer(_sdp: string): Promise<string> {
    throw new OfferRefused(501)
  }

  /** Being built. */
  async refer(): Promise<void> {
    throw new ReferRefused(501, 'asked')
  }

  /** Being built. */
  async info(): Promise<void> {
    throw new InfoRefused(501)
  }

  onInfoDigit(): void {}

  /**
   * The control connection broke. An unanswered INVITE is lost with it; an established call keeps its media, and
   * its BYE will go over the next connection.
   */
  controlLost(): void {
    if (this.#dialog !== undefined) this.#dialog.req.socket = undefined
    if (this.#phase !== 'talking') this.#end({ by: 'control-lost', cancelled: false })
  }

  #bind(dialog: SrfDialog): void {
    this.#dialog = dialog
    dialog.on('ack', (ack: SrfRequest) => this.#ackArrived(ack))
    dialog.on('destroy', (bye: SrfRequest, reason?: string) => {
      this.#settled.resolve()
      this.#end({ by: whoEnded(bye, reason), cancelled: false })
    })
    // drachtio-srf tells of an ACK a turn of the event loop later than of anything else. Without the same turn here, a
    // re-INVITE on the heels of the ACK would overtake it.
    dialog.on('modify', (req: SrfRequest, res: SrfResponse) => setImmediate(() => void this.#offerArrived(req, res)))
    dialog.on('update', (req: SrfRequest, res: SrfResponse) => {
      if (sdpOf(req) !== undefined) void this.#offerArrived(req, res)
      else this.#send(res, 200, { headers: sessionHeaders(req) })
    })
    // drachtio-srf would say 200 to both, and then nothing would happen.
    for (const method of ['refer', 'message']) {
      dialog.on(method, (_req: SrfRequest, res: SrfResponse) =>
        this.#send(res, 405, { headers: { Allow: ALLOWED_METHODS } }),
      )
    }
  }

  #ackArrived(ack: SrfRequest): void {
    const answerSdp = sdpOf(ack)
    if (this.#answerExpected && answerSdp !== undefined) {
      this.#answerExpected = false
      this.#guard(() => this.#handleAnswer(answerSdp))
    }
    this.#settled.resolve()
    if (this.#phase !== 'answering' || this.gone.aborted) return
    this.#phase = 'talking'
    this.#acked.resolve()
  }

  async #offerArrived(req: SrfRequest, res: SrfResponse): Promise<void> {
    if (this.#offering) {
      // RFC 3261 section 14.2: the one before has no final answer yet.
      this.#send(res, 500, { headers: { 'Retry-After': String(Math.floor(Math.random() * 11)) } })
      return
    }
    this.#offering = true
    try {
      const offerSdp = sdpOf(req)
      const reply = await this.#handleOffer(offerSdp)
      const dialog = this.#dialog
      if (dialog === undefined || this.gone.aborted) this.#send(res, 481)
      else if ('sdp' in reply) {
        dialog.local.sdp = reply.sdp
        this.#answerExpected = offerSdp === undefined
        const contact: SipHeaders = dialog.local.contact === undefined ? {} : { Contact: dialog.local.contact }
        const headers = {
          ...contact,
          'Content-Type': 'application/sdp',
          Allow: ALLOWED_METHODS,
          ...sessionHeaders(req),
        }
        this.#send(res, 200, { headers, body: reply.sdp })
      } else this.#send(res, reply.status)
    } catch (error) {
      this.#logger.warn({ legId: this.id, err: error }, 'an offer in the call failed')
      this.#send(res, 500)
    } finally {
      this.#offering = false
    }
  }

  async #sayBye(reason: string): Promise<void> {
    const bye = this.#settled.promise.then(async () => {
      const dialog = this.#dialog
      if (dialog?.connected !== true) return
      const headers = { Reason: `Q.850;cause=16;text="${headerText(reason)}"` }
      await dialog.destroy({ headers }).catch(error => {
        this.#logger.debug({ legId: this.id, err: error }, 'the BYE found no dialog')
      })
    })
    const done = new AbortController()
    await Promise.race([bye, delay(HANG_UP_WAIT_MS, undefined, { signal: done.signal }).catch(() => {})])
    done.abort()
  }

  #notAnswered(error: unknown): void {
    this.#settled.resolve()
    if (this.gone.aborted) return
    this.#logger.warn({ legId: this.id, err: error }, 'the answer could not be sent')
    this.#end({ by: 'control-lost', cancelled: false })
  }

  #end(gone: LegGone): void {
    if (this.gone.aborted) return
    this.#stopRinging()
    this.#acked.reject(new LegGoneError(gone))
    this.#guard(() => this.#onGone(this))
    this.#gone.abort(gone)
  }

  #stopRinging(): void {
    clearInterval(this.#ringing)
  }

  /** A response may find its transaction or connection gone; the leg learns of that by other ways. */
  #send(res: SrfResponse, status: number, options: { headers?: SipHeaders; body?: string } = {}): void {
    this.#guard(() => res.send(status, options))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#logger.warn({ legId: this.id, err: error }, 'a step of the phone leg failed')
    }
  }
}

function whoEnded(bye: SrfRequest, reason: string | undefined): LegGone['by'] {
  if (bye.source !== 'application') return 'peer'
  if (/ack timeout/i.test(reason ?? '')) return 'ack-timeout'
  return /session timer/i.test(reason ?? '') ? 'session-expired' : 'peer'
}

/** Text inside a quoted string of a header: nothing that could end the string or the line. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, ' ').slice(0, 120)
}
