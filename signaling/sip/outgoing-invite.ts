import { failureOf } from './call-failure.ts'
import { CallFailed, type CallLeg } from './call-leg.ts'
import type { DialogLeg } from './dialog-leg.ts'
import { ALLOWED_METHODS, sdpOf } from './invite-steps.ts'
import type { LegLogger } from './leg-handlers.ts'
import { OutgoingLeg } from './outgoing-leg.ts'
import { headerText } from './reason-header.ts'
import { MIN_SESSION_S, minimumOf, WANTED_SESSION_S } from './session-timer.ts'
import type { SipHeaders, SrfDialog, SrfFacade, SrfReply, SrfRequest, SrfResponse, SrfUacError } from './srf-facade.ts'
import { addressBehind, contactFor, sipUser, type Trunk, trunkDomain } from './trunk.ts'
import { sameRequest, TrunkChallenges } from './trunk-challenges.ts'

export type OutgoingCall = {
  /** Number or SIP user to call; or a whole SIP address. */
  to: string
  /** Number to show; the trunk's when left out. */
  from?: string
  displayName?: string
  trunk: Trunk
  /** Our offer. */
  sdp: string
  /** Every 1xx but 100; with SDP it is early media, to be taken as the answer for now: a later one may be another. */
  onProvisional(status: number, sdp: string | undefined): void
  /** Aborted: CANCEL, or BYE where the answer crosses it. */
  signal: AbortSignal
  headers?: Readonly<Record<string, string>>
}

type OutgoingInviteOptions = {
  readonly srf: SrfFacade
  readonly call: OutgoingCall
  readonly logger: LegLogger
  readonly onLeg: (leg: DialogLeg) => void
  readonly onGone: (leg: DialogLeg) => void
}

const MAX_TRIES = 6
type Answer = { leg: CallLeg; answerSdp: string }

/** One call of ours from its first INVITE to the answer, or the end of it. */
export class OutgoingInvite {
  readonly #o: OutgoingInviteOptions
  readonly #answered = Promise.withResolvers<Answer>()
  readonly #from: string
  readonly #domain: string
  readonly #challenges: TrunkChallenges
  /** The INVITE on its way, as it was last sent. */
  #request: SrfRequest | undefined
  #over = false
  /** Answers of reliable 1xx, by the To tag of their branch: the 200 of that branch need not repeat them. */
  readonly #early = new Map<string, string>()
  #sessionS = WANTED_SESSION_S
  #minimumS = MIN_SESSION_S
  #tries = 0

  constructor(o: OutgoingInviteOptions) {
    this.#o = o
    this.#from = o.call.from ?? o.call.trunk.fromNumber
    this.#domain = trunkDomain(o.call.trunk)
    this.#challenges = new TrunkChallenges(o.call.trunk)
    this.#answered.promise.catch(() => {})
  }

  /** @throws CallFailed */
  start(): Promise<Answer> {
    const { signal, to, trunk } = this.#o.call
    const uri = addressBehind(trunk, to)
    if (uri === undefined) this.#fail({ kind: 'wrong-number', status: 484, reason: 'not a number' })
    else if (signal.aborted) this.#giveUp()
    else {
      const abort = () => this.#giveUp()
      signal.addEventListener('abort', abort)
      void this.#answered.promise.finally(() => signal.removeEventListener('abort', abort)).catch(() => {})
      this.#invite(uri)
    }
    return this.#answered.promise
  }

  controlLost(): void {
    this.#fail({ kind: 'unreachable', status: 503, reason: 'the SIP server went away' })
  }

