import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import type { TransportProtocol } from './flow.ts'
import type { SipUri } from './sip-uri.ts'
import type { TimerSet } from './timer-set.ts'

export type Target = { readonly protocol: TransportProtocol; readonly address: string; readonly port: number }

export class TransportUnavailableError extends Error {
  override readonly name = 'TransportUnavailableError'
}

export class ResolveError extends Error {
  override readonly name = 'ResolveError'
}

const cacheMs = 30_000
const lookupTimeoutMs = 5000
const srvTimeoutMs = 2000
const maxCached = 1000

/**
 * RFC 3263, the small part: literals at once, names by SRV when no port is given, then by the system's getaddrinfo.
 * Nothing here blocks; lookups for the same name are shared, so that callers are answered in the order they asked.
 */
export class AddressResolver {
  readonly #protocols: readonly TransportProtocol[]
  readonly #clock: TimerSet
  readonly #cache = new Map<string, { readonly target: Target; readonly untilMs: number }>()
  readonly #pending = new Map<string, Promise<Target>>()
  readonly #srv = new dns.Resolver({ timeout: srvTimeoutMs, tries: 1 })

  /** @param protocols those we listen on, the preferred one first. */
  constructor(protocols: readonly TransportProtocol[], clock: TimerSet) {
    this.#protocols = protocols
    this.#clock = clock
  }

  /**
   * Where to send for this uri: a target when known at once, else a promise of one.
   * @throws TransportUnavailableError for a transport that is not configured. The promise rejects with ResolveError.
   */
  resolve(uri: SipUri): Target | Promise<Target> {
    const protocol = this.#protocolFor(uri)
    const host = uri.params.get('maddr') ?? uri.host
    const literal = host.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0) return { protocol, address: literal, port: uri.port ?? 5060 }
    const key = `${protocol} ${host} ${uri.port ?? ''}`
    const cached = this.#cache.get(key)
    if (cached !== undefined && cached.untilMs > performance.now()) return cached.target
    const pending = this.#pending.get(key) ?? this.#start(key, protocol, host, uri.port)
    return pending
  }

  close(): void {
    this.#srv.cancel()
  }

  #protocolFor(uri: SipUri): TransportProtocol {
    const wanted = uri.params.get('transport')?.toLowerCase()
    const available = this.#protocols.find(protocol => wanted === undefined || protocol === wanted)
    if (available === undefined || uri.scheme === 'sips') {
      throw new TransportUnavailableError('requested protocol/transport not available')
    }
    return available
  }

  #start(key: string, protocol: TransportProtocol, host: string, port: number | undefined): Promise<Target> {
    const lookup = this.#inTime(this.#lookup(protocol, host, port))
      .then(target => {
        if (this.#cache.size >= maxCached) this.#cache.clear()
        this.#cache.set(key, { target, untilMs: performance.now() + cacheMs })
        return target
      })
      .finally(() => this.#pending.delete(key))
    this.#pending.set(key, lookup)
    return lookup
  }

  async #inTime(lookup: Promise<Target>): Promise<Target> {
    const late = Promise.withResolvers<never>()
    const timer = this.#clock.after(lookupTimeoutMs, () => late.reject(new ResolveError('name lookup took too long')))
    try {
      return await Promise.race([lookup, late.promise])
    } finally {
      timer.cancel()
    }
  }

  async #lookup(protocol: TransportProtocol, host: string, port: number | undefined): Promise<Target> {
    if (port === undefined && host.includes('.')) {
      const service = await this.#lookupService(protocol, host)
      if (service !== undefined) return { protocol, address: await addressOf(service.name), port: service.port }
    }
    return { protocol, address: await addressOf(host), port: port ?? 5060 }
  }

  async #lookupService(protocol: TransportProtocol, host: string): Promise<{ name: string; port: number } | undefined> {
    try {
      const records = await this.#srv.resolveSrv(`_sip._${protocol}.${host}`)
      const best = Math.min(...records.map(record => record.priority))
      return pickByWeight(records.filter(record => record.priority === best))
    } catch {
      return undefined
    }
  }
}

async function addressOf(host: string): Promise<string> {
  try {
    const addresses = await dns.lookup(host, { all: true, verbatim: true })
    const chosen = addresses.find(entry => entry.family === 4) ?? addresses[0]
    if (chosen === undefined) throw new Error('no address')
    return chosen.address
  } catch (error) {
    throw new ResolveError('host name could not be resolved', { cause: error })
  }
}

/** RFC 2782: among equal priorities, at random in proportion to weight. */
function pickByWeight<R extends { readonly weight: number }>(records: readonly R[]): R | undefined {
  let left = Math.random() * records.reduce((sum, record) => sum + record.weight + 1, 0)
  for (const record of records) {
    left -= record.weight + 1
    if (left <= 0) return record
  }
  return records[0]
}
