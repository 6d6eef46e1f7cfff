import { AddressResolver } from './address-resolver.ts'
import { Admission } from './admission.ts'
import type { AppCommand } from './app-client.ts'
import { refuse } from './app-client.ts'
import { Cdrs } from './cdrs.ts'
import { ControlServer } from './control-server.ts'
import { DialogStore } from './dialog-store.ts'
import { DigestAuthenticator } from './digest-authenticator.ts'
import { EventLoopWatch } from './event-loop-watch.ts'
import type { Flow } from './flow.ts'
import { OpenRequests } from './open-requests.ts'
import { RegisteredFlows } from './registered-flows.ts'
import { RequestRouter } from './request-router.ts'
import { RequestSender } from './request-sender.ts'
import { responseTo } from './response-building.ts'
import { returnFlow } from './return-path.ts'
import type { ServerTransaction } from './server-transaction.ts'
import { SessionTimers } from './session-timers.ts'
import { type SipLogger, silentLogger } from './sip-logger.ts'
import type { SipRequest } from './sip-message.ts'
import { type ParseFault, parseLooseMessage, parseSipMessage, parseStartLine } from './sip-parser.ts'
import { SipProxy } from './sip-proxy.ts'
import type { SipServerOptions } from './sip-server-options.ts'
import { type SipServerStats, SipStats } from './sip-stats.ts'
import { defaultSipTimers, type SipTimers } from './sip-timers.ts'
import { StackRequests } from './stack-requests.ts'
import { StatelessForwarder } from './stateless-forwarder.ts'
import { TimerSet } from './timer-set.ts'
import { TransactionLayer } from './transaction-layer.ts'
import { TransportLayer } from './transport-layer.ts'
import { UacDialogs } from './uac-dialogs.ts'
import { UacRequests } from './uac-requests.ts'
import { UasRequests } from './uas-requests.ts'
import { UasResponses } from './uas-responses.ts'
import { completeTopVia, type RportPolicy, topVia } from './via.ts'

export type { SipServerOptions } from './sip-server-options.ts'

/** A SIP server that is commanded over drachtio's control protocol. */
export class SipServer {
  readonly controlPort: number
  readonly hostports: readonly string[]
  readonly #control: ControlServer
  readonly #transport: TransportLayer
  readonly #transactions: TransactionLayer
  readonly #resolver: AddressResolver
  readonly #dialogs = new DialogStore()
  readonly #clock = new TimerSet()
  readonly #stats: SipStats
  readonly #logger: SipLogger
  readonly #proxy: SipProxy
  readonly #forwarder: StatelessForwarder
  readonly #admission: Admission | undefined
  readonly #watch: EventLoopWatch | undefined
  readonly #uasRequests: UasRequests
  readonly #uasResponses: UasResponses
  readonly #uacRequests: UacRequests
  readonly #rport: RportPolicy
  #closing: Promise<void> | undefined

  /** @throws when an address cannot be bound; nothing stays open then. */
  static async create(options: SipServerOptions): Promise<SipServer> {
    const logger = options.logger ?? silentLogger
    const stats = new SipStats()
    const { externalAddress } = options
    const { silentConnectionMs } = { ...defaultSipTimers, ...options.timers }
    const transport = await TransportLayer.create({
      listen: options.listen,
      externalAddress,
      tls: options.tls,
      silentConnectionMs,
      stats,
      logger,
    })
    try {
      const hostports = () => ({ announced: transport.hostports, local: transport.localHostports })
      const control = await ControlServer.create({ ...options.control, hostports, stats, logger })
      return new SipServer(options, transport, control, stats, logger)
    } catch (error) {
      await transport.close()
      throw error
    }
  }

