import type { Flow } from './flow.ts'
import type { SipRequest } from './sip-message.ts'
import { defaultPort } from './transport-protocol.ts'
import { topVia } from './via.ts'

/**
 * Where the answer to a request goes (RFC 3261 18.2.2, RFC 3581): back where it came from; if that connection has gone, or if
 * the peer listens elsewhere, to the port that it names.
 */
export function returnFlow(request: SipRequest, flow: Flow): Flow {
  if (flow.open && !listensElsewhere(request, flow)) return flow
  return flow.transport.flowTo(flow.remoteAddress, topVia(request)?.port ?? defaultPort(flow.protocol))
}

/** A UDP peer without NAT that sends from another port than it listens at: its completed Via has no `rport`. */
export function listensElsewhere(request: SipRequest, flow: Flow): boolean {
  return flow.protocol === 'udp' && topVia(request)?.params.has('rport') === false
}
