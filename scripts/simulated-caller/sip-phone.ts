import { createHash } from 'node:crypto'
import { type CallOptions, PhoneCall } from './phone-call.ts'
import {
  branchOf,
  cseqOf,
  headerOf,
  headersOf,
  methodOf,
  randomTag,
  type SipText,
  statusOf,
  tagOf,
} from './sip-text.ts'
import { addressTowards, openWire, type SipTarget, type SipWire } from './sip-wire.ts'
import { VoiceStream } from './voice-stream.ts'

const T1_MS = 500
const T2_MS = 4000
const GIVE_UP_MS = 64 * T1_MS
const MAX_REPLIES_KEPT = 200

export type PhoneOptions = {
  readonly server: SipTarget
  /** The number this phone calls from. */
  readonly number: string
  /** By default the address this machine uses towards the server. */
  readonly localAddress?: string
  /** For servers that challenge (RFC 8760 digest, MD5 with qop=auth). */
  readonly password?: string
}
/** A response, or undefined when none came within 32 s (timers B and F of RFC 3261). */
export type ResponseHandler = (response: SipText | undefined) => void

/**
 * A small SIP user agent for tests and for the demo: it calls, is called back inside its dialogs, holds and hangs up.
 * Simulated is only the person; the signalling and the RTP are real.
 */
export class SipPhone {
  readonly #options: PhoneOptions
  readonly #wire: SipWire
  readonly #localAddress: string
  readonly #calls = new Map<string, PhoneCall>()
  readonly #pending = new Map<string, { handler: ResponseHandler; stop(): void; isInvite: boolean }>()
  readonly #replies = new Map<string, SipText>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #closed = false