  #invite(uri: string, again?: SipHeaders): void {
    const { sdp } = this.#o.call
    this.#tries++
    const options = {
      localSdp: sdp,
      proxy: this.#challenges.proxy,
      headers: { ...this.#headers(), ...this.#challenges.headers, ...again },
    }
    const progress = {
      cbRequest: (_error: unknown, request: SrfRequest | undefined) => {
        if (request !== undefined) this.#sent(request)
      },
      cbProvisional: (reply: SrfReply) => this.#provisional(reply),
    }
    try {
      this.#o.srf.createUAC(uri, options, progress, (error, dialog) => {
        if (dialog !== undefined) this.#accepted(dialog)
        else this.#refused(uri, error)
      })
    } catch (error) {
      this.#refused(uri, error as SrfUacError)
    }
  }

  #headers(): SipHeaders {
    const { call } = this.#o
    const user = sipUser(this.#from)
    const name = headerText(call.displayName ?? '').trim()
    const from = `<sip:${user}@${this.#domain}>`
    return {
      ...call.headers,
      From: name === '' ? from : `"${name}" ${from}`,
      ...(call.trunk.assertIdentity === true && { 'P-Asserted-Identity': from }),
      Contact: contactFor(call.trunk, user),
      'Content-Type': 'application/sdp',
      Allow: ALLOWED_METHODS,
      Supported: 'timer, 100rel',
      'Session-Expires': String(this.#sessionS),
      'Min-SE': String(this.#minimumS),
    }
  }

  #sent(request: SrfRequest): void {
    this.#request = request
    // After this turn, in which drachtio-srf adds a listener of its own that would answer with a body nobody can read.
    setImmediate(() => this.#takeUpdates(request))
    if (this.#over) this.#cancel()
  }

  /** UPDATE in an early dialog (RFC 3311): the same answer again, and the peer's media from where it says now. */
  #takeUpdates(request: SrfRequest): void {
    request.removeAllListeners('update')
    request.on('update', (update: SrfRequest, res: SrfResponse) => {
      const offer = sdpOf(update)
      try {
        if (offer === undefined) res.send(200, { headers: { Allow: ALLOWED_METHODS } })
        else res.send(200, { headers: { 'Content-Type': 'application/sdp' }, body: this.#o.call.sdp })
      } catch (error) {
        this.#o.logger.warn({ err: error }, 'an early UPDATE could not be answered')
      }
      if (offer !== undefined) this.#tell(183, offer)
    })
  }

  #provisional(reply: SrfReply): void {
    const sdp = sdpOf(reply)
    if (sdp !== undefined) this.#early.set(tagOf(reply), sdp)
    this.#tell(reply.status, sdp)
  }

  #tell(status: number, sdp: string | undefined): void {
    if (this.#over) return
    try {
      this.#o.call.onProvisional(status, sdp)
    } catch (error) {
      this.#o.logger.warn({ err: error }, 'a listener to the progress of a call failed')
    }
  }

  #accepted(dialog: SrfDialog & { readonly res: SrfReply }): void {
    const { call, logger, onGone, onLeg } = this.#o
    dialog.auth = call.trunk.credentials && { ...call.trunk.credentials }
    const leg = new OutgoingLeg({ dialog, from: this.#from, to: call.to, domain: this.#domain, logger, onGone })
    const answerSdp = sdpOf(dialog.res) ?? this.#early.get(tagOf(dialog.res))
    if (this.#over) {
      // The answer crossed our CANCEL: it has had its ACK, now its BYE. The SIP server may have sent one of its own.
      void leg.hangUp('given up before the answer')
      return
    }
    if (answerSdp === undefined) {
      void leg.hangUp('no session description in the answer')
      this.#fail({ kind: 'not-acceptable', status: 488, reason: 'answered without SDP' })
      return
    }
    this.#over = true
    onLeg(leg)
    this.#answered.resolve({ leg, answerSdp })
  }

  #refused(uri: string, error: SrfUacError | null): void {
    const reply = error?.res
    if (this.#over) return
    if (reply === undefined || error?.status === undefined) {
      this.#fail({ kind: 'unreachable', status: error?.status ?? 503, reason: error?.message ?? 'nothing was sent' })
      return
    }
    const again = this.#tries < MAX_TRIES ? this.#again(reply, uri) : undefined
    if (again !== undefined) {
      this.#invite(uri, again)
      return
    }
    const { status } = reply
    const madeUp = reply.source_address === ''
    const failure = failureOf({ status, reasonHeader: reply.get('Reason'), madeUp })
    this.#fail({ ...failure, status, reason: (reply.reason ?? '').slice(0, 80) })
  }

  /** 422, and a challenge that can be answered: the same INVITE once more, in the same would-be dialog. */
  #again(reply: SrfReply, uri: string): SipHeaders | undefined {
    if (this.#request === undefined) return undefined
    if (reply.status === 422) {
      const minimumS = minimumOf(reply)
      if (minimumS === undefined || minimumS <= this.#minimumS) return undefined
      this.#minimumS = minimumS
      this.#sessionS = Math.max(this.#sessionS, minimumS)
    } else if (!this.#challenges.take(reply, 'INVITE', uri)) return undefined
    return sameRequest(this.#request, 'INVITE')
  }

  /** Whoever called does not wait for the peer to confirm; should it answer all the same, it is acknowledged and hung up. */
  #giveUp(): void {
    if (this.#over) return
    this.#fail({ kind: 'cancelled', status: 487, reason: 'given up' })
    this.#cancel()
  }

  #cancel(): void {
    try {
      this.#request?.cancel({ headers: { Reason: 'SIP;cause=487;text="given up by the caller"' } }, () => {})
    } catch (error) {
      this.#o.logger.debug({ err: error }, 'nothing was left to cancel')
    }
  }

  #fail(o: ConstructorParameters<typeof CallFailed>[0]): void {
    this.#over = true
    this.#answered.reject(new CallFailed(o))
  }
}

const tagOf = (message: SrfReply): string => /;\s*tag=([^;>\s]+)/i.exec(message.get('To') ?? '')?.[1] ?? ''
