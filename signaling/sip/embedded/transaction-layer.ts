import { type ClientHandlers, ClientTransaction } from './client-transaction.ts'
import type { Flow } from './flow.ts'
import { tagOf } from './name-addr.ts'
import { ServerTransaction, type TransactionDeps } from './server-transaction.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import { formatHostPort } from './sip-uri.ts'
import { branchCookie, topVia } from './via.ts'

/** Some 3000 requests a second for the 32 s that a transaction may live. */
const maxServerTransactions = 100_000

/** What lies above the transactions. */
export type TransactionUser = {
  onRequest(transaction: ServerTransaction, bytes: number): void
  /** An ACK that belongs to no failed INVITE: that of a 2xx. */
  onAck(ack: SipRequest, flow: Flow, bytes: number): void
  /** Undefined `invite`: nothing to cancel. */
  onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void
  /** A response that matches no transaction of ours. */
  onStrayResponse(response: SipResponse, flow: Flow): void
}

/** Matches messages to transactions (RFC 3261 17.1.3, 17.2.3). */
export class TransactionLayer {
  readonly #deps: TransactionDeps
  readonly #server = new Map<string, ServerTransaction>()
  readonly #client = new Map<string, ClientTransaction>()
  #user: TransactionUser | undefined

  constructor(deps: TransactionDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#server.size + this.#client.size
  }

  use(user: TransactionUser): void {
    this.#user = user
  }

  /** True for copies of a request that is being dealt with, and for the CANCEL of one. */
  knows(request: SipRequest): boolean {
    if (this.#server.has(serverKey(request, request.method))) return true
    return request.method === 'CANCEL' && this.#server.has(serverKey(request, 'INVITE'))
  }

  /** Answers a request for good without showing it to anybody above; copies and the ACK are dealt with here. */
  refuse(request: SipRequest, flow: Flow, response: SipResponse): void {
    const key = serverKey(request, request.method)
    const transaction = new ServerTransaction(this.#deps, request, flow, () => this.#server.delete(key))
    this.#server.set(key, transaction)
    transaction.respond(response)
  }

  receiveRequest(request: SipRequest, flow: Flow, bytes: number): void {
    const key = serverKey(request, request.method === 'ACK' ? 'INVITE' : request.method)
    const existing = this.#server.get(key)
    if (request.method === 'ACK') {
      if (existing === undefined || existing.state === 'accepted') this.#user?.onAck(request, flow, bytes)
      else existing.receiveAck()
      return
    }
    if (existing !== undefined) {
      existing.receiveRetransmission()
      return
    }
    if (this.#server.size >= maxServerTransactions) return // a flood; honest peers repeat their requests
    const transaction = new ServerTransaction(this.#deps, request, flow, () => this.#server.delete(key))
    this.#server.set(key, transaction)
    if (request.method === 'CANCEL') this.#user?.onCancel(transaction, this.#server.get(serverKey(request, 'INVITE')))
    else this.#user?.onRequest(transaction, bytes)
  }

  receiveResponse(response: SipResponse, flow: Flow, bytes: number): void {
    const branch = topVia(response)?.params.get('branch')
    const transaction = this.#client.get(`${branch} ${response.cseq.method}`)
    if (transaction === undefined) this.#user?.onStrayResponse(response, flow)
    else transaction.receive(response, flow, bytes)
  }

  /** Sends a request whose top Via carries a fresh branch of ours. */
  request(request: SipRequest, flow: Flow, handlers: ClientHandlers): ClientTransaction {
    const key = `${topVia(request)?.params.get('branch')} ${request.method}`
    const transaction = new ClientTransaction(
      this.#deps,
      request,
      flow,
      {
        onResponse: handlers.onResponse,
        onTerminated: () => {
          this.#client.delete(key)
          handlers.onTerminated?.()
        },
      },
      (cancel, cancelFlow) => this.request(cancel, cancelFlow, { onResponse: () => {} }),
    )
    this.#client.set(key, transaction)
    transaction.start()
    return transaction
  }

  close(): void {
    for (const transaction of [...this.#server.values(), ...this.#client.values()]) transaction.terminate()
  }
}

function serverKey(request: SipRequest, method: string): string {
  const via = topVia(request)
  const branch = via?.params.get('branch')
  const sentBy = via === undefined ? '' : formatHostPort(via.host.toLowerCase(), via.port ?? 5060)
  if (branch?.startsWith(branchCookie) === true && branch.length > branchCookie.length)
    return `${branch} ${sentBy} ${method}`
  // RFC 2543 peers: nothing but the headers tells one request from the next; the ACK's To tag differs from the INVITE's.
  const { number } = request.cseq
  return `2543 ${request.callId} ${number} ${tagOf(request.get('from'))} ${sentBy} ${request.uri} ${method}`
}
