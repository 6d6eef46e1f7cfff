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
  readonly onStarted?: (transaction: ClientTransaction) => void
  readonly onResponse: (
    response: SipResponse,
    source: ResponseSource | undefined,
    context: { readonly request: SipRequest; readonly transactionId: string; readonly repeated2xx: boolean },
  ) => void
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

  /** Sends with a transaction of its own. The application always gets exactly one answer to its command. */
  send(outgoing: Outgoing): void {
    this.#withFlow(outgoing.command, outgoing.hop, flow => {
      const transactionId = randomUUID()
      if (flow === undefined) {
        this.#failUnsent(outgoing, transactionId)
        return
      }
      const request = this.#complete(outgoing.build(this.#transport.faceOn(flow), flow), flow)
      this.#echo(outgoing.command, request, flow, transactionId)
      outgoing.onSending?.(request, transactionId, flow)
      const handlers: ClientHandlers = {
        onResponse: (response, source, repeated2xx) =>
          outgoing.onResponse(response, source, { request, transactionId, repeated2xx }),
      }
      const transaction = this.#transactions.request(request, flow, handlers)
      outgoing.onStarted?.(transaction)
    })
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

  #withFlow(command: AppCommand | undefined, hop: NextHop, use: (flow: Flow | undefined) => void): void {
    if (hop.kind === 'flow') {
      use(hop.flow)
      return
    }
    let resolved: Target | Promise<Target>
    try {
      resolved = hop.kind === 'target' ? hop.target : this.#resolver.resolve(hop.uri)
    } catch (error) {
      if (!(error instanceof TransportUnavailableError)) throw error
      if (command !== undefined) refuse(command, error.message)
      return
    }
    if (!(resolved instanceof Promise)) this.#withTarget(command, resolved, use)
    else
      resolved.then(
        target => this.#withTarget(command, target, use),
        (error: unknown) => {
          if (!(error instanceof ResolveError)) throw error
          use(undefined)
        },
      )
  }

  #withTarget(command: AppCommand | undefined, target: Target, use: (flow: Flow | undefined) => void): void {
    const flow = this.#transport.flowTo(target)
    if (flow === undefined) {
      if (command !== undefined) refuse(command, 'requested protocol/transport not available')
      return
    }
    const preparing = this.#transport.prepare(flow)
    if (preparing === undefined) use(flow)
    else void preparing.then(() => use(flow))
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
