import { connect, createServer, isIP, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { ConnectionTable } from './connection-table.ts'
import type { Flow, OnBytes, SipTransport } from './flow.ts'
import { plainAddress } from './local-address.ts'
import type { SipLogger } from './sip-logger.ts'
import { StreamFramer } from './stream-framer.ts'
import type { TlsMaterial } from './tls-material.ts'

const maxConnections = 10_000
const connectTimeoutMs = 10_000
/** A message that has begun must end within this time, or a slow peer could hold sockets and memory for ever. */
const messageTimeoutMs = 30_000
const maxUnsentBytes = 4 * 1024 * 1024
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 45_000 }

/** One TCP or TLS listener and every connection made through it, in either direction. */
export class StreamTransport implements SipTransport {
  readonly protocol: 'tcp' | 'tls'
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #tls: TlsMaterial | undefined
  readonly #onBytes: OnBytes
  readonly #logger: SipLogger
  readonly #silentConnectionMs: number
  readonly #connections = new ConnectionTable<StreamFlow>()
  /** TCP connections whose TLS handshake has not ended, among them. */
  readonly #sockets = new Set<Socket>()
  #closed = false

  private constructor(
    server: Server,
    host: string,
    onBytes: OnBytes,
    logger: SipLogger,
    tlsMaterial: TlsMaterial | undefined,
    silentConnectionMs: number,
  ) {
    this.#silentConnectionMs = silentConnectionMs
    const address = server.address()
    this.protocol = tlsMaterial === undefined ? 'tcp' : 'tls'
    this.#tls = tlsMaterial
    this.#server = server
    this.host = host
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    this.#onBytes = onBytes
    this.#logger = logger
  }

  /** @param tlsMaterial given: TLS. */
  static async create(
    host: string,
    port: number,
    onBytes: OnBytes,
    logger: SipLogger,
    silentConnectionMs: number,
    tlsMaterial?: TlsMaterial,
  ): Promise<StreamTransport> {
    const server =
      tlsMaterial === undefined
        ? createServer(socketOptions)
        : createTlsServer({ ...socketOptions, ...tlsMaterial.serverOptions })
    server.maxConnections = maxConnections
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    const transport = new StreamTransport(server, host, onBytes, logger, tlsMaterial, silentConnectionMs)
    server.on('error', error => logger.warn({ err: error }, 'SIP: stream listener error'))
    server.on('tlsClientError', error => logger.debug({ err: error }, 'SIP: a TLS handshake failed'))
    server.on('connection', (socket: Socket) => transport.#watch(socket))
    server.on(tlsMaterial === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      if (socket.remoteAddress === undefined || socket.remotePort === undefined) socket.destroy()
      else {
        transport.#adopt(socket, plainAddress(socket.remoteAddress), socket.remotePort, '')
        transport.#endIfSilent(socket)
      }
    })
    return transport
  }

  flowTo(address: string, port: number, serverName = ''): Flow {
    const name = this.#tls === undefined ? '' : serverName
    const existing = this.#connections.find(address, port, name)
    if (existing !== undefined) return existing
    const socket =
      this.#tls === undefined
        ? connect({ host: address, port, noDelay: true, keepAlive: true })
        : connectTls({
            host: address,
            port,
            ...this.#tls.clientOptions,
            ...(name !== '' && isIP(name) === 0 && { servername: name }),
          })
    if (this.#tls !== undefined) socket.setNoDelay(true).setKeepAlive(true)
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('connect timed out')))
    socket.once(this.#tls === undefined ? 'connect' : 'secureConnect', () => socket.setTimeout(0))
    this.#watch(socket)
    return this.#adopt(socket, address, port, name)
  }

  async renew(): Promise<void> {
    this.#tls?.applyTo(this.#server as TlsServer)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#connections.destroyAll()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Who connects and says nothing would hold a socket for ever. */
  #endIfSilent(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#silentConnectionMs)
    socket.once('data', () => clearTimeout(timer))
    socket.once('close', () => clearTimeout(timer))
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #adopt(socket: Socket, address: string, port: number, serverName: string): StreamFlow {
    const flow = new StreamFlow(this, socket, address, port)
    this.#connections.add(flow, serverName)
    const framer = new StreamFramer()
    let slow: NodeJS.Timeout | undefined
    socket.on('data', (chunk: Buffer) => {
      for (const item of framer.push(chunk)) {
        if (item.kind === 'message') this.#onBytes(item.bytes, flow)
        else if (item.kind === 'ping') socket.write('\r\n')
        else {
          this.#logger.warn({ reason: item.reason }, 'SIP: a stream could not be followed and was closed')
          socket.destroy()
        }
      }
      clearTimeout(slow)
      slow = framer.pending && !socket.destroyed ? setTimeout(() => socket.destroy(), messageTimeoutMs) : undefined
    })
    socket.on('error', error => this.#logger.debug({ err: error }, 'SIP: stream connection error'))
    socket.on('close', () => {
      clearTimeout(slow)
      this.#connections.remove(flow, serverName)
    })
    return flow
  }
}

class StreamFlow implements Flow {
  readonly protocol: 'tcp' | 'tls'
  readonly reliable = true
  readonly remoteAddress: string
  readonly remotePort: number
  readonly transport: SipTransport
  readonly #socket: Socket

  constructor(transport: StreamTransport, socket: Socket, address: string, port: number) {
    this.protocol = transport.protocol
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

  drop(): void {
    this.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
