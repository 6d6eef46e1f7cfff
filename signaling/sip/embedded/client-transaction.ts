import type { Flow } from './flow.ts'
import { ackForFailure, cancelFor, madeUpResponse } from './response-building.ts'
import type { TransactionDeps } from './server-transaction.ts'
import type { SipHeader, SipRequest, SipResponse } from './sip-message.ts'
import { giveUpMs } from './sip-timers.ts'
import type { Timer } from './timer-set.ts'

/** Where a response came from; `madeUp` when the stack answers for a peer that did not (408, 503). */
export type ResponseSource = { readonly flow: Flow; readonly bytes: number; readonly madeUp: boolean }

/** A failure to send is reported this much later, so that an application has seen the echo by then. */
export const failureDelayMs = 10

export type ClientHandlers = {
  /** Each 1xx but 100, and the final one, once. For INVITE also every repetition of a 2xx, marked as such. */
  onResponse(response: SipResponse, source: ResponseSource, repeated2xx: boolean): void
  onTerminated?(): void
}

type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated'

/** The client side of one request: RFC 3261 17.1 and the accepted state of RFC 6026. ACK to non-2xx is sent here. */
export class ClientTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly isInvite: boolean
  readonly #deps: TransactionDeps
  readonly #handlers: ClientHandlers
  readonly #startCancel: (cancel: SipRequest, flow: Flow) => void
  #state: State = 'calling'
  #retransmit: Timer | undefined
  #end: Timer | undefined
  #failureAck: SipRequest | undefined
  #heldCancel: SipRequest | undefined
  #cancelled = false

  constructor(
    deps: TransactionDeps,
    request: SipRequest,
    flow: Flow,
    handlers: ClientHandlers,
    startCancel: (cancel: SipRequest, flow: Flow) => void,
  ) {
    this.#deps = deps
    this.request = request
    this.flow = flow
    this.isInvite = request.method === 'INVITE'
    this.#handlers = handlers
    this.#startCancel = startCancel
  }

  get answered(): boolean {
    return this.#state !== 'calling' && this.#state !== 'proceeding'
  }

  get provisional(): boolean {
    return this.#state === 'proceeding'
  }

  get cancelled(): boolean {
    return this.#cancelled
  }

  start(): void {
    this.#transmit()
    this.#endAfter(giveUpMs(this.#deps.timers), () => this.#fail(408)) // timers B and F
    if (!this.flow.reliable) this.#retransmitAfter(this.#deps.timers.t1Ms) // timers A and E
  }

  /**
   * Cancels an INVITE: at once when a 1xx has come, else as soon as one comes (RFC 3261 9.1).
   * Returns the CANCEL, or undefined when it is too late.
   */
  cancel(extraHeaders: readonly SipHeader[]): SipRequest | undefined {
    if (!this.isInvite || this.answered) return undefined
    const cancel = cancelFor(this.request)
    for (const header of extraHeaders) cancel.add(header.name, header.value)
    if (this.#cancelled) return cancel
    this.#cancelled = true
    if (this.#state === 'proceeding') this.#sendCancel(cancel)
    else this.#heldCancel = cancel
    return cancel
  }

  receive(response: SipResponse, flow: Flow, bytes: number): void {
    if (this.#state === 'terminated') return
    if (response.status < 200) this.#receiveProvisional(response, flow, bytes)
    else if (this.isInvite) this.#receiveInviteFinal(response, flow, bytes)
    else this.#receiveFinal(response, flow, bytes)
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#retransmit?.cancel()
    this.#end?.cancel()
    this.#handlers.onTerminated?.()
  }

  #receiveProvisional(response: SipResponse, flow: Flow, bytes: number): void {
    if (this.answered) return
    if (this.#state === 'calling') {
      this.#state = 'proceeding'
      if (this.isInvite) {
        this.#retransmit?.cancel()
        if (!this.#cancelled) this.#end?.cancel()
      }
      if (this.#heldCancel !== undefined) this.#sendCancel(this.#heldCancel)
    }
    if (response.status > 100) this.#handlers.onResponse(response, { flow, bytes, madeUp: false }, false)
  }

  #receiveInviteFinal(response: SipResponse, flow: Flow, bytes: number): void {
    const source: ResponseSource = { flow, bytes, madeUp: false }
    if (this.#state === 'accepted') {
      if (response.status >= 300) return
      this.#deps.stats.retransmissionsReceived++
      this.#handlers.onResponse(response, source, true)
    } else if (this.#state === 'completed') {
      this.#deps.stats.retransmissionsReceived++
      if (response.status >= 300 && this.#failureAck !== undefined) this.#sendAck(this.#failureAck)
    } else if (response.status < 300) {
      this.#settle('accepted', giveUpMs(this.#deps.timers)) // timer M
      this.#handlers.onResponse(response, source, false)
    } else {
      this.#failureAck = ackForFailure(this.request, response)
      this.#sendAck(this.#failureAck)
      this.#settle('completed', this.flow.reliable ? 0 : giveUpMs(this.#deps.timers)) // timer D
      this.#handlers.onResponse(response, source, false)
    }
  }

  #receiveFinal(response: SipResponse, flow: Flow, bytes: number): void {
    if (this.#state === 'completed') {
      this.#deps.stats.retransmissionsReceived++
      return
    }
    this.#settle('completed', this.flow.reliable ? 0 : this.#deps.timers.t4Ms) // timer K
    this.#handlers.onResponse(response, { flow, bytes, madeUp: false }, false)
  }

  #settle(state: 'accepted' | 'completed', lingerMs: number): void {
    this.#state = state
    this.#retransmit?.cancel()
    this.#endAfter(lingerMs, () => this.terminate())
  }

  #fail(status: 408 | 503): void {
    if (this.answered) return
    this.#settle('completed', 0)
    const response = madeUpResponse(this.request, status)
    this.#handlers.onResponse(response, { flow: this.flow, bytes: 0, madeUp: true }, false)
  }

  #sendCancel(cancel: SipRequest): void {
    this.#heldCancel = undefined
    this.#startCancel(cancel, this.flow)
    // RFC 3261 9.1: a peer that answers the CANCEL but never the INVITE is given up after 64 * T1.
    this.#endAfter(giveUpMs(this.#deps.timers), () => this.#fail(408))
  }

  #sendAck(ack: SipRequest): void {
    this.#deps.transport.send(ack, this.flow, () => {})
  }

  #transmit(): void {
    this.#deps.transport.send(this.request, this.flow, () => {
      this.#deps.clock.after(failureDelayMs, () => this.#fail(503))
    })
  }

  #retransmitAfter(delayMs: number): void {
    this.#retransmit = this.#deps.clock.after(delayMs, () => {
      if (this.answered || (this.isInvite && this.#state !== 'calling')) return
      this.#deps.stats.retransmissionsSent++
      this.#transmit()
      const { t2Ms } = this.#deps.timers
      const slowed = !this.isInvite && this.#state === 'proceeding'
      this.#retransmitAfter(slowed ? t2Ms : this.isInvite ? delayMs * 2 : Math.min(delayMs * 2, t2Ms))
    })
  }

  #endAfter(delayMs: number, action: () => void): void {
    this.#end?.cancel()
    this.#end = this.#deps.clock.after(delayMs, action)
  }
}