  private constructor(
    options: SipServerOptions,
    transport: TransportLayer,
    control: ControlServer,
    stats: SipStats,
    logger: SipLogger,
  ) {
    this.#rport = options.rport ?? 'always'
    this.#transport = transport
    this.#control = control
    this.#stats = stats
    this.#logger = logger
    this.controlPort = control.port
    this.hostports = transport.hostports
    const timers: SipTimers = { ...defaultSipTimers, ...options.timers }
    const clock = this.#clock
    const dialogs = this.#dialogs
    const open = new OpenRequests()
    const { admission } = options
    if (admission?.overload?.eventLoopLagMs !== undefined) this.#watch = new EventLoopWatch()
    const liveCalls = (): number => dialogs.calls + open.newCalls
    this.#admission = admission === undefined ? undefined : new Admission(admission, this.#watch, liveCalls, logger)
    this.#resolver = new AddressResolver(transport.protocols, clock, options.nameServers)
    this.#transactions = new TransactionLayer({ transport, timers, clock, stats })
    const sender = new RequestSender(transport, this.#transactions, this.#resolver, clock)
    const registered = new RegisteredFlows()
    const cdrs = new Cdrs(control)
    const stack = new StackRequests(transport, dialogs, sender, cdrs)
    const sessions = new SessionTimers(stack, timers, clock, options.defaultRefresher)
    const uacDialogs = new UacDialogs({ dialogs, sender, stack, sessions, cdrs })
    const authenticator = options.auth === undefined ? undefined : new DigestAuthenticator(options.auth)
    this.#uacRequests = new UacRequests({ transport, dialogs, sender, uacDialogs, registered, cdrs })
    this.#proxy = new SipProxy({ transport, sender, open, clock, cdrs })
    this.#forwarder = new StatelessForwarder(transport, this.#resolver, cdrs)
    const router = new RequestRouter({
      handlers: options.requestHandlers ?? [],
      control,
      open,
      proxy: this.#proxy,
      logger,
    })
    this.#uasRequests = new UasRequests({
      answerOptionsOf: options.answerOptionsOf,
      router,
      cdrs,
      transport,
      dialogs,
      open,
      sessions,
      stack,
      authenticator,
      timers,
      clock,
    })
    this.#uasResponses = new UasResponses({
      transport,
      dialogs,
      open,
      stack,
      registered,
      sessions,
      cdrs,
      timers,
      clock,
    })
    this.#start()
  }

  stats(): SipServerStats {
    return this.#stats.snapshot({
      dialogs: this.#dialogs.size,
      transactions: this.#transactions.size,
      controlConnections: this.#control.connectionCount,
      ...(this.#admission?.counts ?? { strangers: 0, scanners: 0, tooFast: 0, overload: 0 }),
    })
  }

  /** Reads the certificates again, for new connections. Rejects, and changes nothing, if one cannot be used. */
  renewCertificates(): Promise<void> {
    return this.#transport.renewCertificates()
  }

  /** Ends every control connection, as a network that fails would: applications connect anew and have their dialogs again. */
  dropApplications(): void {
    this.#control.dropAll()
  }

  /** Stops at once: calls are not hung up, that is the application's business. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#clock.close()
    this.#watch?.close()
    await this.#control.close()
    this.#dialogs.close()
    this.#transactions.close()
    this.#resolver.close()
    await this.#transport.close()
  }

  #start(): void {
    this.#transactions.use({
      onRequest: (transaction, bytes) => this.#uasRequests.receive(transaction, bytes),
      onAck: (ack, flow, bytes) => this.#uasRequests.receiveAck(ack, flow, bytes),
      onCancel: (cancel, invite) => this.#onCancel(cancel, invite),
      onStrayResponse: response => this.#forwarder.forwardResponse(response),
    })
    this.#control.obey({
      sip: (command, payload) => this.#guard(() => this.#onCommand(command, payload)),
      proxy: (client, msgId, fields, payload) => this.#guard(() => this.#proxy.start(client, msgId, fields, payload)),
      clientGone: client => this.#uasRequests.clientGone(client),
      clientCame: client => this.#dialogs.takeOver(client),
    })
    this.#transport.deliverTo((bytes, flow) => this.#guard(() => this.#onBytes(bytes, flow)))
  }

  /** One message that hits a defect of ours must not end every other call of this process. */
  #guard(handle: () => void): void {
    try {
      handle()
    } catch (error) {
      this.#logger.error({ err: error }, 'SIP: a message could not be handled')
    }
  }

  #onBytes(bytes: Buffer, flow: Flow): void {
    const result = parseSipMessage(bytes)
    const { message } = result
    if (message?.kind === 'request') completeTopVia(message, flow.remoteAddress, flow.remotePort, this.#rport)
    if (!result.ok) {
      this.#stats.malformed++
      this.#logger.debug({ fault: result.fault, bytes: bytes.length }, 'SIP: malformed message')
      // A scanner is told nothing about its mistakes either: an answer is all that it wants.
      if (message?.kind !== 'request') this.#admission?.hears(flow.remoteAddress)
      else if (!this.#isTurnedAway(message, flow)) this.#refuseMalformed(message, flow, result.fault)
      return
    }
    const { cseq } = result.message
    this.#stats.countReceived(cseq.method, result.message.kind === 'response' ? result.message.status : undefined)
    if (result.message.kind === 'request') {
      if (this.#isTurnedAway(result.message, flow)) return
      if (this.#forwarder.forward(result.message)) return
      this.#transactions.receiveRequest(result.message, flow, bytes.length)
    } else this.#transactions.receiveResponse(result.message, flow, bytes.length)
  }

  /** Only what would begin something new is judged: calls and transactions that are there go on undisturbed. */
  #isTurnedAway(request: SipRequest, flow: Flow): boolean {
    if (this.#admission === undefined || request.method === 'ACK') return false
    if (this.#transactions.knows(request) || this.#dialogs.match(request) !== undefined) return false
    const verdict = this.#admission.judge(request, flow.remoteAddress)
    if (verdict.kind === 'admit') return false
    // Who is not heard need not keep a connection either.
    if (verdict.kind === 'drop') flow.drop?.()
    else {
      const response = responseTo(request, verdict.status)
      if (verdict.retryAfterSeconds !== undefined) response.add('Retry-After', String(verdict.retryAfterSeconds))
      this.#transactions.refuse(request, flow, response)
    }
    return true
  }

  #onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (!this.#proxy.cancel(cancel, invite)) this.#uasRequests.receiveCancel(cancel, invite)
  }

  /** Malformed but answerable: 400, or 505 for another version. Silence for ACK, and without the Via and CSeq by which an answer finds its request. */
  #refuseMalformed(request: SipRequest, flow: Flow, fault: ParseFault): void {
    const findable = ['via', 'cseq'].every(key => (request.get(key) ?? '') !== '')
    if (request.method === 'ACK' || !findable || topVia(request) === undefined) return
    const response = responseTo(request, fault === 'bad-version' ? 505 : 400)
    this.#transport.send(response, returnFlow(request, flow), () => {})
  }

  #onCommand(command: AppCommand, payload: Buffer): void {
    const message = parseLooseMessage(payload)
    const start = parseStartLine(message.startLine)
    if (start?.kind === 'response') this.#uasResponses.respond(command, start.status, start.reason, message)
    else if (start?.kind === 'request') this.#uacRequests.request(command, start.method, start.uri, message)
    else refuse(command, `invalid request-uri: ${message.startLine}`)
  }
}
