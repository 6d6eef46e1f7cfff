import { InfoRefused, type LegGone, type OurOffer, type ReferProgress } from './call-leg.ts'
import { DialogSurvival } from './dialog-survival.ts'
import { DIGIT_TYPES, readInfoDigit, writeInfoDigit } from './info-digits.ts'
import { ALLOWED_METHODS, recordingMetadataOf } from './invite-steps.ts'
import type { DialogEvents, LegHandlers, LegLogger } from './leg-handlers.ts'
import { OfferExchange, type OfferExchangeOptions } from './offer-exchange.ts'
import { headerText, reasonOf } from './reason-header.ts'
import { ReferRequest } from './refer-request.ts'
import type { SipHeaders, SrfDialog, SrfRequest, SrfResponse } from './srf-facade.ts'

const INFO_LIMIT_MS = 35_000
/** A BYE that a broken control connection took with it is said again over the next one, so many times in all. */
const BYE_TRIES = 3
/** Q.850. */
const NORMAL_CLEARING = 16

/** What the two sides of an answered call say to each other, whoever called. */
export class LegDialog {
  readonly #dialog: SrfDialog
  readonly #offers: OfferExchange
  readonly #refers: ReferRequest
  readonly #survival: DialogSurvival
  readonly #legId: string
  readonly #logger: LegLogger
  readonly #events: DialogEvents
  #allow: string | undefined

