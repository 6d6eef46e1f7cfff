import { isIPv6 } from 'node:net'
import type { Target } from './address-resolver.ts'
import type { Flow, OnBytes, SipTransport } from './flow.ts'
import { isLoopback, isWildcard, LocalAddressSelector } from './local-address.ts'
import type { SipLogger } from './sip-logger.ts'
import type { SipMessage } from './sip-message.ts'
import type { SipStats } from './sip-stats.ts'
import { formatHost, formatHostPort } from './sip-uri.ts'
import { StreamTransport } from './stream-transport.ts'
import { TlsMaterial, type TlsOptions } from './tls-material.ts'
import { defaultPort, isSecure, type TransportProtocol } from './transport-protocol.ts'
import { UdpTransport } from './udp-transport.ts'
import { WsTransport } from './ws-transport.ts'

export type ListenAddress = {
  /** `tls` and `wss` need the server's `tls` option. */
  readonly protocol: TransportProtocol
  readonly host: string
  readonly port: number
}

/** Documentation addresses (RFC 5737, 3849): routed like any far away address, never sent to. */
const outside = '192.0.2.1'
const outsideIPv6 = '2001:db8::1'

/** How we are known to a peer. */
export type OwnFace = {
  /** As it stands in a uri. */
  readonly hostPort: string
  /** `<sip:host:port>`, with `;transport=` except for UDP. */
  readonly contact: string
  /** The beginning of our Via: `SIP/2.0/UDP host:port;rport`; 5060 is left out. */
  readonly via: string
}

/** Our Contact towards somebody who is called, or who has called us, by this uri: `sips:` asks for the same (RFC 3261 8.1.1.8). */
export function contactFor(face: OwnFace, uri: string): string {
  return /^sips:/i.test(uri) ? face.contact.replace('<sip:', '<sips:') : face.contact
}

/** Every listening address, the choice among them, and what we call ourselves towards a peer. */
export class TransportLayer {
  readonly #transports: SipTransport[] = []
  readonly #selector = new LocalAddressSelector()
  readonly #externalAddress: string | undefined
  readonly #stats: SipStats
  #tls: TlsMaterial | undefined
  #onBytes: OnBytes = () => {}

  private constructor(externalAddress: string | undefined, stats: SipStats) {
    this.#externalAddress = externalAddress
    this.#stats = stats
  }

  static async create(options: {
    readonly listen: readonly ListenAddress[]
    readonly externalAddress: string | undefined
    readonly tls: TlsOptions | undefined
    readonly silentConnectionMs: number
    readonly stats: SipStats
    readonly logger: SipLogger
  }): Promise<TransportLayer> {
    const layer = new TransportLayer(options.externalAddress, options.stats)
    const onBytes: OnBytes = (bytes, flow) => {
      if (isWildcard(flow.transport.host)) void layer.#selector.probe(flow.remoteAddress)
      layer.#onBytes(bytes, flow)
    }
    try {
      if (options.tls !== undefined) layer.#tls = await TlsMaterial.read(options.tls)
      for (const address of options.listen) {
        layer.#transports.push(await open(address, onBytes, options, layer.#tls))
      }
    } catch (error) {
      await layer.close()
      throw error
    }
    if (options.listen.some(({ host }) => isWildcard(host))) await layer.#selector.probe(outside)
    return layer
  }

  /** Starts delivery; what came before is lost like any datagram. */
  deliverTo(onBytes: OnBytes): void {
    this.#onBytes = onBytes
  }

  get protocols(): readonly TransportProtocol[] {
    const all = this.#transports.map(transport => transport.protocol)
    return [...new Set([...all.filter(protocol => protocol === 'udp'), ...all])]
  }

