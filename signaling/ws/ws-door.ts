import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { SUBPROTOCOL } from '../protocol/wire.ts'
import { Connection } from './connection.ts'

/** Ink of a whole stroke is below 10 kB; nothing larger has business here. */
const MAX_FRAME_BYTES = 128 * 1024
const HEARTBEAT_MS = 15_000

export type WsVerdict = { accept: (connection: Connection) => void } | { status: 401 | 403 | 404 | 503; reason: string }

export type WsDoorOptions = {
  readonly servers: readonly Server[]
  /** Decides from path, cookies and origin, before the upgrade, whether this browser may come in. */
  readonly admit: (request: IncomingMessage) => WsVerdict
  readonly refused: (status: number) => void
}

/** The WebSocket door: upgrade, subprotocol, frame size, heartbeat. */
export class WsDoor {
  readonly #server: WebSocketServer
  readonly #connections = new Set<Connection>()
  readonly #heartbeat: NodeJS.Timeout
  #closed = false

  constructor(options: WsDoorOptions) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      handleProtocols: offered => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    })
    for (const server of options.servers) {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        socket.on('error', () => socket.destroy())
        const verdict = this.#closed ? { status: 503 as const, reason: 'stopping' } : options.admit(request)
        if ('status' in verdict) {
          options.refused(verdict.status)
          socket.end(`HTTP/1.1 ${verdict.status} ${verdict.reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
          return
        }
        this.#server.handleUpgrade(request, socket, head, ws => {
          const connection = new Connection(ws)
          if (ws.protocol !== SUBPROTOCOL) return connection.close('wrongVersion')
          this.#connections.add(connection)
          ws.on('close', () => this.#connections.delete(connection))
          verdict.accept(connection)
        })
      })
    }
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#connections) connection.heartbeat()
    }, HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  get connections(): number {
    return this.#connections.size
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#heartbeat)
    for (const connection of this.#connections) connection.close('serverStopping')
    // A page that does not answer the close frame must not hold up the stop.
    const deadline = setTimeout(() => {
      for (const connection of this.#connections) connection.terminate()
    }, 500)
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
    while (this.#connections.size > 0) await new Promise(resolve => setTimeout(resolve, 10))
    clearTimeout(deadline)
  }
}
