import { randomUUID } from 'node:crypto'
import { type AddressResolver, ResolveError, type Target, TransportUnavailableError } from './address-resolver.ts'
import type { AppCommand } from './app-client.ts'
import { refuse } from './app-client.ts'
import {
  type ClientHandlers,
  type ClientTransaction,
  failureDelayMs,
  type ResponseSource,
} from './client-transaction.ts'
import type { Flow } from './flow.ts'
import { madeUpResponse } from './response-building.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import type { SipUri } from './sip-uri.ts'
import type { TimerSet } from './timer-set.ts'
import { newBranch } from './tokens.ts'
import type { TransactionLayer } from './transaction-layer.ts'
import type { OwnFace, TransportLayer } from './transport-layer.ts'
import { requestEcho } from './wire-lines.ts'

/** Where a request goes: a uri still to be resolved, a known address, or an open connection. */
export type NextHop =
  | { readonly kind: 'uri'; readonly uri: SipUri }
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'flow'; readonly flow: Flow }

export type Outgoing = {
  /** Whose command this is; undefined for what the stack sends by itself. */
  readonly command: AppCommand | undefined
  readonly hop: NextHop
  /** Makes the request without Via, once our own address towards the peer is known. */
  readonly build: (face: OwnFace, flow: Flow | undefined) => SipRequest
  /** After the echo, before the first byte leaves. */
  readonly onSending?: (request: SipRequest, transactionId: string, flow: Flow | undefined) => void
  /** The request is tried again over another flow. */
  readonly onRetarget?: (flow: Flow) => void
  readonly onStarted?: (transaction: ClientTransaction) => void
  readonly onResponse: (
    response: SipResponse,
    source: ResponseSource | undefined,
    context: { readonly request: SipRequest; readonly transactionId: string; readonly repeated2xx: boolean },
  ) => void
}

type Attempt = {
  readonly outgoing: Outgoing
  /** Without Via. */
  readonly bare: SipRequest
  readonly request: SipRequest
  readonly flow: Flow
  /** Where else the request may be tried. */
  readonly others: readonly Target[]
  readonly transactionId: string
}

/** Takes a request from "whereto" to the wire: resolves, chooses the flow, adds Via, echoes, starts the transaction. */
export class RequestSender {
  readonly #transport: TransportLayer
  readonly #transactions: TransactionLayer
  readonly #resolver: AddressResolver
  readonly #clock: TimerSet

  constructor(transport: TransportLayer, transactions: TransactionLayer, resolver: AddressResolver, clock: TimerSet) {
    this.#clock = clock
    this.#transport = transport
    this.#transactions = transactions
    this.#resolver = resolver
  }

  /** False when we speak none of the transports that this uri asks for. */
  canSend(uri: SipUri): boolean {
    return this.#resolver.supports(uri)
  }

