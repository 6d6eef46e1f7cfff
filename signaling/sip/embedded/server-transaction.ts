import { randomUUID } from 'node:crypto'
import type { Flow } from './flow.ts'
import { returnFlow } from './return-path.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import type { SipStats } from './sip-stats.ts'
import { giveUpMs, type SipTimers } from './sip-timers.ts'
import type { Timer, TimerSet } from './timer-set.ts'
import type { TransportLayer } from './transport-layer.ts'

export type TransactionDeps = {
  readonly transport: TransportLayer
  readonly timers: SipTimers
  readonly clock: TimerSet
  readonly stats: SipStats
}

type State = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated'

/**
 * The server side of one request: RFC 3261 17.2 with the accepted state of RFC 6026 (a 2xx to INVITE leaves its transaction
 * alive so that late copies of the INVITE are swallowed; repeating the 2xx is the dialog's business).
 */
export class ServerTransaction {
  /** The id under which the application answers. */
  readonly id = randomUUID()
  readonly request: SipRequest
  readonly flow: Flow
  readonly isInvite: boolean
  /** For the owner above: the transaction is over. Called once. */
  onTerminated: () => void = () => {}
  readonly #onRemoved: () => void
  readonly #deps: TransactionDeps
  #state: State = 'trying'
  #last: SipResponse | undefined
  #retransmit: Timer | undefined
  #end: Timer | undefined

  constructor(deps: TransactionDeps, request: SipRequest, flow: Flow, onRemoved: () => void) {
    this.#deps = deps
    this.#onRemoved = onRemoved
    this.request = request
    this.flow = flow
    this.isInvite = request.method === 'INVITE'
  }

  get state(): State {
    return this.#state
  }

  /** True once a final response has been sent. */
  get answered(): boolean {
    return this.#state !== 'trying' && this.#state !== 'proceeding'
  }

  get lastResponse(): SipResponse | undefined {
    return this.#last
  }

  /** Sends a response; returns the bytes that went out. Must not be called again after a final one. */
  respond(response: SipResponse): Buffer {
    const bytes = this.#send(response)
    this.#last = response
    if (response.status < 200) {
      this.#state = 'proceeding'
    } else if (!this.isInvite) {
      this.#state = 'completed'
      this.#endAfter(this.flow.reliable ? 0 : giveUpMs(this.#deps.timers)) // timer J
    } else if (response.status < 300) {
      this.#state = 'accepted'
      this.#endAfter(giveUpMs(this.#deps.timers)) // timer L
    } else {
      this.#state = 'completed'
      this.#endAfter(giveUpMs(this.#deps.timers)) // timer H
      if (!this.flow.reliable) this.#retransmitAfter(this.#deps.timers.t1Ms) // timer G
    }
    return bytes
  }

  /** A copy of the request has come. */
  receiveRetransmission(): void {
    this.#deps.stats.retransmissionsReceived++
    const repeat = this.#last !== undefined && (this.#state === 'proceeding' || this.#state === 'completed')
    if (!repeat || this.#last === undefined) return
    this.#deps.stats.retransmissionsSent++
    this.#send(this.#last)
  }

  /** The ACK to our non-2xx answer has come. */
  receiveAck(): void {
    if (this.#state !== 'completed') return
    this.#state = 'confirmed'
    this.#retransmit?.cancel()
    this.#endAfter(this.flow.reliable ? 0 : this.#deps.timers.t4Ms) // timer I
  }

  terminate(): void {
    if (this.#state === 'terminated') return
    this.#state = 'terminated'
    this.#retransmit?.cancel()
    this.#end?.cancel()
    this.#onRemoved()
    this.onTerminated()
  }

  /** Sends a 2xx again, for the dialog. */
  resend(response: SipResponse): void {
    this.#deps.stats.retransmissionsSent++
    this.#send(response)
  }

  #send(response: SipResponse): Buffer {
    return this.#deps.transport.send(response, returnFlow(this.request, this.flow), () => {})
  }

  #retransmitAfter(delayMs: number): void {
    this.#retransmit = this.#deps.clock.after(delayMs, () => {
      if (this.#state !== 'completed' || this.#last === undefined) return
      this.resend(this.#last)
      this.#retransmitAfter(Math.min(delayMs * 2, this.#deps.timers.t2Ms))
    })
  }

  #endAfter(delayMs: number): void {
    this.#end?.cancel()
    this.#end = this.#deps.clock.after(delayMs, () => this.terminate())
  }
}
