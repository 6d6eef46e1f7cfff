import { createSocket } from 'node:dgram'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

const interfacesFreshMs = 5000
const routesFreshMs = 60_000

type InterfaceAddress = { readonly address: string; readonly subnet: BlockList; readonly family: 'ipv4' | 'ipv6' }

/** `::ffff:192.0.2.1` is written `192.0.2.1`. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/**
 * Tells which of our addresses a peer sees when we listen on all of them: the one in its subnet, else the one the kernel
 * would route from, which is asked by connecting a UDP socket (no packet leaves).
 */
export class LocalAddressSelector {
  #interfaces: readonly InterfaceAddress[] = []
  #readAtMs = Number.NEGATIVE_INFINITY
  readonly #routes = new Map<string, { readonly address: string; readonly atMs: number }>()

  /** At once: subnet match, remembered route, else a guess. */
  pick(peer: string): string {
    return this.#onLink(peer) ?? this.#remembered(peer) ?? this.#guess(peer)
  }

  /** True when `pick` knows rather than guesses. */
  knows(peer: string): boolean {
    return (this.#onLink(peer) ?? this.#remembered(peer)) !== undefined
  }

  /** Asks the kernel; never rejects. */
  async probe(peer: string): Promise<void> {
    if (this.knows(peer)) return
    const address = await routedFrom(peer)
    if (address === undefined) return
    if (this.#routes.size > 10_000) this.#routes.clear()
    this.#routes.set(peer, { address, atMs: performance.now() })
  }

  #onLink(peer: string): string | undefined {
    if (isIP(peer) === 0) return undefined
    const family = isIPv6(peer) ? 'ipv6' : 'ipv4'
    const own = this.#refreshed()
    return (
      own.find(entry => entry.address === peer)?.address ??
      own.find(entry => entry.family === family && entry.subnet.check(peer, family))?.address
    )
  }

  #remembered(peer: string): string | undefined {
    const route = this.#routes.get(peer)
    return route !== undefined && performance.now() - route.atMs < routesFreshMs ? route.address : undefined
  }

  #guess(peer: string): string {
    const family = isIPv6(peer) ? 'ipv6' : 'ipv4'
    const stale = this.#routes.get(peer)?.address
    const outward = this.#refreshed().find(entry => entry.family === family && !isLoopback(entry.address))
    return stale ?? outward?.address ?? (family === 'ipv6' ? '::1' : '127.0.0.1')
  }

  #refreshed(): readonly InterfaceAddress[] {
    const nowMs = performance.now()
    if (nowMs - this.#readAtMs > interfacesFreshMs) {
      this.#readAtMs = nowMs
      this.#interfaces = readInterfaces()
    }
    return this.#interfaces
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^127\./.test(address)
}

function readInterfaces(): InterfaceAddress[] {
  const entries: InterfaceAddress[] = []
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, cidr, family } of addresses ?? []) {
      const prefix = Number(cidr?.split('/')[1])
      if (!Number.isInteger(prefix)) continue
      const kind = family === 'IPv6' ? 'ipv6' : 'ipv4'
      const subnet = new BlockList()
      subnet.addSubnet(address, prefix, kind)
      entries.push({ address, subnet, family: kind })
    }
  }
  return entries
}

function routedFrom(peer: string): Promise<string | undefined> {
  if (!isIPv4(peer) && !isIPv6(peer)) return Promise.resolve(undefined)
  return new Promise(resolve => {
    const socket = createSocket(isIPv6(peer) ? 'udp6' : 'udp4')
    const done = (address: string | undefined): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(address)
    }
    socket.once('error', () => done(undefined))
    socket.connect(9, peer, () => done(socket.address().address))
  })
}
