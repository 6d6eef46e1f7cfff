import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { ALLOWED_METHODS } from './invite-steps.ts'
import type { LegLogger } from './leg-handlers.ts'
import type { SipHeaders, SrfFacade, SrfReply, SrfRequest } from './srf-facade.ts'
import { contactFor, sipUser, type Trunk, trunkDomain, trunkHost } from './trunk.ts'
import { sameRequest, TrunkChallenges } from './trunk-challenges.ts'

export type TrunkLineOptions = {
  /** Whether the trunk wants to know where we are (REGISTER), and for how long it is to remember it. */
  readonly register?: { readonly expiresS: number }
  /** How often the trunk is asked with OPTIONS whether it is there; undefined: never. */
  readonly keepAliveMs?: number
}

export type TrunkState = {
  readonly name: string
  /** `off`: it was not asked to register. */
  readonly registration: 'off' | 'trying' | 'registered' | 'failed'
  /** Status of the last refusal. */
  readonly refusedWith?: number
  /** undefined until the first OPTIONS was answered or not. */
  readonly reachable?: boolean
}

/** Waits after failures: 5 s, doubled each time up to 5 minutes, and never two lines at the same instant. */
const FIRST_WAIT_MS = 5000
const MAX_WAIT_MS = 300_000
const MAX_EXPIRES_S = 86_400
/** One lost OPTIONS says nothing. */
const MISSES_TO_GIVE_UP = 2
const CLOSE_WAIT_MS = 1000
/** The SIP server answers 408 after 32 s; what does not come by then was lost with the control connection. */
const ANSWER_LIMIT_MS = 40_000

/** A name may stand for several servers, and move. */
const MAX_ADDRESSES = 16

type Sending = { method: string; proxy: string; headers: SipHeaders }
type Answered = { readonly reply: SrfReply; readonly sent: SrfRequest }

/** Our standing at one trunk: registration with its refreshes, and whether the trunk answers at all. */
export class TrunkLine {
  readonly #srf: SrfFacade
  readonly #trunk: Trunk
  readonly #options: TrunkLineOptions
  readonly #logger: LegLogger
  readonly #callId = `${randomBytes(12).toString('hex')}@tongping`
  readonly #tag = randomBytes(6).toString('hex')
  /** Where it has answered from, the latest last. */
  readonly #addresses = new Set<string>()
  #sequence = 1
  #registration: TrunkState['registration']
  #refusedWith: number | undefined
  #reachable: boolean | undefined
  #failures = 0
  #misses = 0
  #expiresS: number
  #busy = false
  #closed = false
  #next: NodeJS.Timeout | undefined
  #asking: NodeJS.Timeout | undefined

  constructor(o: { srf: SrfFacade; trunk: Trunk; options: TrunkLineOptions; logger: LegLogger }) {
    this.#srf = o.srf
    this.#trunk = o.trunk
    this.#options = o.options
    this.#logger = o.logger
    this.#registration = o.options.register === undefined ? 'off' : 'trying'
    this.#expiresS = o.options.register?.expiresS ?? 0
    this.#heardFrom(trunkHost(o.trunk))
  }

