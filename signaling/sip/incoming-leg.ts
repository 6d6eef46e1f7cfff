import { type LegGone, LegGoneError } from './call-leg.ts'
import { callerNumber, hostOf, userOf } from './caller-number.ts'
import { DialogLeg } from './dialog-leg.ts'
import { ALLOWED_METHODS, isRecording, recordingMetadataOf, sdpOf } from './invite-steps.ts'
import { LegDialog } from './leg-dialog.ts'
import type { LegLogger } from './leg-handlers.ts'
import { headerText, reasonOf, warningOf } from './reason-header.ts'
import { sessionHeaders, termsAsServer } from './session-timer.ts'
import type { RecordingLeg } from './siprec/recording-leg.ts'
import { SNAPSHOT_REQUEST } from './siprec/recording-metadata.ts'
import {
  answerAnew,
  type SipHeaders,
  type SrfDialog,
  type SrfFacade,
  type SrfMessage,
  type SrfRequest,
  type SrfResponse,
  stayCancellable,
} from './srf-facade.ts'
import { isMerged } from './stray-requests.ts'

const RING_AGAIN_MS = 60_000
const RETRY_AFTER_S = '10'

/** A call that comes in: a CallLeg over one INVITE transaction and then one dialog of drachtio-srf. */
export class IncomingLeg extends DialogLeg implements RecordingLeg {
  readonly direction = 'in'
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  readonly sourceAddress: string
  readonly offerSdp: string | undefined
  /** A recording client calls (RFC 7866); our Contact then says that we record. */
  readonly isRecording: boolean
  readonly metadata: string | undefined
  readonly #srf: SrfFacade
  readonly #req: SrfRequest
  readonly #res: SrfResponse
  readonly #acked = Promise.withResolvers<void>()
  #phase: 'invited' | 'answering' | 'talking' = 'invited'
  #ringing: NodeJS.Timeout | undefined
  /** A refusal that waits for the control connection. */
  #unanswered: PromiseWithResolvers<void> | undefined

