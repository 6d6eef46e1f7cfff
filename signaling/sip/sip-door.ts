import { AddressList } from './address-list.ts'
import { CallFailed, type CallLeg, type SipHandler } from './call-leg.ts'
import type { DialogLeg } from './dialog-leg.ts'
import { IncomingLeg } from './incoming-leg.ts'
import { ALLOWED_METHODS, checkInvite } from './invite-steps.ts'
import { type OutgoingCall, OutgoingInvite } from './outgoing-invite.ts'
import {
  createSrf,
  disconnectSrf,
  PING_MS,
  type SrfFacade,
  type SrfRequest,
  type SrfResponse,
  watchSilence,
} from './srf-facade.ts'
import { answerStrays, belongsToDialog } from './stray-requests.ts'
import type { Trunk } from './trunk.ts'
import { TrunkLine, type TrunkLineOptions } from './trunk-line.ts'

const CONNECT_TIMEOUT_MS = 10_000
const RETRY_MAX_DELAY_MS = 2000
/** Three pings without an answer. */
const SILENT_MS = 3 * PING_MS

type DoorLogger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type SipDoorOptions = {
  /** The control port of a drachtio server, embedded or real. */
  control: { host: string; port: number; secret: string }
  handler: SipHandler
  logger: DoorLogger
  /** Addresses and CIDR ranges that may call in, beside the trunks of `openTrunk`; empty or left out: all. */
  trunkAllowList?: readonly string[]
  /** Recording clients (SIPREC) that may call; left out: none. */
  recorderAllowList?: readonly string[] | undefined
  connectTimeoutMs?: number
  /** After how much silence a control connection counts as dead; at least two pings (10 s). */
  silentMs?: number
}

/** The SIP server could not be reached, or did not like the secret. */
export class SipServerUnreachable extends Error {
  override name = 'SipServerUnreachable'
}