  get state(): TrunkState {
    return {
      name: this.#trunk.name,
      registration: this.#registration,
      ...(this.#refusedWith !== undefined && { refusedWith: this.#refusedWith }),
      ...(this.#reachable !== undefined && { reachable: this.#reachable }),
    }
  }

  /** Whether the trunk is there: it has answered us from this address, or is called by it. */
  isAt(address: string): boolean {
    return this.#addresses.has(address)
  }

  /** Whether a call by this trunk has any chance. */
  get usable(): boolean {
    return this.#registration !== 'failed' && this.#reachable !== false
  }

  start(): void {
    if (this.#options.register !== undefined) void this.#register()
    if (this.#options.keepAliveMs !== undefined) void this.#ask(this.#options.keepAliveMs)
  }

  /** The SIP server is back; whether it is still the one that we registered by is not known. */
  reconnected(): void {
    if (this.#options.register !== undefined && !this.#busy) this.#again(0)
  }

  /** Takes the registration back, as far as that goes within a second. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#next)
    clearTimeout(this.#asking)
    if (this.#registration !== 'registered') return
    await this.#request('REGISTER', this.#registerHeaders(0), CLOSE_WAIT_MS)
    this.#registration = 'off'
  }

  async #register(): Promise<void> {
    if (this.#busy || this.#closed) return
    this.#busy = true
    const reply = await this.#request('REGISTER', this.#registerHeaders(this.#expiresS), ANSWER_LIMIT_MS)
    this.#busy = false
    if (this.#closed) return
    if (reply !== undefined && reply.status >= 200 && reply.status < 300) this.#registered(grantedS(reply, this.#user))
    else if (reply?.status === 423 && this.#askedTooLittle(reply)) this.#again(0)
    else this.#failed(reply)
  }

  #registered(grantedS: number | undefined): void {
    const seconds = Math.min(grantedS ?? this.#expiresS, MAX_EXPIRES_S)
    this.#failures = 0
    this.#refusedWith = undefined
    this.#registration = 'registered'
    // Early enough for two more tries before it runs out.
    this.#again(Math.max(1, seconds * 0.5, seconds - 600) * 1000 * (0.9 + 0.1 * Math.random()))
  }

  /** RFC 3261 section 10.2.8. */
  #askedTooLittle(reply: SrfReply): boolean {
    const minimumS = Number(/^\s*(\d{1,6})/.exec(reply.get('Min-Expires') ?? '')?.[1] ?? Number.NaN)
    if (!(minimumS > this.#expiresS && minimumS <= MAX_EXPIRES_S)) return false
    this.#expiresS = minimumS
    return true
  }

  #failed(reply: SrfReply | undefined): void {
    const status = reply?.status ?? 408
    if (this.#registration !== 'failed')
      this.#logger.warn({ trunk: this.#trunk.name, status }, 'the trunk does not register us')
    this.#registration = 'failed'
    this.#refusedWith = status
    const askedS = Number(/^\s*(\d{1,6})/.exec(reply?.get('Retry-After') ?? '')?.[1] ?? 0)
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    this.#again(Math.max(waitMs * (0.75 + 0.5 * Math.random()), Math.min(askedS * 1000, MAX_WAIT_MS)))
  }

  #again(ms: number): void {
    if (this.#closed) return
    clearTimeout(this.#next)
    this.#next = setTimeout(() => void this.#register(), ms)
    this.#next.unref()
  }

  async #ask(everyMs: number): Promise<void> {
    const reply = await this.#request('OPTIONS', { Allow: ALLOWED_METHODS, Accept: 'application/sdp' }, ANSWER_LIMIT_MS)
    if (this.#closed) return
    // Any answer of its own will do, also "not here": it is there. Made-up ones come from nowhere.
    const there = reply !== undefined && reply.source_address !== ''
    this.#misses = there ? 0 : this.#misses + 1
    if (there || this.#misses >= MISSES_TO_GIVE_UP) this.#reached(there)
    this.#asking = setTimeout(() => void this.#ask(everyMs), everyMs)
    this.#asking.unref()
  }

  #reached(reachable: boolean): void {
    if (this.#reachable !== reachable && (this.#reachable !== undefined || !reachable))
      this.#logger.warn({ trunk: this.#trunk.name, reachable }, 'a trunk came or went')
    this.#reachable = reachable
  }

  get #user(): string {
    return sipUser(this.#trunk.credentials?.username ?? this.#trunk.fromNumber)
  }

  #registerHeaders(expiresS: number): SipHeaders {
    const us = `<sip:${this.#user}@${trunkDomain(this.#trunk)}>`
    // More than one number for each: challenges take the others.
    this.#sequence += 6
    return {
      From: `${us};tag=${this.#tag}`,
      To: us,
      'Call-ID': this.#callId,
      CSeq: `${this.#sequence} REGISTER`,
      Contact: `${contactFor(this.#trunk, this.#user)};expires=${expiresS}`,
      Expires: String(expiresS),
      Allow: ALLOWED_METHODS,
    }
  }

  /** The final reply, challenges answered; undefined when none came. */
  async #request(method: string, headers: SipHeaders, limitMs: number): Promise<SrfReply | undefined> {
    const uri = `sip:${trunkDomain(this.#trunk)}`
    const challenges = new TrunkChallenges(this.#trunk)
    const late = Promise.withResolvers<undefined>()
    const limit = setTimeout(() => late.resolve(undefined), limitMs)
    try {
      let again: SipHeaders | undefined = {}
      for (;;) {
        const options: Sending = {
          method,
          proxy: challenges.proxy,
          headers: { ...headers, ...challenges.headers, ...again },
        }
        const answered: Answered | undefined = await Promise.race([this.#send(uri, options), late.promise])
        if (answered === undefined) return undefined
        const { reply, sent }: Answered = answered
        this.#heardFrom(reply.source_address)
        again = challenges.take(reply, method, uri) ? sameRequest(sent, method) : undefined
        if (again === undefined) return reply
      }
    } finally {
      clearTimeout(limit)
    }
  }

  /** undefined when it could not be sent. */
  #send(uri: string, options: Sending): Promise<Answered | undefined> {
    const done = Promise.withResolvers<Answered | undefined>()
    try {
      this.#srf.request(uri, options, (error, sent) => {
        if (error || sent === undefined) done.resolve(undefined)
        else sent.on('response', (reply: SrfReply) => reply.status >= 200 && done.resolve({ reply, sent }))
      })
    } catch {
      done.resolve(undefined)
    }
    return done.promise
  }

  #heardFrom(address: string): void {
    if (isIP(address) === 0) return
    this.#addresses.delete(address)
    this.#addresses.add(address)
    const [oldest] = this.#addresses
    if (this.#addresses.size > MAX_ADDRESSES && oldest !== undefined) this.#addresses.delete(oldest)
  }
}

/** How long the registrar remembers us: of our own Contact, else of the whole answer. */
function grantedS(reply: SrfReply, user: string): number | undefined {
  const ours = (reply.get('Contact') ?? '').split(/,(?=\s*[<"s])/i).find(contact => contact.includes(`:${user}@`))
  const granted =
    /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(ours ?? '')?.[1] ?? /^\s*(\d{1,9})/.exec(reply.get('Expires') ?? '')?.[1]
  return granted === undefined ? undefined : Number(granted)
}
