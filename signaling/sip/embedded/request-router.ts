import type { AppClient } from './app-client.ts'
import type { ControlServer } from './control-server.ts'
import { parseNameAddr } from './name-addr.ts'
import type { OpenRequests } from './open-requests.ts'
import { parseRouteAnswer, type RouteAnswer } from './route-answer.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SipLogger } from './sip-logger.ts'
import type { SipRequest } from './sip-message.ts'
import type { SipProxy } from './sip-proxy.ts'
import { parseSipUri } from './sip-uri.ts'
import { controlName } from './transport-protocol.ts'

/** Where new requests of a method go. */
export type RequestHandler = {
  /** `INVITE`, `REGISTER` .., or `*`. */
  readonly method: string
  /** `tcp://host:port` or `tls://host:port`: an application that waits for us. `http(s)://..`: a service that says where to. */
  readonly url: string
  readonly httpMethod?: 'GET' | 'POST'
}

/** What becomes of a new request: an application has it, it is answered so, or it has been taken care of. */
export type Routed =
  | { readonly kind: 'application'; readonly client: AppClient }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly reason?: string | undefined
      readonly contacts?: readonly string[]
    }
  | { readonly kind: 'done' }

export type RequestRouterDeps = {
  readonly handlers: readonly RequestHandler[]
  readonly control: ControlServer
  readonly open: OpenRequests
  readonly proxy: SipProxy
  readonly logger: SipLogger
}

const askWithinMs = 3000
const maxAnswerBytes = 64 * 1024

/** Chooses an application for a new request: one that is connected, one that we connect to, or what a web service says. */
export class RequestRouter {
  readonly #deps: RequestRouterDeps

  constructor(deps: RequestRouterDeps) {
    this.#deps = deps
  }

  /** At once where no handler is configured for this method. Never rejects. */
  route(transaction: ServerTransaction): Routed | Promise<Routed> {
    const { method } = transaction.request
    const handler =
      this.#deps.handlers.find(one => one.method.toUpperCase() === method) ??
      this.#deps.handlers.find(one => one.method === '*')
    if (handler !== undefined) return this.#routeOut(handler, transaction)
    const client = this.#deps.control.pick(method)
    return client === undefined ? { kind: 'answer', status: 503 } : { kind: 'application', client }
  }

  async #routeOut(handler: RequestHandler, transaction: ServerTransaction): Promise<Routed> {
    const direct = /^(tcp|tls):\/\/(.+)$/i.exec(handler.url)
    if (direct !== null) return this.#connect(`${direct[2]};transport=${direct[1]?.toLowerCase()}`)
    let answer: RouteAnswer
    try {
      answer = parseRouteAnswer(await ask(handler, transaction))
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'SIP: the routing service gave no usable answer')
      return { kind: 'answer', status: 500 }
    }
    switch (answer.kind) {
      case 'reject':
        return { kind: 'answer', status: answer.status, reason: answer.reason }
      case 'redirect':
        return { kind: 'answer', status: 302, contacts: answer.contacts }
      case 'application':
        return this.#connect(answer.uri)
      case 'tag': {
        const client = this.#deps.control.pick(transaction.request.method, answer.tag)
        return client === undefined ? { kind: 'answer', status: 480 } : { kind: 'application', client }
      }
      case 'proxy':
        return this.#proxy(transaction, answer)
    }
  }

  async #connect(uri: string): Promise<Routed> {
    const target = parseSipUri(`sip:${uri}`)
    if (target?.port === undefined) return { kind: 'answer', status: 480 }
    const { host, port } = target
    try {
      const tls = target.params.get('transport')?.toLowerCase() === 'tls'
      return { kind: 'application', client: await this.#deps.control.connectTo({ host, port, tls }) }
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'SIP: an application could not be reached')
      return { kind: 'answer', status: 480 }
    }
  }

  #proxy(transaction: ServerTransaction, answer: Extract<RouteAnswer, { kind: 'proxy' }>): Routed {
    if (transaction.answered) return { kind: 'done' }
    this.#deps.open.open(transaction, nobody, undefined)
    const fields = [
      transaction.id,
      answer.recordRoute ? 'remainInDialog' : '',
      '',
      answer.followRedirects ? 'followRedirects' : '',
      answer.simultaneous ? 'simultaneous' : 'serial',
      answer.provisionalTimeout,
      answer.finalTimeout,
      ...answer.destinations,
    ]
    this.#deps.proxy.start(nobody, '', fields, Buffer.alloc(0))
    return { kind: 'done' }
  }
}

/** Commands a proxy where no application does. */
const nobody: AppClient = { open: true, tags: new Set(), send: () => {} }

async function ask(handler: RequestHandler, transaction: ServerTransaction): Promise<string> {
  const post = handler.httpMethod === 'POST'
  const response = await fetch(`${handler.url}/?${queryOf(transaction)}`, {
    method: post ? 'POST' : 'GET',
    headers: {
      Accept: 'application/json',
      'User-Agent': 'Drachtio/0.9.10',
      ...(post && { 'Content-Type': 'text/plain' }),
    },
    ...(post && { body: transaction.request.toBuffer().toString('utf8') }),
    signal: AbortSignal.timeout(askWithinMs),
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const text = await response.text()
  if (text.length > maxAnswerBytes) throw new Error('answer too long')
  return text
}

function queryOf({ request, flow }: ServerTransaction): URLSearchParams {
  const uri = parseSipUri(request.uri)
  const query = new URLSearchParams({
    method: request.method,
    domain: uri?.host ?? '',
    protocol: controlName(flow.protocol),
    source_address: flow.remoteAddress,
    fromUser: userOf(request, 'from'),
    toUser: userOf(request, 'to'),
    uriUser: uri?.user ?? '',
    contentType: request.get('content-type') ?? '',
    uri: request.uri,
  })
  for (const [name, value] of uri?.params ?? []) query.append(name, value ?? '')
  return query
}

function userOf(request: SipRequest, key: 'from' | 'to'): string {
  return parseSipUri(parseNameAddr(request.get(key) ?? '')?.uri ?? '')?.user ?? ''
}