  constructor(o: {
    srf: SrfFacade
    req: SrfRequest
    res: SrfResponse
    logger: LegLogger
    onGone: (leg: DialogLeg) => void
  }) {
    super(o)
    const { req } = o
    this.#srf = o.srf
    this.#req = req
    this.#res = o.res
    this.from = callerNumber({
      from: req.get('From'),
      assertedIdentity: req.get('P-Asserted-Identity'),
      privacy: req.get('Privacy'),
    })
    this.to = userOf(req.uri)
    this.sipCallId = req.get('Call-ID') ?? ''
    this.sourceAddress = req.source_address
    this.offerSdp = sdpOf(req)
    this.isRecording = isRecording(req)
    this.metadata = recordingMetadataOf(req)
    this.#acked.promise.catch(() => {})
    req.on('cancel', (cancel?: SrfMessage) => this.#cancelled(cancel))
    req.on('update', (update: SrfRequest, answer: SrfResponse) => this.#updatedEarly(update, answer))
  }

  /** Whether an INVITE is this one over again, come by another way. */
  isMergedWith(invite: SrfRequest): boolean {
    return isMerged(this.#req, invite)
  }

  /** After another INVITE of the same Call-ID was refused. */
  stayCancellable(): void {
    if (this.#phase === 'invited' && !this.gone.aborted) stayCancellable(this.#srf, { req: this.#req, res: this.#res })
  }

  /** The caller ends the unanswered call by BYE; false when it is not this call. */
  gaveUp(bye: SrfRequest): boolean {
    if (this.#phase !== 'invited' || this.gone.aborted || bye.get('Call-ID') !== this.sipCallId) return false
    // A SIP server that leaves this to us has not said it yet.
    this.#send(487)
    this.#cancelled(bye)
    return true
  }

  ring(): void {
    if (this.gone.aborted || this.#phase !== 'invited') return
    this.#send(180)
    this.#ringing ??= setInterval(() => this.#send(180), RING_AGAIN_MS).unref()
  }

  answer(sdp: string): Promise<void> {
    if (this.gone.aborted) return Promise.reject(new LegGoneError(this.gone.reason as LegGone))
    if (this.#phase !== 'invited') return Promise.reject(new Error('a leg is answered once'))
    this.#phase = 'answering'
    clearInterval(this.#ringing)
    const headers = {
      Allow: ALLOWED_METHODS,
      Supported: this.isRecording ? 'timer, siprec' : 'timer',
      ...(this.isRecording && { Contact: '<sip:recorder@localhost>;+sip.srs' }),
      ...sessionHeaders(this.#req),
    }
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
    const headers = { Reason: `SIP;cause=${status};text="${headerText(reason)}"`, ...warningOf(status, reason) }
    // Whoever sends calls on may try another node meanwhile, and this one again then.
    this.#send(status, { headers: status === 503 ? { ...headers, 'Retry-After': RETRY_AFTER_S } : headers })
    this.end({ by: 'us', cancelled: false })
  }

  override hangUp(reason = 'normal call clearing', q850?: number): Promise<void> {
    if (this.#phase === 'invited') this.reject(480, reason)
    return super.hangUp(reason, q850)
  }

  onMetadata(handler: (document: string) => void): void {
    this.handlers.metadata = handler
  }

  requestMetadata(): void {
    this.talking().update('application/rs-metadata-request', SNAPSHOT_REQUEST)
  }

  /**
   * The control connection broke. An unanswered INVITE is lost with it; an established call keeps its media, and
   * its BYE will go over the next connection. So will that of a call whose 200 had left already: no ACK comes any more.
   */
  controlLost(): void {
    this.dialog?.controlLost()
    this.settled.resolve()
    if (this.#phase === 'talking' || this.gone.aborted) return
    this.#unanswered = this.#phase === 'invited' ? Promise.withResolvers<void>() : undefined
    this.endWithBye({ by: 'control-lost', cancelled: false }, 'server error')
  }

  /** A SIP server that has outlived the connection may still hold the INVITE open, and its caller hear ringing. */
  override controlBack(): void {
    super.controlBack()
    if (this.#unanswered === undefined) return
    answerAnew(this.#srf, this.#res)
    this.#send(503, { headers: { 'Retry-After': RETRY_AFTER_S } })
    this.#unanswered.resolve()
    this.#unanswered = undefined
  }

  protected override get owes(): Promise<void> | undefined {
    return this.#unanswered?.promise
  }

  protected referHost(): string {
    return hostOf(this.#req.get('From') ?? '') ?? this.sourceAddress
  }

  #bind(dialog: SrfDialog): void {
    this.dialog = new LegDialog({
      dialog,
      legId: this.id,
      logger: this.logger,
      handlers: this.handlers,
      events: {
        acked: () => this.#ackArrived(),
        unanswered: () => this.endWithBye({ by: 'dialog-lost', cancelled: false }, 'no session description in the ACK'),
        ended: gone => {
          this.settled.resolve()
          this.end(gone)
        },
        lost: () => this.lost(),
      },
      ownsCallId: false,
      terms: termsAsServer(this.#req),
      answerExpected: this.offerSdp === undefined,
      ackExpected: true,
      allow: this.#req.get('Allow'),
    })
    if (this.gone.aborted) this.dialog.close(this.gone.reason as LegGone)
  }

  #cancelled(message?: SrfMessage): void {
    const reason = reasonOf(message?.get('Reason'))
    this.end({ by: 'peer', cancelled: true, ...(reason !== undefined && { reason }) })
  }

  /** RFC 3311 section 5.2: no other offer before the first has its answer. */
  #updatedEarly(update: SrfRequest, answer: SrfResponse): void {
    try {
      if (sdpOf(update) === undefined) answer.send(200, { headers: { Allow: ALLOWED_METHODS } })
      else answer.send(500, { headers: { 'Retry-After': String(Math.floor(Math.random() * 11)) } })
    } catch (error) {
      this.logger.warn({ legId: this.id, err: error }, 'a step of the phone leg failed')
    }
  }

  #ackArrived(): void {
    this.settled.resolve()
    if (this.#phase !== 'answering' || this.gone.aborted) return
    this.#phase = 'talking'
    this.#acked.resolve()
  }

  #notAnswered(error: unknown): void {
    this.settled.resolve()
    if (this.gone.aborted) return
    this.logger.warn({ legId: this.id, err: error }, 'the answer could not be sent')
    this.end({ by: 'control-lost', cancelled: false })
  }

  protected override end(gone: LegGone): void {
    if (this.gone.aborted) return
    clearInterval(this.#ringing)
    this.#acked.reject(new LegGoneError(gone))
    super.end(gone)
  }

  /** A response may find its transaction or connection gone; the leg learns of that by other ways. */
  #send(status: number, options: { headers?: SipHeaders } = {}): void {
    try {
      this.#res.send(status, options)
    } catch (error) {
      this.logger.warn({ legId: this.id, err: error }, 'a step of the phone leg failed')
    }
  }
}
