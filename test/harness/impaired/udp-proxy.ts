import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Line } from './line.ts'
import { Timetable } from './timetable.ts'

const HOST = '127.0.0.1'
/** ICE of a page opens a handful of sockets; more is not a phone. */
const MAX_PEERS = 64
const MAX_IN_FLIGHT = 4_000

/** One socket of the phone, and the socket by which the server knows it. */
type Peer = { readonly address: string; readonly port: number; server: Socket }
export type UdpProxyOptions = {
  readonly target: { readonly host: string; readonly port: number }
  readonly up: Line
  readonly down: Line
  /** False while no datagram passes (blackout, or a network without UDP). */
  readonly passes: () => boolean
  /** Source ports that are let through unimpaired, for example a relay's. */
  readonly exempt: (port: number) => boolean
}
export type UdpCounts = { readonly up: number; readonly down: number; readonly lost: number }

/** Carries datagrams between the phone and one port of the server, as a bad network would. */
export class UdpProxy {
  readonly port: number
  readonly #front: Socket
  readonly #o: UdpProxyOptions
  readonly #peers = new Map<string, Peer>()
  readonly #inFlight = new Timetable()
  #up = 0
  #down = 0
  #lost = 0
  #closed = false

  private constructor(front: Socket, options: UdpProxyOptions) {
    this.#front = front
    this.#o = options
    this.port = (front.address() as AddressInfo).port
    front.on('message', (bytes, from) => this.#fromPhone(bytes, from))
    front.on('error', () => {})
  }

  static async open(options: UdpProxyOptions): Promise<UdpProxy> {
    const front = createSocket('udp4')
    front.bind(0, HOST)
    await once(front, 'listening')
    return new UdpProxy(front, options)
  }

  get counts(): UdpCounts {
    return { up: this.#up, down: this.#down, lost: this.#lost }
  }

  /** From now on the server sees the phone under another port, as after a NAT forgot it or the phone changed networks. */
  rebind(): void {
    for (const peer of this.#peers.values()) {
      peer.server.close()
      peer.server = this.#serverSocket(peer)
    }
  }

  /** What is on its way is lost. */
  dropInFlight(): void {
    this.#lost += this.#inFlight.size
    this.#inFlight.clear()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.dropInFlight()
    const sockets = [this.#front, ...[...this.#peers.values()].map(peer => peer.server)]
    this.#peers.clear()
    await Promise.all(sockets.map(socket => new Promise<void>(done => socket.close(done))))
  }

  #fromPhone(bytes: Buffer, { address, port }: RemoteInfo): void {
    const key = `${address}:${port}`
    let peer = this.#peers.get(key)
    if (peer === undefined) {
      if (this.#peers.size >= MAX_PEERS) return
      peer = { address, port, server: this.#serverSocket({ address, port }) }
      this.#peers.set(key, peer)
    }
    const { server } = peer
    const { host, port: targetPort } = this.#o.target
    this.#carry(bytes, this.#o.up, this.#o.exempt(port), () => {
      this.#up += 1
      // A rebind closes the old socket under datagrams that are on their way: they are lost.
      if (this.#peers.get(key)?.server === server) server.send(bytes, targetPort, host)
    })
  }

  #serverSocket(phone: { readonly address: string; readonly port: number }): Socket {
    const socket = createSocket('udp4')
    socket.on('message', bytes => {
      this.#carry(bytes, this.#o.down, this.#o.exempt(phone.port), () => {
        this.#down += 1
        if (!this.#closed) this.#front.send(bytes, phone.port, phone.address)
      })
    })
    socket.on('error', () => {})
    return socket
  }

  #carry(bytes: Buffer, line: Line, exempt: boolean, deliver: () => void): void {
    if (this.#closed) return
    if (exempt) {
      deliver()
      return
    }
    const nowMs = performance.now()
    const arrivesMs = this.#o.passes() ? line.datagram(bytes.length, nowMs) : undefined
    if (arrivesMs === undefined || this.#inFlight.size >= MAX_IN_FLIGHT) this.#lost += 1
    else this.#inFlight.add(arrivesMs, deliver)
  }
}
