import { createHash, randomBytes } from 'node:crypto'
import type { AddressResolver } from './address-resolver.ts'
import type { Cdrs } from './cdrs.ts'
import { parseNameAddr, splitOutsideQuotes, tagOf } from './name-addr.ts'
import type { SipMessage, SipRequest, SipResponse } from './sip-message.ts'
import { parseSipUri, portOf, type SipUri } from './sip-uri.ts'
import type { TransportLayer } from './transport-layer.ts'
import { defaultPort } from './transport-protocol.ts'
import { branchCookie, parseVia, type Via } from './via.ts'

/**
 * Carries requests within dialogs that we have Record-Routed as a proxy, and the answers to them (RFC 3261 16.11). It keeps
 * nothing: the branch is a function of the peer's, so copies and CANCELs follow the same path.
 */
export class StatelessForwarder {
  readonly #transport: TransportLayer
  readonly #resolver: AddressResolver
  readonly #cdrs: Cdrs

  constructor(transport: TransportLayer, resolver: AddressResolver, cdrs: Cdrs) {
    this.#cdrs = cdrs
    this.#transport = transport
    this.#resolver = resolver
  }

  /** True when the request's first Route is ours and it was sent on. A Route of ours on a new request is only taken off. */
  forward(request: SipRequest): boolean {
    const first = request.list('route')[0]
    const route = first === undefined ? undefined : parseSipUri(parseNameAddr(first)?.uri ?? '')
    if (route === undefined || !this.#transport.isOwn(route.host, portOf(route))) return false
    popFirst(request, 'route', 'Route')
    if (tagOf(request.get('to')) === '') return false
    const next = request.list('route')[0]
    const hop = parseSipUri(next === undefined ? request.uri : (parseNameAddr(next)?.uri ?? ''))
    if (hop === undefined) return true
    // A call that spirals through us ends here: its last hop is we ourselves.
    if (next === undefined && this.#transport.isOwn(hop.host, portOf(hop))) return false
    void this.#send(request, hop)
    return true
  }

  /** True when a response answers a request that went through `forward`, and was sent on. */
  forwardResponse(response: SipResponse): boolean {
    const [ours, theirs] = response.list('via').map(parseVia)
    if (ours === undefined || theirs === undefined) return false
    // Only what we have signed is sent on: the address in the second Via would make us a reflector otherwise.
    if (ours.params.get('branch') !== statelessBranch(theirs)) return false
    popFirst(response, 'via', 'Via')
    const protocol = this.#transport.protocols.find(known => known === theirs.transport)
    if (protocol === undefined) return true
    const address = theirs.params.get('received') ?? theirs.host
    const port = Number(theirs.params.get('rport') ?? theirs.port ?? defaultPort(protocol))
    const flow = this.#transport.flowTo({ protocol, address, port })
    if (flow !== undefined) this.#transport.send(response, flow, () => {})
    return true
  }

  async #send(request: SipRequest, hop: SipUri): Promise<void> {
    try {
      const [target] = await this.#resolver.resolve(hop)
      const flow = target === undefined ? undefined : this.#transport.flowTo(target)
      const via = parseVia(request.list('via')[0] ?? '')
      if (flow === undefined || via === undefined) return
      await this.#transport.prepare(flow)
      request.prepend('Via', `${this.#transport.faceOn(flow).via};branch=${statelessBranch(via)}`)
      this.#transport.send(request, flow, () => {})
      if (request.method !== 'BYE') return
      this.#cdrs.stop('network', 'normal-release', request)
      this.#cdrs.stop('application', 'normal-release', request)
    } catch {
      // As with any datagram: the sender repeats it and gives up in the end.
    }
  }
}

const signingKey = randomBytes(32)

function statelessBranch(via: Via): string {
  const identity = `${via.params.get('branch')} ${via.host} ${via.port ?? ''} ${via.params.get('rport') ?? ''}`
  return `${branchCookie}.${createHash('sha256').update(signingKey).update(identity).digest('hex').slice(0, 24)}`
}

/** Takes the first value of a comma-separated header away. */
export function popFirst(message: SipMessage, key: string, name: string): void {
  const index = message.headers.findIndex(header => header.key === key)
  const header = message.headers[index]
  if (header === undefined) return
  const rest = splitOutsideQuotes(header.value, ',')
    .slice(1)
    .map(value => value.trim())
  if (rest.length === 0) message.headers.splice(index, 1)
  else message.headers[index] = { key, name, value: rest.join(', ') }
}