  private constructor(options: PhoneOptions, wire: SipWire, localAddress: string) {
    this.#options = options
    this.#wire = wire
    this.#localAddress = localAddress
    wire.onMessage(message => (statusOf(message) === 0 ? this.#onRequest(message) : this.#onResponse(message)))
    wire.onGone(() => {
      for (const call of this.#calls.values()) call.wireGone()
    })
  }

  static async create(options: PhoneOptions): Promise<SipPhone> {
    const localAddress = options.localAddress ?? (await addressTowards(options.server))
    return new SipPhone(options, await openWire(options.server, localAddress), localAddress)
  }

  get number(): string {
    return this.#options.number
  }
  get localAddress(): string {
    return this.#localAddress
  }
  get server(): SipTarget {
    return this.#options.server
  }
  /** `<sip:number@address:port>` where in-dialog requests reach this phone. */
  get contact(): string {
    const suffix = this.#wire.transport === 'tcp' ? ';transport=tcp' : ''
    return `<sip:${this.number}@${this.#localAddress}:${this.#wire.localPort}${suffix}>`
  }

  /** Sends the INVITE and returns at once; wait on the call's `rings` and `answered`. */
  async call(to: string, options: CallOptions = {}): Promise<PhoneCall> {
    const voice = await VoiceStream.create(this.#localAddress)
    const call = new PhoneCall(this, voice, to, options)
    this.#calls.set(call.callId, call)
    call.dial()
    return call
  }

  /** Status of an OPTIONS outside any call; 0 when nothing answers. */
  async ping(): Promise<number> {
    const uri = `sip:${this.server.host}:${this.server.port}`
    const { promise, resolve } = Promise.withResolvers<number>()
    this.request('OPTIONS', uri, {
      headers: [
        ['From', `<sip:${this.number}@${this.#localAddress}>;tag=${randomTag()}`],
        ['To', `<${uri}>`],
        ['Call-ID', `${randomTag()}@phone`],
        ['CSeq', '1 OPTIONS'],
      ],
      onResponse: response => resolve(response ? statusOf(response) : 0),
    })
    return promise
  }

  /** Starts a client transaction. Returns its branch, which an ACK for a refusal and a CANCEL must repeat. */
  request(
    method: string,
    uri: string,
    o: {
      headers: readonly (readonly [string, string])[]
      /** SDP, or what it says it is. */
      body?: string | { readonly text: string; readonly type: string }
      branch?: string
      sendTo?: { host: string; port: number }
      onResponse?: ResponseHandler
    },
  ): string {
    const branch = o.branch ?? `z9hG4bK${randomTag()}`
    const via = `SIP/2.0/${this.#wire.transport.toUpperCase()} ${this.#localAddress}:${this.#wire.localPort};branch=${branch};rport`
    const { text: body, type } = typeof o.body === 'object' ? o.body : { text: o.body ?? '', type: 'application/sdp' }
    const message: SipText = {
      start: `${method} ${uri} SIP/2.0`,
      headers: [
        ['Via', via],
        ['Max-Forwards', '70'],
        ...o.headers,
        ['User-Agent', 'tongping-simulated-phone'],
        ...(body ? [['Content-Type', type] as const] : []),
      ],
      body,
    }
    this.#wire.send(message, o.sendTo)
    if (o.onResponse) this.#track(`${branch} ${method}`, message, o.sendTo, o.onResponse, method === 'INVITE')
    return branch
  }

  /** The Authorization (or Proxy-Authorization) header that answers a challenge; undefined without a password. */
  credentials(challenge: SipText, method: string, uri: string): readonly [string, string] | undefined {
    const proxy = statusOf(challenge) === 407
    const value = headerOf(challenge, proxy ? 'proxy-authenticate' : 'www-authenticate')
    if (!value || this.#options.password === undefined) return undefined
    const field = (name: string) => new RegExp(`${name}="?([^",]+)"?`, 'i').exec(value)?.[1] ?? ''
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const cnonce = randomTag()
    const secret = md5(`${this.number}:${field('realm')}:${this.#options.password}`)
    const qop = /\bauth\b/.test(field('qop'))
    const middle = qop ? `${field('nonce')}:00000001:${cnonce}:auth` : field('nonce')
    const response = md5(`${secret}:${middle}:${md5(`${method}:${uri}`)}`)
    const parts = [
      `username="${this.number}"`,
      `realm="${field('realm')}"`,
      `nonce="${field('nonce')}"`,
      `uri="${uri}"`,
    ]
    parts.push(`response="${response}"`, 'algorithm=MD5')
    if (qop) parts.push(`cnonce="${cnonce}"`, 'nc=00000001', 'qop=auth')
    if (field('opaque')) parts.push(`opaque="${field('opaque')}"`)
    return [proxy ? 'Proxy-Authorization' : 'Authorization', `Digest ${parts.join(', ')}`]
  }

  forget(call: PhoneCall): void {
    this.#calls.delete(call.callId)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const call of this.#calls.values()) call.abandon()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#pending.clear()
    this.#wire.close()
  }

  #track(
    key: string,
    message: SipText,
    sendTo: { host: string; port: number } | undefined,
    handler: ResponseHandler,
    isInvite: boolean,
  ): void {
    let waitMs = T1_MS
    let timer: NodeJS.Timeout | undefined
    const resend = () => {
      if (timer) this.#timers.delete(timer)
      this.#wire.send(message, sendTo)
      waitMs = isInvite ? waitMs * 2 : Math.min(waitMs * 2, T2_MS)
      timer = this.#later(resend, waitMs)
    }
    // A stream does not lose messages (RFC 3261 section 17.1.1.2).
    if (this.#wire.transport === 'udp') timer = this.#later(resend, waitMs)
    const giveUp = this.#later(() => {
      stop()
      this.#pending.delete(key)
      handler(undefined)
    }, GIVE_UP_MS)
    const stop = () => {
      clearTimeout(timer)
      clearTimeout(giveUp)
    }
    this.#pending.set(key, { handler, stop, isInvite })
  }

  #later(run: () => void, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  #onResponse(response: SipText): void {
    const key = `${branchOf(response)} ${cseqOf(response).method}`
    const pending = this.#pending.get(key)
    if (!pending) return
    pending.stop()
    // An INVITE's entry stays: a repeated 2xx must be acknowledged again.
    if (!pending.isInvite && statusOf(response) >= 200) this.#pending.delete(key)
    pending.handler(response)
  }

  #onRequest(request: SipText): void {
    const method = methodOf(request)
    const key = `${branchOf(request)} ${method}`
    const known = this.#replies.get(key)
    if (known) {
      this.#wire.send(known)
      return
    }
    const call = this.#calls.get(headerOf(request, 'call-id') ?? '')
    if (method === 'ACK') return
    const answer = call?.onRequest(method, request) ?? { status: method === 'OPTIONS' ? 200 : 481 }
    const to = headerOf(request, 'to') ?? ''
    const reply: SipText = {
      start: `SIP/2.0 ${answer.status} ${answer.status === 200 ? 'OK' : 'Not here'}`,
      headers: [
        ...headersOf(request, 'via').map(value => ['Via', value] as const),
        ['From', headerOf(request, 'from') ?? ''],
        ['To', tagOf(to) ? to : `${to};tag=${randomTag()}`],
        ['Call-ID', headerOf(request, 'call-id') ?? ''],
        ['CSeq', headerOf(request, 'cseq') ?? ''],
        ['Contact', this.contact],
        ...(answer.sdp ? [['Content-Type', 'application/sdp'] as const] : []),
      ],
      body: answer.sdp ?? '',
    }
    this.#replies.set(key, reply)
    if (this.#replies.size > MAX_REPLIES_KEPT) this.#replies.delete(this.#replies.keys().next().value ?? '')
    this.#wire.send(reply)
    call?.afterReply(method)
  }
}
