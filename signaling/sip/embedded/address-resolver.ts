import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { byPreference, orderServices, type ServiceRecord } from './service-records.ts'
import { portOf, type SipUri } from './sip-uri.ts'
import type { TimerSet } from './timer-set.ts'
import { defaultPort, isSecure, parseProtocol, type TransportProtocol } from './transport-protocol.ts'

export type Target = {
  readonly protocol: TransportProtocol
  readonly address: string
  readonly port: number
  /** The name that the peer's certificate must carry. */
  readonly serverName?: string
}

export class TransportUnavailableError extends Error {
  override readonly name = 'TransportUnavailableError'
}

export class ResolveError extends Error {
  override readonly name = 'ResolveError'
}

const cacheMs = 30_000
const lookupTimeoutMs = 5000
const dnsTimeoutMs = 2000
const maxCached = 1000
/** More than these nobody waits for. */
const maxTargets = 8

/**
 * RFC 3263: literals at once; names by NAPTR and SRV when no port is given, then by the system's getaddrinfo. Several
 * targets come in the order in which they are to be tried. Nothing here blocks; lookups for the same name are shared, so that
 * callers are answered in the order they asked.
 */
export class AddressResolver {
  readonly #protocols: readonly TransportProtocol[]
  readonly #clock: TimerSet
  readonly #cache = new Map<string, { readonly targets: readonly Target[]; readonly untilMs: number }>()
  readonly #pending = new Map<string, Promise<readonly Target[]>>()
  readonly #dns = new dns.Resolver({ timeout: dnsTimeoutMs, tries: 1 })

  /**
   * @param protocols those we listen on, the preferred one first.
   * @param nameServers instead of the system's, for NAPTR and SRV.
   */
  constructor(protocols: readonly TransportProtocol[], clock: TimerSet, nameServers?: readonly string[]) {
    this.#protocols = protocols
    this.#clock = clock
    if (nameServers !== undefined) this.#dns.setServers([...nameServers])
  }

