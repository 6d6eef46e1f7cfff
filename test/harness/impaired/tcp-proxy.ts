import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import type { Line } from './line.ts'
import { TcpFlow } from './tcp-flow.ts'

const HOST = '127.0.0.1'
const MAX_CONNECTIONS = 64

export type TcpProxyOptions = {
  readonly target: { readonly host: string; readonly port: number }
  readonly up: Line
  readonly down: Line
  readonly chance: Chance
  readonly conditions: () => Conditions
  readonly isDark: () => boolean
}
type Pair = {
  readonly phone: Socket
  readonly server: Socket
  readonly flows: readonly TcpFlow[]
  /** One end is gone, and the blackout keeps the other from knowing. */
  ended: boolean
}

/** Carries TCP connections (HTTPS, WebSocket) between the phone and one port of the server, as a bad network would. */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #o: TcpProxyOptions
  readonly #pairs = new Set<Pair>()
  #opened = 0

  private constructor(server: Server, options: TcpProxyOptions) {
    this.#server = server
    this.#o = options
    this.port = (server.address() as AddressInfo).port
    server.on('connection', phone => this.#accept(phone))
  }

  static async open(options: TcpProxyOptions): Promise<TcpProxy> {
    // Half-open connections stay: an end travels like any other byte.
    const server = createServer({ allowHalfOpen: true })
    server.maxConnections = MAX_CONNECTIONS
    server.listen(0, HOST)
    await once(server, 'listening')
    return new TcpProxy(server, options)
  }

  get counts(): { readonly opened: number; readonly open: number } {
    return { opened: this.#opened, open: this.#pairs.size }
  }

  darken(): void {
    for (const pair of this.#pairs) for (const flow of pair.flows) flow.darken()
  }

  /** The radio is on again: ends that the other side could not hear of are told. */
  lighten(): void {
    for (const pair of this.#pairs) if (pair.ended) this.#drop(pair)
  }

  /** Every connection breaks at once, as when a phone changes networks. */
  reset(): void {
    for (const pair of this.#pairs) this.#drop(pair)
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(phone: Socket): void {
    this.#opened += 1
    const { target, up, down, chance, conditions, isDark } = this.#o
    const server = connect({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true })
    phone.setNoDelay(true)
    const common = { chance, conditions, isDark }
    const pair: Pair = {
      phone,
      server,
      flows: [
        new TcpFlow({ from: phone, to: server, line: up, ...common }, { opens: true }),
        new TcpFlow({ from: server, to: phone, line: down, ...common }, { opens: false }),
      ],
      ended: false,
    }
    this.#pairs.add(pair)
    for (const socket of [phone, server]) {
      socket.on('error', () => {})
      socket.once('close', () => {
        const inOrder = socket.readableEnded && socket.writableFinished
        // What an orderly end leaves behind still has to arrive.
        if (inOrder && !(phone.closed && server.closed)) return
        if (isDark()) pair.ended = true
        else this.#drop(pair)
      })
    }
  }

  #drop(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return
    for (const flow of pair.flows) flow.close()
    pair.phone.destroy()
    pair.server.destroy()
  }
}
