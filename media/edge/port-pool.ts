import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP, isIPv6 } from 'node:net'
import type { Endpoint } from './address.ts'
import { nothingRefused, type RefusedPackets } from './refused-packets.ts'

/** Ports keep being read for this long after a call, so that its last packets do not reach the next one. */
const DRAIN_MS = 30_000

export class PortsExhausted extends Error {
  override name = 'PortsExhausted'
}

/** The stream that was heard last on a port. */
export type FormerPeer = Endpoint & { readonly ssrc: number }

/** Two bound sockets: RTP on the even port, RTCP on the next one (RFC 3550 section 11). */
export type PortPair = {
  readonly rtpPort: number
  readonly rtp: Socket
  readonly rtcp: Socket
  /** Whom the call before this one was with: a lost BYE lets it go on sending here. */
  readonly former?: FormerPeer
  /** Of all ports of the pool: whoever reads this pair counts here too. */
  readonly refused: RefusedPackets
}

type Sockets = Omit<PortPair, 'former' | 'refused'>
type Draining = { pair: Sockets; listenAddress: string; timer: NodeJS.Timeout }

/** Hands out RTP/RTCP port pairs of a bounded range, in random order. */
export class PortPool {
  readonly #minPort: number
  readonly #pairs: number
  readonly #used = new Map<number, string>()
  readonly #draining = new Map<number, Draining>()
  /** By port; at most one for each pair. */
  readonly #formers = new Map<number, FormerPeer>()
  readonly #refused = nothingRefused()
  #closed = false

  /** Ports `minPort`..`maxPort` inclusive; an odd first port is left out. Throws RangeError when no pair fits. */
  constructor(o: { minPort: number; maxPort: number }) {
    this.#minPort = o.minPort + (o.minPort % 2)
    this.#pairs = Math.floor((o.maxPort - this.#minPort + 1) / 2)
    if (!(this.#pairs >= 1) || this.#minPort < 2 || o.maxPort > 65_535) {
      throw new RangeError(`no RTP port pair between ${o.minPort} and ${o.maxPort}`)
    }
  }

  get refused(): Readonly<RefusedPackets> {
    return this.#refused
  }

  stats(): { pairs: number; used: number; draining: number } {
    return { pairs: this.#pairs, used: this.#used.size, draining: this.#draining.size }
  }

  /** Throws PortsExhausted when every pair is used by a call or taken by another program. */
  async open(listenAddress: string): Promise<PortPair> {
    if (this.#closed) throw new PortsExhausted('the port pool is closed')
    const first = Math.floor(Math.random() * this.#pairs)
    for (let n = 0; n < this.#pairs; n++) {
      const port = this.#minPort + 2 * ((first + n) % this.#pairs)
      if (this.#used.has(port) || this.#draining.has(port)) continue
      this.#used.set(port, listenAddress)
      let pair: Sockets | undefined
      try {
        pair = await bindPair(listenAddress, port)
        if (pair !== undefined && !this.#closed) return this.#withFormer(pair)
      } finally {
        if (pair === undefined || this.#closed) this.#used.delete(port)
      }
      if (pair !== undefined) closePair(pair)
    }
    return this.#takeDraining(listenAddress)
  }

  /** Gives the pair back: it is drained for 30 s without keeping the process alive, then closed. `last` is who was heard there. */
  release(pair: PortPair, last?: FormerPeer): void {
    const listenAddress = this.#used.get(pair.rtpPort)
    if (listenAddress === undefined || !this.#used.delete(pair.rtpPort)) return
    if (last) this.#formers.set(pair.rtpPort, last)
    for (const socket of [pair.rtp, pair.rtcp])
      socket.removeAllListeners().on('message', ignore).on('error', ignore).unref()
    if (this.#closed) {
      closePair(pair)
      return
    }
    const timer = setTimeout(() => {
      this.#draining.delete(pair.rtpPort)
      closePair(pair)
    }, DRAIN_MS).unref()
    this.#draining.set(pair.rtpPort, { pair, listenAddress, timer })
  }

  /** Closes the draining pairs; pairs in use are closed when their call gives them back. */
  close(): void {
    this.#closed = true
    for (const { pair, timer } of this.#draining.values()) {
      clearTimeout(timer)
      closePair(pair)
    }
    this.#draining.clear()
  }

  #withFormer({ rtpPort, rtp, rtcp }: Sockets): PortPair {
    const former = this.#formers.get(rtpPort)
    return { rtpPort, rtp, rtcp, refused: this.#refused, ...(former && { former }) }
  }

  /** A short range under load: the pair that has drained longest is better than no call. */
  #takeDraining(listenAddress: string): PortPair {
    for (const [port, draining] of this.#draining) {
      if (draining.listenAddress !== listenAddress || this.#closed) continue
      clearTimeout(draining.timer)
      this.#draining.delete(port)
      this.#used.set(port, listenAddress)
      for (const socket of [draining.pair.rtp, draining.pair.rtcp]) socket.removeAllListeners().ref()
      return this.#withFormer(draining.pair)
    }
    throw new PortsExhausted(`all ${this.#pairs} RTP port pairs are in use`)
  }
}

async function bindPair(listenAddress: string, port: number): Promise<Sockets | undefined> {
  const rtp = await bind(listenAddress, port)
  if (rtp === undefined) return undefined
  try {
    const rtcp = await bind(listenAddress, port + 1)
    if (rtcp !== undefined) return { rtpPort: port, rtp, rtcp }
  } catch (error) {
    rtp.close()
    throw error
  }
  rtp.close()
  return undefined
}

/** undefined when the port is taken; any other failure (an address this machine does not have) is thrown. */
async function bind(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket(
    isIPv6(address) ? { type: 'udp6', lookup: mappedLookup } : { type: 'udp4', lookup: literalLookup },
  )
  try {
    // Listen first: with a synchronous lookup the socket is bound before bind() returns.
    const listening = once(socket, 'listening')
    socket.bind(port, address)
    await listening
    return socket
  } catch (error) {
    socket.close()
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

type Looked = (error: NodeJS.ErrnoException | null, address: string, family: number) => void

/** Media only goes to literal addresses; answering at once spares every packet a trip through the event loop. */
function literalLookup(address: string, _options: unknown, callback: Looked): void {
  const family = isIP(address)
  callback(family === 0 ? new Error('not an IP address') : null, address, family)
}

/** A socket of both versions reaches IPv4 under its IPv6 name. */
function mappedLookup(address: string, options: unknown, callback: Looked): void {
  literalLookup(isIP(address) === 4 ? `::ffff:${address}` : address, options, callback)
}

function closePair(pair: Sockets): void {
  pair.rtp.close()
  pair.rtcp.close()
}

function ignore(): void {}