  /** @param o.allow the peer's Allow header */
  constructor(o: OfferExchangeOptions & { readonly allow: string | undefined }) {
    const { dialog } = o
    this.#dialog = dialog
    this.#legId = o.legId
    this.#logger = o.logger
    this.#events = o.events
    this.#allow = o.allow
    dialog.on('destroy', (bye: SrfRequest, reason?: string) => this.#events.ended(endedBy(bye, reason)))
    this.#offers = new OfferExchange(o)
    this.#refers = new ReferRequest({
      dialog,
      legId: o.legId,
      logger: o.logger,
      allow: () => this.#allow,
      lost: () => o.events.lost(),
    })
    this.#survival = new DialogSurvival({ dialog, lost: () => o.events.lost() })
    dialog.on('info', (req: SrfRequest, res: SrfResponse) => this.#informed(req, res, o.handlers))
    dialog.on('options', (_req: SrfRequest, res: SrfResponse) =>
      this.#send(res, 200, { Allow: ALLOWED_METHODS, Accept: 'application/sdp', Supported: 'timer' }),
    )
    // drachtio-srf would say 200, and then nothing would happen.
    for (const method of ['message', 'publish'])
      dialog.on(method, (_req: SrfRequest, res: SrfResponse) => this.#send(res, 405, { Allow: ALLOWED_METHODS }))
    for (const change of ['modify', 'update'])
      dialog.on(change, (req: SrfRequest) => {
        this.#allow = req.get('Allow') ?? this.#allow
        const metadata = recordingMetadataOf(req)
        if (metadata !== undefined) o.handlers.metadata(metadata)
      })
  }

  /** For Replaces (RFC 3891), as the peer knows this dialog, and where it is reached. */
  get place(): { readonly uri: string; readonly replaces: string } {
    const { callId, localTag, remoteTag } = this.#dialog.sip
    return { uri: this.#dialog.remote.uri, replaces: `${callId};to-tag=${remoteTag};from-tag=${localTag}` }
  }

  offer(ours: OurOffer): Promise<string> {
    return this.#offers.offer(ours)
  }

  refer(referTo: string, onProgress: (progress: ReferProgress) => void): Promise<void> {
    const [us] = /<[^>]+>/.exec(this.#dialog.local.contact ?? '') ?? []
    return this.#refers.ask(referTo, us, onProgress)
  }

  /** @throws InfoRefused, RangeError for what is no key */
  info(digit: string, durationMs: number): Promise<void> {
    const body = writeInfoDigit(digit, durationMs)
    const done = Promise.withResolvers<void>()
    const limit = setTimeout(() => done.reject(new InfoRefused(408)), INFO_LIMIT_MS)
    const headers = { 'Content-Type': 'application/dtmf-relay' }
    try {
      this.#dialog.request({ method: 'INFO', headers, body }, (error, reply) => {
        const status = error ? (error.code === 'ENODIALOG' ? 481 : 503) : (reply?.status ?? 100)
        if (status < 200) return
        if (status < 300) done.resolve()
        else done.reject(new InfoRefused(status))
        // Not at 408: a peer that does not answer an INFO may well go on talking (RFC 5057 section 5.1 leaves it the call's).
        if (status === 481) this.#events.lost()
      })
    } catch (error) {
      done.reject(new InfoRefused(503, { cause: error }))
    }
    return done.promise.finally(() => clearTimeout(limit))
  }

  /** An UPDATE without an offer; whatever is answered to it is taken. */
  update(type: string, body: string): void {
    this.#dialog.request({ method: 'UPDATE', headers: { 'Content-Type': type }, body }, error => {
      if (error) this.#logger.debug({ legId: this.#legId, err: error }, 'an UPDATE found no dialog')
    })
  }

  /** Resolves when the peer has confirmed, or nothing is left to say it to. Waits for the control connection where there is none. */
  async bye(reason: string, q850 = NORMAL_CLEARING): Promise<void> {
    const headers = { Reason: `Q.850;cause=${q850};text="${headerText(reason)}"` }
    for (let tries = 0; tries < BYE_TRIES && this.#dialog.connected; tries++) {
      await this.#broken?.back.promise
      const said = this.#dialog.destroy({ headers }).catch(error => {
        this.#logger.debug({ legId: this.#legId, err: error }, 'the BYE found no dialog')
      })
      await Promise.race([said, this.#breaks.promise])
    }
  }

  /** The control connection broke; what comes next goes over the next one. */
  controlLost(): void {
    this.#broken ??= { back: Promise.withResolvers<void>() }
    this.#breaks.resolve()
    this.#breaks = Promise.withResolvers<void>()
    this.#dialog.req.socket = undefined
    this.#offers.controlLost()
    this.#refers.controlLost()
    this.#survival.controlLost()
  }
  #broken: { readonly back: PromiseWithResolvers<void> } | undefined
  #breaks = Promise.withResolvers<void>()

  /** There is a control connection again; whether the SIP server still knows this dialog is asked. */
  controlBack(): void {
    this.#broken?.back.resolve()
    this.#broken = undefined
    this.#survival.controlBack()
  }

  close(gone: LegGone): void {
    this.#offers.close(gone)
    this.#refers.close(gone)
    this.#survival.close()
  }

  #informed(req: SrfRequest, res: SrfResponse, handlers: LegHandlers): void {
    const key = readInfoDigit(req)
    if (key !== undefined) {
      this.#send(res, 200)
      try {
        handlers.infoDigit(key.digit, key.durationMs)
      } catch (error) {
        this.#logger.warn({ legId: this.#legId, err: error }, 'a listener to keys failed')
      }
    }
    // Without a body it asks only whether the call is there.
    else if ((req.body ?? '').trim() === '' && !req.has('Info-Package')) this.#send(res, 200)
    // Of a package too: for 469 (RFC 6086) drachtio-srf has no words.
    else this.#send(res, 415, { Accept: DIGIT_TYPES })
  }

  #send(res: SrfResponse, status: number, headers: SipHeaders = {}): void {
    try {
      res.send(status, { headers })
    } catch (error) {
      this.#logger.warn({ legId: this.#legId, err: error }, 'a step of the phone leg failed')
    }
  }
}

function endedBy(bye: SrfRequest, reason: string | undefined): LegGone {
  const why = reasonOf(bye.get('Reason'))
  return {
    by: whoEnded(bye, reason),
    cancelled: false,
    ...(why !== undefined && bye.source !== 'application' && { reason: why }),
  }
}

function whoEnded(bye: SrfRequest, reason: string | undefined): LegGone['by'] {
  if (bye.source !== 'application') return 'peer'
  if (/ack timeout/i.test(reason ?? '')) return 'ack-timeout'
  return /session timer/i.test(reason ?? '') ? 'session-expired' : 'peer'
}