/** The phone door: turns INVITEs into legs and hands them to its handler. */
export class SipDoor {
  readonly #srf: SrfFacade
  readonly #handler: SipHandler
  readonly #logger: DoorLogger
  readonly #trunks: AddressList
  readonly #recorders: AddressList | undefined
  readonly #legs = new Set<DialogLeg>()
  /** Ended by us, and the peer has not confirmed. */
  readonly #leaving = new Set<DialogLeg>()
  #connected = false
  #hostports: readonly string[] = []
  readonly #dialling = new Set<OutgoingInvite>()
  readonly #lines = new Set<TrunkLine>()
  readonly #stopping = new AbortController()
  #closing: Promise<void> | undefined
  #count = {
    invites: 0,
    refused: {} as Record<string, number>,
    strangers: 0,
    reconnects: 0,
    calls: 0,
    failed: {} as Record<string, number>,
  }

  /** Connects to the SIP server. Throws SipServerUnreachable, RangeError for a bad allow-list. */
  static async create(o: SipDoorOptions): Promise<SipDoor> {
    const door = new SipDoor(o)
    try {
      await door.#connect(o)
      return door
    } catch (error) {
      await door.close()
      throw error
    }
  }

  private constructor(o: SipDoorOptions) {
    this.#handler = o.handler
    this.#logger = o.logger
    this.#trunks = new AddressList(o.trunkAllowList ?? [])
    this.#recorders = o.recorderAllowList && new AddressList(o.recorderAllowList)
    this.#srf = createSrf()
    this.#srf.invite((req, res) => this.#invited(req, res))
    this.#srf.options((req, res) => this.#asked(req, res))
    answerStrays(this.#srf, { hears: req => this.#hears(req), gaveUp: bye => this.#gaveUp(bye) })
    this.#srf.on('error', error => this.#logger.warn({ err: error }, 'control connection to the SIP server failed'))
    this.#srf.on('close', () => this.#disconnected())
  }

  get connected(): boolean {
    return this.#connected
  }

  /** Where SIP is spoken, as the server says it: `udp/192.0.2.1:5060`. */
  get hostports(): readonly string[] {
    return this.#hostports
  }

  /**
   * Calls somebody through a trunk; resolves when the 200 has been acknowledged.
   * Rejects CallFailed when nobody answers, whatever the cause.
   */
  async call(call: OutgoingCall): Promise<{ leg: CallLeg; answerSdp: string }> {
    this.#count.calls++
    if (this.#closing !== undefined || !this.#connected)
      throw new CallFailed({ kind: 'unreachable', status: 503, reason: 'no SIP server' })
    const invite = new OutgoingInvite({
      srf: this.#srf,
      call: { ...call, signal: AbortSignal.any([call.signal, this.#stopping.signal]) },
      logger: this.#logger,
      onLeg: leg => this.#legs.add(leg),
      onGone: leg => this.#ended(leg),
    })
    this.#dialling.add(invite)
    try {
      return await invite.start()
    } catch (error) {
      if (error instanceof CallFailed) this.#count.failed[error.kind] = (this.#count.failed[error.kind] ?? 0) + 1
      throw error
    } finally {
      this.#dialling.delete(invite)
    }
  }

  /** Registers at a trunk and asks it now and then whether it is there, as far as its options say. Ends with the door. */
  openTrunk(trunk: Trunk, options: TrunkLineOptions): TrunkLine {
    const line = new TrunkLine({ srf: this.#srf, trunk, options, logger: this.#logger })
    this.#lines.add(line)
    line.start()
    return line
  }

  /** Whether one of our trunks is at this address: it may call and ask whatever the allow-list says. */
  isTrunk(address: string): boolean {
    return [...this.#lines].some(line => line.isAt(address))
  }

  #mayCall(address: string): boolean {
    return this.#trunks.isEmpty || this.#trunks.has(address) || this.isTrunk(address)
  }

  stats() {
    const { refused, failed } = this.#count
    return {
      ...this.#count,
      refused: { ...refused },
      failed: { ...failed },
      legs: this.#legs.size,
      dialling: this.#dialling.size,
      connected: this.#connected,
      trunks: [...this.#lines].map(line => line.state),
    }
  }

  /** Hangs up what is left, then leaves the SIP server. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#lines].map(line => line.close()))
    await Promise.all(
      [...this.#legs].map(leg => {
        leg.reject(503, 'server stopped')
        return leg.hangUp('server stopped')
      }),
    )
    await disconnectSrf(this.#srf)
    this.#connected = false
  }

  #connect(o: SipDoorOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeoutMs = o.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
      const timer = setTimeout(() => reject(new SipServerUnreachable(`no SIP server after ${timeoutMs} ms`)), timeoutMs)
      this.#srf.on('connect', (error: Error | null, hostports?: string, serverVersion?: string) => {
        clearTimeout(timer)
        if (error) {
          this.#logger.error({ err: error }, 'the SIP server refused the control secret')
          reject(new SipServerUnreachable('the SIP server refused the control secret', { cause: error }))
          return
        }
        if (this.#hostports.length > 0) this.#count.reconnects++
        watchSilence(this.#srf, { serverVersion, silentMs: o.silentMs ?? SILENT_MS })
        for (const line of this.#lines) line.reconnected()
        this.#connected = this.#closing === undefined
        for (const leg of [...this.#legs, ...this.#leaving]) leg.controlBack()
        this.#hostports = (hostports ?? '').split(',').filter(hostport => hostport !== '')
        this.#logger.info({ hostports: this.#hostports }, 'connected to the SIP server')
        resolve()
      })
      const reconnect = { retryMaxDelay: RETRY_MAX_DELAY_MS }
      this.#srf.connect({ ...o.control, reconnect, enablePing: true, pingInterval: PING_MS })
    })
  }

  #disconnected(): void {
    if (!this.#connected) return
    this.#connected = false
    if (this.#closing === undefined) this.#logger.warn({ legs: this.#legs.size }, 'lost the SIP server, trying again')
    for (const leg of [...this.#legs, ...this.#leaving]) leg.controlLost()
    for (const invite of this.#dialling) invite.controlLost()
  }

  #ended(leg: DialogLeg): void {
    this.#legs.delete(leg)
    this.#leaving.add(leg)
    void leg.left.then(() => this.#leaving.delete(leg))
  }

  #invited(req: SrfRequest, res: SrfResponse): void {
    this.#count.invites++
    const same = this.#ringing().find(leg => leg.isMergedWith(req))
    const refusal = checkInvite(req, {
      merged: () => same !== undefined,
      mayCall: address => this.#mayCall(address),
      recorders: this.#handler.onRecording && this.#recorders,
      closing: this.#closing !== undefined,
    })
    if (refusal !== undefined) {
      // Not silent even for strangers: the server has said 100 already, and drachtio-srf keeps what is not answered.
      this.#count.refused[refusal.why] = (this.#count.refused[refusal.why] ?? 0) + 1
      res.send(refusal.status, refusal.headers === undefined ? {} : { headers: refusal.headers })
      same?.stayCancellable()
      return
    }
    const leg = new IncomingLeg({
      srf: this.#srf,
      req,
      res,
      logger: this.#logger,
      onGone: gone => this.#ended(gone),
    })
    this.#legs.add(leg)
    this.#logger.info({ legId: leg.id, sipCallId: leg.sipCallId }, 'a call comes in')
    void this.#handOver(leg)
  }

  async #handOver(leg: IncomingLeg): Promise<void> {
    try {
      if (leg.isRecording && this.#handler.onRecording) await this.#handler.onRecording(leg)
      else await this.#handler.onInvite(leg)
    } catch (error) {
      if (leg.gone.aborted) {
        this.#logger.debug({ legId: leg.id, err: error }, 'a call ended before it was handled')
        return
      }
      this.#logger.error({ legId: leg.id, err: error }, 'a call could not be handled')
      leg.reject(500, 'server error')
      await leg.hangUp('server error')
    }
  }

  #ringing(): IncomingLeg[] {
    return [...this.#legs].filter(leg => leg instanceof IncomingLeg)
  }

  #gaveUp(bye: SrfRequest): boolean {
    return this.#ringing().some(leg => leg.gaveUp(bye))
  }

  #hears(req: SrfRequest): boolean {
    const heard = this.#mayCall(req.source_address)
    if (!heard) this.#count.strangers++
    return heard
  }

  /** Keep-alive of trunks: 200 means calls are welcome. Strangers get no answer at all. */
  #asked(req: SrfRequest, res: SrfResponse): void {
    if (!this.#hears(req)) return
    if (belongsToDialog(req)) {
      res.send(481)
      return
    }
    const ready = this.#closing === undefined && (this.#handler.onOptions?.() ?? true)
    const headers = { Allow: ALLOWED_METHODS, Accept: 'application/sdp', Supported: 'timer' }
    if (ready) res.send(200, { headers })
    else res.send(503, { headers: { 'Retry-After': '10' } })
  }
}
