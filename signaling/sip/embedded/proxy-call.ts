import type { AppClient } from './app-client.ts'
import type { Cdrs } from './cdrs.ts'
import type { ClientTransaction, ResponseSource } from './client-transaction.ts'
import { parseNameAddr } from './name-addr.ts'
import type { RequestSender } from './request-sender.ts'
import { responseTo } from './response-building.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import type { LooseMessage } from './sip-parser.ts'
import { parseSipUri, portOf } from './sip-uri.ts'
import { popFirst } from './stateless-forwarder.ts'
import type { Timer, TimerSet } from './timer-set.ts'
import type { OwnFace, TransportLayer } from './transport-layer.ts'
import { madeUpEnd, networkEnd, proxyContinue } from './wire-lines.ts'

export type ProxyOrder = {
  readonly client: AppClient
  readonly msgId: string
  readonly remainInDialog: boolean
  readonly fullResponse: boolean
  readonly followRedirects: boolean
  readonly simultaneous: boolean
  readonly provisionalTimeoutMs: number | undefined
  readonly finalTimeoutMs: number | undefined
  readonly targets: readonly string[]
  /** Headers to add to what is forwarded. */
  readonly extra: LooseMessage
}

type Branch = { readonly uri: string; transaction: ClientTransaction | undefined; done: boolean; timers: Timer[] }

const maxRedirects = 10

/** One request on its way through us to one or several targets (RFC 3261 section 16). */
export class ProxyCall {
  readonly #order: ProxyOrder
  readonly #upstream: ServerTransaction
  readonly #transport: TransportLayer
  readonly #sender: RequestSender
  readonly #clock: TimerSet
  readonly #cdrs: Cdrs
  readonly #waiting: string[]
  readonly #branches: Branch[] = []
  #best: SipResponse | undefined
  #finished = false
  #redirects = 0