  /** `udp/192.0.2.1:5060` per listening address, in the order of the configuration. */
  get hostports(): string[] {
    return this.#transports.map(({ protocol, host, port }) => {
      const local = this.#outward(host)
      return `${protocol}/${formatHostPort(this.#externalAddress ?? local, port)}`
    })
  }

  /** The same without the external address. */
  get localHostports(): string[] {
    return this.#transports.map(
      ({ protocol, host, port }) => `${protocol}/${formatHostPort(this.#outward(host), port)}`,
    )
  }

  /** Undefined when no transport of that protocol and address family is configured. */
  flowTo(target: Target): Flow | undefined {
    return this.#transportFor(target)?.flowTo(target.address, target.port, target.serverName)
  }

  /** False when no transport of that protocol and address family is configured. */
  reaches(target: Target): boolean {
    return this.#transportFor(target) !== undefined
  }

  #transportFor(target: Target): SipTransport | undefined {
    return this.#transports
      .filter(transport => transport.protocol === target.protocol && reaches(transport.host, target.address))
      .sort((a, b) => fitness(b.host, target.address) - fitness(a.host, target.address))[0]
  }

  /** Waits until we know our own address towards this peer; at once (undefined) where we do already. */
  prepare(flow: Flow): Promise<void> | undefined {
    if (this.#externalAddress !== undefined || !isWildcard(flow.transport.host)) return undefined
    return this.#selector.knows(flow.remoteAddress) ? undefined : this.#selector.probe(flow.remoteAddress)
  }

  /** What we call ourselves towards the peer of this flow. */
  faceOn(flow: Flow): OwnFace {
    return face(flow.protocol, this.#externalAddress ?? this.localAddress(flow).host, flow.transport.port)
  }

  /** The same when there is no peer yet, for a request that never left. */
  defaultFace(): OwnFace {
    const first = this.#transports[0]
    if (first === undefined) return face('udp', '127.0.0.1', 5060)
    return face(first.protocol, this.#externalAddress ?? this.#outward(first.host), first.port)
  }

  /** The address that peers far away see. */
  #outward(host: string): string {
    if (!isWildcard(host)) return host
    return this.#selector.pick(isIPv6(host) ? outsideIPv6 : outside)
  }

  localAddress(flow: Flow): { readonly host: string; readonly port: number } {
    const { host, port } = flow.transport
    return { host: isWildcard(host) ? this.#selector.pick(flow.remoteAddress) : host, port }
  }

  /** True if host and port are an address that we listen on. */
  isOwn(host: string, port: number): boolean {
    return this.#transports.some(transport => {
      if (transport.port !== port) return false
      if (host === transport.host || host === this.#externalAddress) return true
      return isWildcard(transport.host) && (isLoopback(host) || this.#selector.pick(host) === host)
    })
  }

  /** Counts and sends; `onError` as in Flow.send. */
  send(message: SipMessage, flow: Flow, onError: (error: Error) => void): Buffer {
    const bytes = message.toBuffer()
    this.#stats.countSent(message.cseq.method, message.kind === 'response' ? message.status : undefined)
    flow.send(bytes, error => {
      this.#stats.sendErrors++
      onError(error)
    })
    return bytes
  }

  /** Reads the certificates again; connections that are open keep the old ones. Rejects, and changes nothing, if one is broken. */
  async renewCertificates(): Promise<void> {
    await this.#tls?.renew()
    for (const transport of this.#transports) await transport.renew?.()
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map(transport => transport.close()))
  }
}

async function open(
  { protocol, host, port }: ListenAddress,
  onBytes: OnBytes,
  { logger, silentConnectionMs }: { readonly logger: SipLogger; readonly silentConnectionMs: number },
  tls: TlsMaterial | undefined,
): Promise<SipTransport> {
  if (isSecure(protocol) && tls === undefined) throw new TypeError(`listening on ${protocol} needs a certificate`)
  switch (protocol) {
    case 'udp':
      return UdpTransport.create(host, port, onBytes, logger)
    case 'tcp':
      return StreamTransport.create(host, port, onBytes, logger, silentConnectionMs)
    case 'tls':
      return StreamTransport.create(host, port, onBytes, logger, silentConnectionMs, tls)
    case 'ws':
      return WsTransport.create(host, port, onBytes, logger)
    case 'wss':
      return WsTransport.create(host, port, onBytes, logger, tls)
  }
}

function reaches(host: string, address: string): boolean {
  if (isIPv6(address)) return isIPv6(host)
  return !isIPv6(host) || host === '::'
}

/** An exact or wildcard binding before one that is confined to the other side of loopback. */
function fitness(host: string, address: string): number {
  if (isWildcard(host)) return 2
  return isLoopback(host) === isLoopback(address) ? 3 : 1
}

function face(protocol: TransportProtocol, host: string, port: number): OwnFace {
  const hostPort = formatHostPort(host, port)
  const sentBy = port === defaultPort(protocol) ? formatHost(host) : hostPort
  return {
    hostPort,
    contact: `<sip:${hostPort}${protocol === 'udp' ? '' : `;transport=${protocol}`}>`,
    via: `SIP/2.0/${protocol.toUpperCase()} ${sentBy};rport`,
  }
}
