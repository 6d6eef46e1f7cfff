import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Flow, OnBytes, SipTransport } from './flow.ts'
import { plainAddress } from './local-address.ts'
import type { SipLogger } from './sip-logger.ts'
import { StreamFramer } from './stream-framer.ts'

const maxConnections = 10_000
const connectTimeoutMs = 10_000
/** A message that has begun must end within this time, or a slow peer could hold sockets and memory for ever. */
const messageTimeoutMs = 30_000
const maxUnsentBytes = 4 * 1024 * 1024

/** One TCP listener and every connection made through it, in either direction. */
export class TcpTransport implements SipTransport {
  readonly protocol = 'tcp'
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #onBytes: OnBytes
  readonly #logger: SipLogger
  readonly #connections = new Map<string, TcpFlow>()
  #closed = false

  private constructor(server: Server, host: string, onBytes: OnBytes, logger: SipLogger) {
    const address = server.address()
    this.#server = server
    this.host = host
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    this.#onBytes = onBytes
    this.#logger = logger
  }

  static async create(host: string, port: number, onBytes: OnBytes, logger: SipLogger): Promise<TcpTransport> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 45_000 })
    server.maxConnections = maxConnections
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    const transport = new TcpTransport(server, host, onBytes, logger)
    server.on('error', error => logger.warn({ err: error }, 'SIP: TCP listener error'))
    server.on('connection', socket => {
      if (socket.remoteAddress === undefined || socket.remotePort === undefined) socket.destroy()
      else transport.#adopt(socket, plainAddress(socket.remoteAddress), socket.remotePort)
    })
    return transport
  }

  flowTo(address: string, port: number): Flow {
    const existing = this.#connections.get(`${address} ${port}`)
    if (existing?.open === true) return existing
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true })
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('connect timed out')))
    socket.once('connect', () => socket.setTimeout(0))
    return this.#adopt(socket, address, port)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const flow of this.#connections.values()) flow.destroy()
    await closed
  }

  #adopt(socket: Socket, address: string, port: number): TcpFlow {
    const key = `${address} ${port}`
    const flow = new TcpFlow(this, socket, address, port)
    this.#connections.set(key, flow)
    const framer = new StreamFramer()
    let slow: NodeJS.Timeout | undefined
    socket.on('data', (chunk: Buffer) => {
      for (const item of framer.push(chunk)) {
        if (item.kind === 'message') this.#onBytes(item.bytes, flow)
        else if (item.kind === 'ping') socket.write('\r\n')
        else {
          this.#logger.warn({ reason: item.reason }, 'SIP: a TCP stream could not be followed and was closed')
          socket.destroy()
        }
      }
      clearTimeout(slow)
      slow = framer.pending && !socket.destroyed ? setTimeout(() => socket.destroy(), messageTimeoutMs) : undefined
    })
    socket.on('error', error => this.#logger.debug({ err: error }, 'SIP: TCP connection error'))
    socket.on('close', () => {
      clearTimeout(slow)
      if (this.#connections.get(key) === flow) this.#connections.delete(key)
    })
    return flow
  }
}

class TcpFlow implements Flow {
  readonly protocol = 'tcp'
  readonly reliable = true
  readonly remoteAddress: string
  readonly remotePort: number
  readonly transport: SipTransport
  readonly #socket: Socket

  constructor(transport: SipTransport, socket: Socket, address: string, port: number) {
    this.transport = transport
    this.remoteAddress = address
    this.remotePort = port
    this.#socket = socket
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  send(bytes: Buffer, onError: (error: Error) => void): void {
    if (!this.open) {
      queueMicrotask(() => onError(new Error('connection is closed')))
      return
    }
    this.#socket.write(bytes, error => {
      if (error !== null && error !== undefined) onError(error)
    })
    // A peer that never reads must not make us keep its messages without bound.
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.destroy(new Error('peer does not read'))
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