  constructor(
    order: ProxyOrder,
    upstream: ServerTransaction,
    deps: {
      readonly transport: TransportLayer
      readonly sender: RequestSender
      readonly clock: TimerSet
      readonly cdrs: Cdrs
    },
  ) {
    this.#order = order
    this.#upstream = upstream
    this.#transport = deps.transport
    this.#sender = deps.sender
    this.#clock = deps.clock
    this.#cdrs = deps.cdrs
    this.#waiting = order.targets.filter(target => {
      const uri = parseSipUri(target)
      return uri !== undefined && deps.sender.canSend(uri)
    })
  }

  /** False when there is nothing that a request could be sent to. */
  start(): boolean {
    if (this.#waiting.length === 0) return false
    if (!this.#order.fullResponse) this.#tell('done')
    this.#next()
    return true
  }

  /** The caller has cancelled: it has its 487 already, the targets are told. */
  cancel(): void {
    this.#waiting.length = 0
    for (const branch of this.#branches) branch.transaction?.cancel([])
    this.#finish()
  }

  #next(): void {
    do {
      const target = this.#waiting.shift()
      if (target === undefined) return
      this.#try(target)
    } while (this.#order.simultaneous)
  }

  #try(target: string): void {
    const uri = parseSipUri(target)
    if (uri === undefined) return
    const branch: Branch = { uri: target, transaction: undefined, done: false, timers: [] }
    this.#branches.push(branch)
    this.#sender.send({
      command: undefined,
      hop: { kind: 'uri', uri },
      build: face => this.#forwarded(target, face),
      onSending: request => {
        if (this.#upstream.isInvite) this.#cdrs.attempt('application', request)
      },
      onStarted: transaction => {
        branch.transaction = transaction
        if (this.#finished && this.#upstream.answered) transaction.cancel([])
        this.#limit(branch, this.#order.provisionalTimeoutMs, () => transaction.provisional || transaction.answered)
        this.#limit(branch, this.#order.finalTimeoutMs, () => transaction.answered)
      },
      onResponse: (response, source, context) => this.#onResponse(branch, response, source, context.repeated2xx),
    })
  }

  /** Gives a target up that has not come far enough in time. */
  #limit(branch: Branch, withinMs: number | undefined, reached: () => boolean): void {
    if (withinMs === undefined) return
    const timer = this.#clock.after(withinMs, () => {
      if (branch.done || reached()) return
      branch.transaction?.cancel([])
      this.#fail(branch, responseTo(this.#upstream.request, 408))
    })
    branch.timers.push(timer)
  }

  #forwarded(target: string, face: OwnFace): SipRequest {
    const request = this.#upstream.request.clone()
    const named = parseSipUri(request.uri)
    if (named !== undefined && this.#transport.isOwn(named.host, portOf(named))) request.uri = target
    request.remove('route')
    request.set('Max-Forwards', String(Number.parseInt(request.get('max-forwards') ?? '70', 10) - 1))
    if (this.#order.remainInDialog) {
      const own = face.contact.replace('>', ';lr>')
      if (request.method === 'REGISTER') request.prepend('Path', own).add('Require', 'path')
      else request.prepend('Record-Route', own)
    }
    const stackOwned = ['via', 'route', 'record-route', 'content-length', 'call-id', 'cseq', 'from', 'to']
    for (const { key, name, value } of this.#order.extra.headers)
      if (!stackOwned.includes(key)) request.set(name, value)
    return request
  }

  #onResponse(branch: Branch, received: SipResponse, source: ResponseSource | undefined, repeated2xx: boolean): void {
    const response = received.clone()
    popFirst(response, 'via', 'Via')
    if (repeated2xx) {
      if (this.#upstream.isInvite) this.#upstream.resend(response)
      return
    }
    if (response.status < 200) {
      if (!this.#upstream.answered) this.#upstream.respond(response)
      return
    }
    const late = branch.done
    this.#settle(branch)
    if (!this.#finished && this.#order.fullResponse) {
      const real = source !== undefined && !source.madeUp
      const end = real ? networkEnd(source.flow, source.bytes) : madeUpEnd(source?.flow.protocol ?? 'unknown')
      this.#order.client.send(proxyContinue(this.#order.msgId, end), received.toBuffer())
    }
    if (response.status < 300) this.#succeed(response)
    else if (!late) this.#fail(branch, response)
  }

  #succeed(response: SipResponse): void {
    // Each 2xx to an INVITE goes up, also that of a fork which lost the race (RFC 3261 16.7 step 5).
    if (this.#upstream.isInvite && !this.#upstream.answered) {
      this.#cdrs.start('network', 'proxy-uac', response)
      this.#cdrs.start('application', 'proxy-uas', response)
    }
    if (!this.#upstream.answered) this.#upstream.respond(response)
    else if (this.#upstream.isInvite) this.#upstream.resend(response)
    this.#waiting.length = 0
    for (const other of this.#branches) if (!other.done) other.transaction?.cancel([])
    this.#finish()
  }

  #fail(branch: Branch, response: SipResponse): void {
    this.#settle(branch)
    if (this.#finished) return
    const { status } = response
    if (this.#upstream.isInvite)
      this.#cdrs.stop('network', status === 487 ? 'call-canceled' : 'call-rejected', response)
    if (status >= 300 && status < 400 && this.#order.followRedirects) this.#redirect(response)
    if (this.#best === undefined || rank(status) < rank(this.#best.status)) this.#best = response
    if (status === 401 || status === 407 || status >= 600) {
      this.#waiting.length = 0
      for (const other of this.#branches) if (!other.done) other.transaction?.cancel([])
      this.#giveUp()
      return
    }
    if (this.#waiting.length > 0) this.#next()
    else if (this.#branches.every(other => other.done)) this.#giveUp()
  }

  #redirect(response: SipResponse): void {
    for (const contact of response.list('contact')) {
      const uri = parseNameAddr(contact)?.uri ?? ''
      const known = this.#branches.some(branch => branch.uri === uri) || this.#waiting.includes(uri)
      if (parseSipUri(uri) === undefined || known || this.#redirects >= maxRedirects) continue
      this.#redirects++
      this.#waiting.push(uri)
    }
  }

  #giveUp(): void {
    if (!this.#upstream.answered) {
      const response = this.#best ?? responseTo(this.#upstream.request, 408)
      this.#upstream.respond(response)
      if (this.#upstream.isInvite) this.#cdrs.stop('application', 'call-rejected', response)
    }
    this.#finish()
  }

  #settle(branch: Branch): void {
    branch.done = true
    for (const timer of branch.timers) timer.cancel()
  }

  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    if (this.#order.fullResponse) this.#tell('done')
  }

  #tell(text: string): void {
    this.#order.client.send(`response|${this.#order.msgId}|OK|${text}`)
  }
}

/** Which failure goes upstream: smaller wins (RFC 3261 16.7 step 6). */
function rank(status: number): number {
  if (status >= 600) return 0
  if (status < 400) return 1
  if ([401, 407, 415, 420, 484].includes(status)) return 2
  if (status < 500) return status === 408 ? 4 : 3
  return status === 503 ? 6 : 5
}

/** `500ms`, `2s` or nothing. */
export function parseProxyTimeout(text: string | undefined): number | undefined {
  const match = /^(\d{1,7})(ms|s)$/.exec(text ?? '')
  return match === null ? undefined : Number(match[1]) * (match[2] === 's' ? 1000 : 1)
}
