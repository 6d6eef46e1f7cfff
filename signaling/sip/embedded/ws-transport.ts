import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { ConnectionTable } from './connection-table.ts'
import type { Flow, OnBytes, SipTransport } from './flow.ts'
import { plainAddress } from './local-address.ts'
import type { SipLogger } from './sip-logger.ts'
import { maxMessageBytes } from './sip-parser.ts'
import type { TlsMaterial } from './tls-material.ts'

const maxConnections = 10_000
const maxUnsentBytes = 4 * 1024 * 1024
/** A peer that answers no ping is gone, also where TCP does not notice. */
const pingEveryMs = 30_000

/** WebSockets with the subprotocol `sip` (RFC 7118), plain or over TLS. One message is one SIP message. */
export class WsTransport implements SipTransport {
  readonly protocol: 'ws' | 'wss'
  readonly host: string
  readonly port: number
  readonly #http: Server
  readonly #sockets: WebSocketServer
  readonly #tls: TlsMaterial | undefined
  readonly #onBytes: OnBytes
  readonly #logger: SipLogger
  readonly #connections = new ConnectionTable<WsFlow>()
  readonly #pings: NodeJS.Timeout
  #closed = false

  private constructor(
    http: Server,
    host: string,
    onBytes: OnBytes,
    logger: SipLogger,
    tlsMaterial: TlsMaterial | undefined,
  ) {
    const address = http.address()
    this.protocol = tlsMaterial === undefined ? 'ws' : 'wss'
    this.#tls = tlsMaterial
    this.#http = http
    this.host = host
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    this.#onBytes = onBytes
    this.#logger = logger
    this.#sockets = new WebSocketServer({
      server: http,
      maxPayload: maxMessageBytes,
      handleProtocols: offered => (offered.has('sip') ? 'sip' : false),
      verifyClient: ({ req }, done) => {
        const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map(one => one.trim().toLowerCase())
        done(offered.includes('sip'), 400)
      },
    })
    this.#sockets.on('error', error => logger.warn({ err: error }, 'SIP: WebSocket listener error'))
    this.#sockets.on('connection', (socket, request) => this.#adopt(socket, request.socket))
    this.#pings = setInterval(() => this.#pingAll(), pingEveryMs)
    this.#pings.unref()
  }

  /** @param tlsMaterial given: wss. */
  static async create(
    host: string,
    port: number,
    onBytes: OnBytes,
    logger: SipLogger,
    tlsMaterial?: TlsMaterial,
  ): Promise<WsTransport> {
    const http =
      tlsMaterial === undefined
        ? createServer(refusePlainHttp)
        : createTlsServer(tlsMaterial.serverOptions, refusePlainHttp)
    http.maxConnections = maxConnections
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, host, () => {
        http.off('error', reject)
        resolve()
      })
    })
    http.on('tlsClientError', error => logger.debug({ err: error }, 'SIP: a TLS handshake failed'))
    return new WsTransport(http, host, onBytes, logger, tlsMaterial)
  }

  flowTo(address: string, port: number): Flow {
    return this.#connections.find(address, port) ?? closedFlow(this, address, port)
  }

  async renew(): Promise<void> {
    this.#tls?.applyTo(this.#http as TlsServer)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#pings)
    const closed = new Promise<void>(resolve => this.#http.close(() => resolve()))
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    this.#http.closeAllConnections()
    await closed
  }

  #adopt(socket: WebSocket, tcp: Socket): void {
    const { remoteAddress, remotePort } = tcp
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.terminate()
      return
    }
    const flow = new WsFlow(this, socket, plainAddress(remoteAddress), remotePort)
    this.#connections.add(flow)
    socket.on('pong', () => {
      flow.alive = true
    })
    socket.on('message', (data, isBinary) => {
      const bytes = bytesOf(data)
      // RFC 5626 3.5.1 over WebSocket (RFC 7118 6): a double CRLF is answered with a single one.
      if (bytes.length <= 4 && bytes.every(byte => byte === 13 || byte === 10)) {
        if (bytes.length === 4) socket.send('\r\n', { binary: isBinary })
      } else this.#onBytes(bytes, flow)
    })
    socket.on('error', error => this.#logger.debug({ err: error }, 'SIP: WebSocket error'))
    socket.on('close', () => this.#connections.remove(flow))
  }

  #pingAll(): void {
    for (const socket of this.#sockets.clients) {
      const flow = flows.get(socket)
      if (flow === undefined) continue
      if (!flow.alive) socket.terminate()
      flow.alive = false
      socket.ping()
    }
  }
}

const flows = new WeakMap<WebSocket, WsFlow>()

class WsFlow implements Flow {
  readonly protocol: 'ws' | 'wss'
  readonly reliable = true
  readonly remoteAddress: string
  readonly remotePort: number
  readonly transport: SipTransport
  readonly #socket: WebSocket
  alive = true

  constructor(transport: WsTransport, socket: WebSocket, address: string, port: number) {
    this.protocol = transport.protocol
    this.transport = transport
    this.remoteAddress = address
    this.remotePort = port
    this.#socket = socket
    flows.set(socket, this)
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  send(bytes: Buffer, onError: (error: Error) => void): void {
    if (!this.open) {
      queueMicrotask(() => onError(new Error('connection is closed')))
      return
    }
    // Text: SIP is UTF-8 but for its bodies, and browsers' stacks read text frames best. A body that is none goes as binary.
    const text = bytes.toString('utf8')
    const isText = Buffer.byteLength(text) === bytes.length && Buffer.from(text).equals(bytes)
    this.#socket.send(isText ? text : bytes, { binary: !isText }, error => {
      if (error !== null && error !== undefined) onError(error)
    })
    if (this.#socket.bufferedAmount > maxUnsentBytes) this.#socket.terminate()
  }

  drop(): void {
    this.destroy()
  }

  destroy(): void {
    this.#socket.terminate()
  }
}

function closedFlow(transport: WsTransport, address: string, port: number): Flow {
  return {
    protocol: transport.protocol,
    reliable: true,
    remoteAddress: address,
    remotePort: port,
    transport,
    open: false,
    send: (_bytes, onError) => queueMicrotask(() => onError(new Error('no WebSocket of this peer is open'))),
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

function refusePlainHttp(_request: unknown, response: { writeHead(status: number): { end(): void } }): void {
  response.writeHead(426).end()
}
