import { createHash, timingSafeEqual } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { AppClient, AppCommand } from './app-client.ts'
import { ControlConnection, type ControlHandler, type ControlMessage } from './control-connection.ts'
import type { SipLogger } from './sip-logger.ts'
import type { SipStats } from './sip-stats.ts'
import { TlsMaterial, type TlsOptions } from './tls-material.ts'

/** The form `v<n>.<n>.<n>` is what drachtio-srf looks at; 0.9.10 is the protocol level spoken here. */
const protocolVersion = 'v0.9.10-embedded'
const maxConnections = 256

/** What the server does with the commands of applications. */
export type CommandHandler = {
  sip(command: AppCommand, payload: Buffer): void
  proxy(client: AppClient, msgId: string, fields: readonly string[], payload: Buffer): void
  clientGone(client: AppClient): void
  clientCame(client: AppClient): void
}

export type ControlServerOptions = {
  readonly host: string
  readonly port: number
  readonly secret: string
  /** Applications then connect over TLS. */
  readonly tls?: TlsOptions
  /** Whether applications that we connect to over TLS must prove their name. Default false, as in drachtio-server. */
  readonly verifyApplications?: boolean
  readonly hostports: () => { readonly announced: readonly string[]; readonly local: readonly string[] }
  readonly stats: SipStats
  readonly logger: SipLogger
}

/** The port on which applications command the SIP server, and the choice of one for each new request. */
export class ControlServer {
  readonly #options: ControlServerOptions
  readonly #server: Server
  readonly #connections = new Set<ControlConnection>()
  readonly #turn = new Map<string, number>()
  /** Connections of ours whose application has not said the secret yet. */
  readonly #awaited = new Map<ControlConnection, (client: AppClient) => void>()
  #commands: CommandHandler | undefined
  #closed = false

  private constructor(options: ControlServerOptions, tlsMaterial: TlsMaterial | undefined) {
    this.#options = options
    const accept = (socket: Socket): void => {
      this.#connections.add(new ControlConnection(socket, this.#handler, options.logger))
    }
    const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 45_000 }
    this.#server =
      tlsMaterial === undefined
        ? createServer(socketOptions, accept)
        : createTlsServer({ ...socketOptions, ...tlsMaterial.serverOptions }, accept)
    this.#server.on('tlsClientError', error =>
      options.logger.debug({ err: error }, 'SIP control: TLS handshake failed'),
    )
    this.#server.maxConnections = maxConnections
  }

  static async create(options: ControlServerOptions): Promise<ControlServer> {
    const { tls } = options
    const control = new ControlServer(options, tls === undefined ? undefined : await TlsMaterial.read(tls))
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject)
      control.#server.listen(options.port, options.host, () => {
        control.#server.off('error', reject)
        resolve()
      })
    })
    control.#server.on('error', error => options.logger.warn({ err: error }, 'SIP control: listener error'))
    return control
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  obey(commands: CommandHandler): void {
    this.#commands = commands
  }

  /** The next application, in turn, of those that routed this method (and call themselves by this tag). */
  pick(method: string, tag?: string): AppClient | undefined {
    const verb = method.toLowerCase()
    const willing = [...this.#connections].filter(
      connection => connection.open && connection.verbs.has(verb) && (tag === undefined || connection.tags.has(tag)),
    )
    if (willing.length === 0) return undefined
    const turn = this.#turn.get(verb) ?? 0
    this.#turn.set(verb, turn + 1)
    return willing[turn % willing.length]
  }

  /**
   * Connects to an application that waits for us; it still speaks first, and says the secret.
   * Resolves once it has, rejects when it does not within ten seconds.
   */
  connectTo(o: { readonly host: string; readonly port: number; readonly tls: boolean }): Promise<AppClient> {
    const { promise, resolve, reject } = Promise.withResolvers<AppClient>()
    if (this.#closed || this.#connections.size >= maxConnections) {
      reject(new Error('no more connections to applications'))
      return promise
    }
    const { host, port } = o
    // As drachtio-server does: an application on the inside shows a certificate of its own making.
    const rejectUnauthorized = this.#options.verifyApplications ?? false
    const socket = o.tls ? connectTls({ host, port, rejectUnauthorized }) : connect({ host, port })
    socket.setNoDelay(true)
    const connection = new ControlConnection(socket, this.#handler, this.#options.logger)
    this.#connections.add(connection)
    this.#awaited.set(connection, resolve)
    socket.once('close', () => {
      this.#awaited.delete(connection)
      reject(new Error('the application did not answer'))
    })
    return promise
  }

  dropAll(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const connection of this.#connections) connection.destroy()
    this.#connections.clear()
    await closed
  }

  readonly #handler: ControlHandler = {
    authenticate: secret => {
      if (!sameSecret(secret, this.#options.secret)) return undefined
      const { announced, local } = this.#options.hostports()
      // drachtio-server names its newest transport first.
      return {
        hostports: announced.toReversed().join(','),
        version: protocolVersion,
        localHostports: local.toReversed().join(','),
      }
    },
    onMessage: (connection, message) => this.#onMessage(connection, message),
    onAuthenticated: connection => {
      this.#options.logger.info({ tags: [...connection.tags] }, 'SIP control: an application has connected')
      this.#commands?.clientCame(connection)
      this.#awaited.get(connection)?.(connection)
    },
    onRefused: () => {
      this.#options.stats.controlRefusals++
    },
    onClosed: connection => {
      this.#connections.delete(connection)
      if (!this.#closed) this.#commands?.clientGone(connection)
    },
  }

  #onMessage(connection: ControlConnection, message: ControlMessage): void {
    const { id, fields, payload } = message
    switch (message.type) {
      case 'route':
        connection.verbs.add((fields[0] ?? '').toLowerCase())
        connection.send(`response|${id}|OK`)
        return
      case 'remove_route':
        connection.verbs.delete((fields[0] ?? '').toLowerCase())
        connection.send(`response|${id}|OK`)
        return
      case 'sip': {
        const [transactionId = '', dialogId = '', route] = fields
        const command = {
          client: connection,
          msgId: id,
          transactionId,
          dialogId,
          route: route === '' ? undefined : route,
        }
        if (/^SIP\/2\.0 /.test(payload.toString('latin1', 0, 8)) && transactionId === '') {
          connection.reject(id, 'transaction id missing')
        } else this.#commands?.sip(command, payload)
        return
      }
      case 'proxy':
        if (fields.length < 4) connection.reject(id, 'Invalid proxy request: not enough information provided')
        else this.#commands?.proxy(connection, id, fields, payload)
        return
      default:
        connection.reject(id, 'Unknown message type')
    }
  }
}

/** Compares digests, so that neither length nor content of the secret shows in the time taken. */
function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
