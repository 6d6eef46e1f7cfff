import { type AppClient, refuse } from './app-client.ts'
import type { Cdrs } from './cdrs.ts'
import type { OpenRequests } from './open-requests.ts'
import { ProxyCall, parseProxyTimeout } from './proxy-call.ts'
import type { RequestSender } from './request-sender.ts'
import { responseTo } from './response-building.ts'
import type { ServerTransaction } from './server-transaction.ts'
import { parseLooseMessage } from './sip-parser.ts'
import { answer } from './stack-answer.ts'
import type { TimerSet } from './timer-set.ts'
import type { TransportLayer } from './transport-layer.ts'

export type ProxyDeps = {
  readonly transport: TransportLayer
  readonly sender: RequestSender
  readonly open: OpenRequests
  readonly clock: TimerSet
  readonly cdrs: Cdrs
}

/** Requests that an application has handed back to be proxied. */
export class SipProxy {
  readonly #deps: ProxyDeps
  readonly #calls = new Map<string, ProxyCall>()

  constructor(deps: ProxyDeps) {
    this.#deps = deps
  }

  /** Handles `proxy|txnId|remain|full|follow|mode|provisional|final|uri..`; `fields` begins with the transaction id. */
  start(client: AppClient, msgId: string, fields: readonly string[], payload: Buffer): void {
    const [transactionId = '', remain, full, follow, mode, provisional, final, ...targets] = fields
    const open = this.#deps.open.get(transactionId)
    if (open === undefined || open.transaction.answered) {
      refuse({ client, msgId }, `Unknown transaction id: ${transactionId}`)
      return
    }
    const { transaction } = open
    if (Number.parseInt(transaction.request.get('max-forwards') ?? '70', 10) <= 0) {
      answer(transaction, 483)
      refuse({ client, msgId }, 'Rejected with 483 Too Many Hops because Max-Forwards has reached 0')
      return
    }
    this.#deps.open.close(open)
    const call = new ProxyCall(
      {
        client,
        msgId,
        remainInDialog: remain === 'remainInDialog',
        fullResponse: full === 'fullResponse',
        followRedirects: follow === 'followRedirects',
        simultaneous: mode === 'simultaneous',
        provisionalTimeoutMs: parseProxyTimeout(provisional),
        finalTimeoutMs: parseProxyTimeout(final),
        targets,
        extra: parseLooseMessage(payload),
      },
      transaction,
      this.#deps,
    )
    this.#calls.set(transaction.id, call)
    transaction.onTerminated = () => this.#calls.delete(transaction.id)
    if (call.start()) return
    answer(transaction, 500)
    refuse({ client, msgId }, 'error proxying request to ')
  }

  /** The caller's CANCEL of a proxied INVITE; false when it is none. */
  cancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): boolean {
    const call = invite === undefined ? undefined : this.#calls.get(invite.id)
    if (invite === undefined || call === undefined || invite.answered) return false
    cancel.respond(responseTo(cancel.request, 200))
    invite.respond(responseTo(invite.request, 487))
    this.#deps.cdrs.stop('network', 'call-canceled', invite.request)
    call.cancel()
    return true
  }
}