  /**
   * Where to send for this uri, the best first and never none: at once when known, else a promise.
   * @throws TransportUnavailableError for a transport that is not configured. The promise rejects with ResolveError.
   */
  resolve(uri: SipUri): readonly Target[] | Promise<readonly Target[]> {
    const candidates = this.#candidatesFor(uri)
    const [preferred] = candidates
    if (preferred === undefined) throw new TransportUnavailableError('requested protocol/transport not available')
    const host = uri.params.get('maddr') ?? uri.host
    const literal = host.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0) {
      const port = uri.port ?? (uri.params.has('transport') ? portOf(uri) : defaultPort(preferred))
      return [{ protocol: preferred, address: literal, port }]
    }
    const key = `${candidates.join()} ${host} ${uri.port ?? ''}`
    const cached = this.#cache.get(key)
    if (cached !== undefined && cached.untilMs > performance.now()) return cached.targets
    return this.#pending.get(key) ?? this.#start(key, this.#lookup(candidates, preferred, host, uri.port))
  }

  /** False when no transport that this uri asks for is configured. */
  supports(uri: SipUri): boolean {
    return this.#candidatesFor(uri).length > 0
  }

  close(): void {
    this.#dns.cancel()
  }

  /** Our protocols that may carry a request to this uri, the best first. */
  #candidatesFor(uri: SipUri): readonly TransportProtocol[] {
    const wanted = uri.params.get('transport')?.toLowerCase()
    if (uri.scheme === 'sips') {
      const secure = wanted === 'ws' || wanted === 'wss' ? 'wss' : 'tls'
      return this.#protocols.filter(protocol => protocol === secure && wanted !== 'udp')
    }
    // Browsers write `transport=ws` also where their WebSocket runs over TLS.
    if (wanted === 'ws') return this.#protocols.filter(protocol => protocol === 'ws' || protocol === 'wss')
    if (wanted !== undefined) return this.#protocols.filter(protocol => protocol === parseProtocol(wanted))
    // WebSocket peers cannot be connected to: they are reached over the connection that they keep.
    const dialled = this.#protocols.filter(protocol => protocol !== 'ws' && protocol !== 'wss')
    return dialled.length > 0 ? dialled : this.#protocols
  }

  #start(key: string, lookup: Promise<readonly Target[]>): Promise<readonly Target[]> {
    const limited = this.#inTime(lookup)
      .then(targets => {
        if (this.#cache.size >= maxCached) this.#cache.clear()
        this.#cache.set(key, { targets, untilMs: performance.now() + cacheMs })
        return targets
      })
      .finally(() => this.#pending.delete(key))
    this.#pending.set(key, limited)
    return limited
  }

  async #inTime(lookup: Promise<readonly Target[]>): Promise<readonly Target[]> {
    const late = Promise.withResolvers<never>()
    const timer = this.#clock.after(lookupTimeoutMs, () => late.reject(new ResolveError('name lookup took too long')))
    try {
      return await Promise.race([lookup, late.promise])
    } finally {
      timer.cancel()
    }
  }

  async #lookup(
    candidates: readonly TransportProtocol[],
    preferred: TransportProtocol,
    host: string,
    port: number | undefined,
  ): Promise<readonly Target[]> {
    const services = port === undefined && host.includes('.') ? await this.#lookupServices(candidates, host) : []
    const found: Target[] = []
    for (const service of services) {
      const addresses = await addressesOf(service.name).catch(() => [])
      for (const address of addresses) found.push(targetOf(service.protocol, address, service.port, host))
      if (found.length >= maxTargets) return found.slice(0, maxTargets)
    }
    if (found.length > 0) return found
    const addresses = await addressesOf(host)
    return addresses
      .slice(0, maxTargets)
      .map(address => targetOf(preferred, address, port ?? defaultPort(preferred), host))
  }

  /** NAPTR says which transport the domain prefers; without it our own order counts. Both are asked at once. */
  async #lookupServices(candidates: readonly TransportProtocol[], host: string): Promise<readonly ServiceRecord[]> {
    const [naptr, ...ours] = await Promise.all([
      this.#dns.resolveNaptr(host).catch(() => []),
      ...candidates.map(protocol => this.#lookupService(protocol, serviceName(protocol, host))),
    ])
    for (const { protocol, name } of byPreference(naptr)) {
      if (!candidates.includes(protocol)) continue
      const services = await this.#lookupService(protocol, name)
      if (services.length > 0) return services
    }
    return ours.find(services => services.length > 0) ?? []
  }

  async #lookupService(protocol: TransportProtocol, name: string): Promise<readonly ServiceRecord[]> {
    try {
      return orderServices(await this.#dns.resolveSrv(name), protocol)
    } catch {
      return []
    }
  }
}

function serviceName(protocol: TransportProtocol, host: string): string {
  switch (protocol) {
    case 'tls':
      return `_sips._tcp.${host}`
    case 'ws':
      return `_sip._ws.${host}`
    case 'wss':
      return `_sips._ws.${host}`
    case 'udp':
    case 'tcp':
      return `_sip._${protocol}.${host}`
  }
}

/** RFC 5922: the certificate must carry the domain of the uri, not the name that its SRV record led to. */
function targetOf(protocol: TransportProtocol, address: string, port: number, domain: string): Target {
  return isSecure(protocol) ? { protocol, address, port, serverName: domain } : { protocol, address, port }
}

/** IPv4 first: few peers of a phone network speak IPv6. */
async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    const addresses = await dns.lookup(host, { all: true, verbatim: true })
    const ordered = [...addresses].sort((a, b) => a.family - b.family).map(entry => entry.address)
    if (ordered.length === 0) throw new Error('no address')
    return [...new Set(ordered)]
  } catch (error) {
    throw new ResolveError('host name could not be resolved', { cause: error })
  }
}