  /** Sends with a transaction of its own. The application always gets exactly one answer to its command. */
  send(outgoing: Outgoing): void {
    this.#withFlow(outgoing.command, outgoing.hop, (flow, others) => {
      const transactionId = randomUUID()
      if (flow === undefined) {
        this.#failUnsent(outgoing, transactionId)
        return
      }
      const bare = outgoing.build(this.#transport.faceOn(flow), flow)
      const request = this.#complete(bare.clone(), flow)
      this.#echo(outgoing.command, request, flow, transactionId)
      outgoing.onSending?.(request, transactionId, flow)
      this.#start({ outgoing, bare, request, flow, others, transactionId })
    })
  }

  /**
   * One try. A target that cannot be reached, does not answer or says 503 gives way to the next one of its domain, with a
   * branch of its own (RFC 3263 4.3); the application hears of the last one only.
   */
  #start(attempt: Attempt): void {
    const { outgoing, request, flow, transactionId } = attempt
    let provisional = false
    const handlers: ClientHandlers = {
      onResponse: (response, source, repeated2xx) => {
        const { status } = response
        const failed = !provisional && !repeated2xx && (status === 503 || (status === 408 && source.madeUp))
        if (status < 200) provisional = true
        if (failed && !transaction.cancelled && this.#tryNext(attempt)) return
        outgoing.onResponse(response, source, { request, transactionId, repeated2xx })
      },
    }
    const transaction = this.#transactions.request(request, flow, handlers)
    outgoing.onStarted?.(transaction)
  }

  #tryNext(attempt: Attempt): boolean {
    const [target, ...others] = attempt.others
    if (target === undefined) return false
    const flow = this.#transport.flowTo(target)
    if (flow === undefined) return this.#tryNext({ ...attempt, others })
    const { outgoing, transactionId } = attempt
    const bare = attempt.bare.clone()
    const start = (): void => {
      const request = this.#complete(bare.clone(), flow)
      outgoing.onRetarget?.(flow)
      this.#start({ outgoing, bare, request, flow, others, transactionId })
    }
    const preparing = this.#transport.prepare(flow)
    if (preparing === undefined) start()
    else void preparing.then(start)
    return true
  }

  /** Sends an ACK: no transaction, no answer. */
  sendAck(
    command: AppCommand | undefined,
    hop: NextHop,
    build: (face: OwnFace) => SipRequest,
    onSent: (ack: SipRequest, flow: Flow) => void,
  ): void {
    this.#withFlow(command, hop, flow => {
      if (flow === undefined) {
        if (command !== undefined) refuse(command, 'address of the ACK could not be resolved')
        return
      }
      const ack = this.#complete(build(this.#transport.faceOn(flow)), flow)
      this.#echo(command, ack, flow, randomUUID())
      this.#transport.send(ack, flow, () => {})
      onSent(ack, flow)
    })
  }

  /** Sends bytes that are known already over a known flow: a repeated ACK. */
  repeat(request: SipRequest, flow: Flow): void {
    this.#transport.send(request, flow, () => {})
  }

  /** Echoes a request that was sent by other means (CANCEL, which shares its INVITE's branch). */
  echo(command: AppCommand, request: SipRequest, flow: Flow): void {
    this.#echo(command, request, flow, randomUUID())
  }

  #withFlow(
    command: AppCommand | undefined,
    hop: NextHop,
    use: (flow: Flow | undefined, others: readonly Target[]) => void,
  ): void {
    if (hop.kind === 'flow') {
      use(hop.flow, [])
      return
    }
    let resolved: readonly Target[] | Promise<readonly Target[]>
    try {
      resolved = hop.kind === 'target' ? [hop.target] : this.#resolver.resolve(hop.uri)
    } catch (error) {
      if (!(error instanceof TransportUnavailableError)) throw error
      if (command !== undefined) refuse(command, error.message)
      else use(undefined, []) // what nobody has commanded fails like any other request that cannot be sent
      return
    }
    if (!(resolved instanceof Promise)) this.#withTargets(command, resolved, use)
    else
      resolved.then(
        targets => this.#withTargets(command, targets, use),
        (error: unknown) => {
          if (!(error instanceof ResolveError)) throw error
          use(undefined, [])
        },
      )
  }

  #withTargets(
    command: AppCommand | undefined,
    targets: readonly Target[],
    use: (flow: Flow | undefined, others: readonly Target[]) => void,
  ): void {
    const [target, ...others] = targets.filter(one => this.#transport.reaches(one))
    const flow = target === undefined ? undefined : this.#transport.flowTo(target)
    if (flow === undefined) {
      if (command !== undefined) refuse(command, 'requested protocol/transport not available')
      else use(undefined, [])
      return
    }
    const preparing = this.#transport.prepare(flow)
    if (preparing === undefined) use(flow, others)
    else void preparing.then(() => use(flow, others))
  }

  #complete(request: SipRequest, flow: Flow): SipRequest {
    return request.prepend('Via', `${this.#transport.faceOn(flow).via};branch=${newBranch()}`)
  }

  #echo(command: AppCommand | undefined, request: SipRequest, flow: Flow, transactionId: string): void {
    if (command === undefined) return
    const bytes = request.toBuffer()
    const own = this.#transport.localAddress(flow)
    const address = flow.protocol === 'udp' ? own.host : flow.remoteAddress
    const port = flow.protocol === 'udp' ? own.port : flow.remotePort
    const end = { source: 'application' as const, bytes: bytes.length, protocol: flow.protocol, address, port }
    command.client.send(requestEcho(command.msgId, end, transactionId), bytes)
  }

  /** The name could not be resolved: echo first, then the made-up answer, as for any other failure to send. */
  #failUnsent(outgoing: Outgoing, transactionId: string): void {
    const face = this.#transport.defaultFace()
    const request = outgoing.build(face, undefined).prepend('Via', `${face.via};branch=${newBranch()}`)
    if (outgoing.command !== undefined) {
      const bytes = request.toBuffer()
      const end = { source: 'application' as const, bytes: bytes.length, protocol: 'unknown', address: '', port: 0 }
      outgoing.command.client.send(requestEcho(outgoing.command.msgId, end, transactionId), bytes)
    }
    outgoing.onSending?.(request, transactionId, undefined)
    const response = madeUpResponse(request, 503, 'DNS Error')
    // drachtio-srf listens for responses only once its promise of the echo has resolved.
    this.#clock.after(failureDelayMs, () => {
      outgoing.onResponse(response, undefined, { request, transactionId, repeated2xx: false })
    })
  }
}
