import type { AskedTransfer } from './asked-transfer.ts'
import type { G711Codec } from './g711.ts'
import { codecOf, type Direction, readVoiceSdp, type VoiceDescription, writeVoiceSdp } from './phone-sdp.ts'
import { type SampleSource, silence } from './sample-source.ts'
import type { SipPhone } from './sip-phone.ts'
import { cseqOf, headerOf, headersOf, randomTag, type SipText, statusOf, uriOf } from './sip-text.ts'
import type { VoiceStream } from './voice-stream.ts'

export type CallOptions = {
  readonly codecs?: readonly G711Codec[]
  /** What the caller says from the answer on; silence when not given. */
  readonly says?: SampleSource
  /** What this phone answers to a transfer, as a SIP status; without it the phone cannot transfer and says so in Allow. */
  readonly onTransfer?: (transfer: AskedTransfer) => number
}
export type PhoneCallEnd = { readonly by: 'us' | 'peer' | 'wire'; readonly status: number; readonly reason: string }
type Reply = { readonly status: number; readonly sdp?: string }

/** One call of a simulated phone: the dialog of RFC 3261 section 12 as the calling side sees it. */
export class PhoneCall {
  readonly callId = `${randomTag()}@simulated`
  readonly voice: VoiceStream
  /** Every status that came for the first INVITE, in order of arrival. */
  readonly statuses: number[] = []
  /** Every description that the other side offered in this call, in order of arrival. */
  readonly offers: VoiceDescription[] = []
  readonly #phone: SipPhone
  readonly #to: string
  readonly #codecs: readonly G711Codec[]
  readonly #says: SampleSource
  readonly #onTransfer: CallOptions['onTransfer']
  readonly #localTag = randomTag()
  readonly #sessionId = Date.now()
  readonly #ringing = Promise.withResolvers<void>()
  readonly #answered = Promise.withResolvers<VoiceDescription>()
  readonly #ended = Promise.withResolvers<PhoneCallEnd>()
  #end: PhoneCallEnd | undefined
  #byeReason = ''
  #version = 1
  #cseq = 1
  #inviteBranch = ''
  #inviteUri = ''
  #remoteTo = ''
  #remoteTarget = ''
  #routes: readonly string[] = []
  #ack: (() => void) | undefined
  #cancelled = false
  #direction: Direction = 'sendrecv'

  constructor(phone: SipPhone, voice: VoiceStream, to: string, options: CallOptions) {
    this.#phone = phone
    this.voice = voice
    this.#to = to
    this.#codecs = options.codecs ?? ['PCMU', 'PCMA']
    this.#says = options.says ?? silence
    this.#onTransfer = options.onTransfer
    // Those who never wait on these must not crash on them.
    for (const { promise } of [this.#ringing, this.#answered]) promise.catch(() => {})
  }

  /** Resolves at 180 or 183; rejects when the call ends before. */
  get rings(): Promise<void> {
    return this.#ringing.promise
  }
  /** Resolves with the server's SDP answer; rejects when the call is refused or cancelled. */
  get answered(): Promise<VoiceDescription> {
    return this.#answered.promise
  }
  get ended(): Promise<PhoneCallEnd> {
    return this.#ended.promise
  }
  get isOver(): boolean {
    return this.#end !== undefined
  }

  dial(authorization?: readonly [string, string]): void {
    const { host, port, transport } = this.#phone.server
    this.#inviteUri = `sip:${this.#to}@${host}:${port}${transport === 'tcp' ? ';transport=tcp' : ''}`
    const invite = {
      headers: [...this.#headers('INVITE', this.#cseq), ...(authorization ? [authorization] : [])],
      body: this.#sdp('sendrecv'),
      onResponse: (response: SipText | undefined) => this.#onInviteResponse(response, authorization !== undefined),
    }
    this.#inviteBranch = this.#phone.request('INVITE', this.#inviteUri, invite)
  }

  /** Gives up before the answer (RFC 3261 section 9). */
  cancel(): void {
    this.#cancelled = true
    const headers = this.#headers('CANCEL', this.#cseq)
    this.#phone.request('CANCEL', this.#inviteUri, { headers, branch: this.#inviteBranch, onResponse: () => {} })
  }

  /** BYE; resolves with the status of the reply (0 when none came). */
  async hangUp(): Promise<number> {
    if (this.#end) return 200
    const { promise, resolve } = Promise.withResolvers<number>()
    this.#inDialog('BYE', '', response => resolve(response ? statusOf(response) : 0))
    const status = await promise
    this.#finish({ by: 'us', status, reason: '' })
    return status
  }

  /** A re-INVITE. Resolves with the answer's SDP and status; on success the voice follows the new description. */
  async renegotiate(o: {
    direction: Direction
    nullAddress?: boolean
  }): Promise<{ status: number; sdp: VoiceDescription | undefined }> {
    this.#version += 1
    this.#direction = o.direction
    const { promise, resolve } = Promise.withResolvers<SipText | undefined>()
    const cseq = this.#inDialog('INVITE', this.#sdp(o.direction, o.nullAddress), response => {
      if (response && statusOf(response) < 200) return
      if (response) this.#acknowledge(response, cseq)
      resolve(response)
    })
    const response = await promise
    const sdp = response && readVoiceSdp(response.body)
    this.voice.muted = o.direction !== 'sendrecv'
    if (sdp && o.direction === 'sendrecv') this.#speak(sdp)
    return { status: response ? statusOf(response) : 0, sdp }
  }
  hold(): Promise<{ status: number; sdp: VoiceDescription | undefined }> {
    return this.renegotiate({ direction: 'sendonly' })
  }
  resume(): Promise<{ status: number; sdp: VoiceDescription | undefined }> {
    return this.renegotiate({ direction: 'sendrecv' })
  }

  /** What the phone answers to a request inside this dialog. */
  onRequest(method: string, request: SipText): Reply {
    switch (method) {
      case 'BYE':
        this.#byeReason = headerOf(request, 'reason') ?? ''
        return { status: 200 }
      case 'INVITE':
      case 'UPDATE': {
        const offer = readVoiceSdp(request.body)
        this.#version += 1
        if (offer === undefined) return { status: 200, sdp: this.#sdp(this.#direction) }
        this.offers.push(offer)
        if (offer.port !== 0) this.#speak(offer)
        const direction = answerTo(offer.direction, this.#direction)
        this.voice.muted = direction !== 'sendrecv' && direction !== 'sendonly'
        return { status: 200, sdp: this.#sdp(direction) }
      }
      case 'REFER': {
        const transfer = { referTo: headerOf(request, 'refer-to') ?? '', tell: this.#tellTransfer.bind(this) }
        return { status: this.#onTransfer?.(transfer) ?? 405 }
      }
      case 'OPTIONS':
      case 'INFO':
      case 'CANCEL':
      case 'NOTIFY':
        return { status: 200 }
      default:
        return { status: 501 }
    }
  }

  /** The reply has left; now the call may end. */
  afterReply(method: string): void {
    if (method === 'BYE') this.#finish({ by: 'peer', status: 200, reason: this.#byeReason })
  }
  wireGone(): void {
    this.#finish({ by: 'wire', status: 0, reason: 'connection lost' })
  }
  /** The phone is switched off: nothing more is sent. */
  abandon(): void {
    this.#finish({ by: 'us', status: 0, reason: 'abandoned' })
  }

  #onInviteResponse(response: SipText | undefined, authorized: boolean): void {
    if (!response) {
      this.#finish({ by: 'wire', status: 408, reason: 'no response' })
      return
    }
    const status = statusOf(response)
    const seen = this.statuses.some(value => value >= 200)
    this.statuses.push(status)
    if (status < 200) {
      if (status === 180 || status === 183) this.#ringing.resolve()
      return
    }
    if (status < 300) {
      if (seen) this.#ack?.()
      else this.#onAnswered(response)
      return
    }
    this.#phone.request('ACK', this.#inviteUri, {
      headers: this.#headers('ACK', cseqOf(response).number, headerOf(response, 'to')),
      branch: this.#inviteBranch,
    })
    if (seen) return
    if ((status === 401 || status === 407) && !authorized) {
      const credentials = this.#phone.credentials(response, 'INVITE', this.#inviteUri)
      if (credentials) {
        this.statuses.length = 0
        this.#cseq += 1
        this.dial(credentials)
        return
      }
    }
    this.#finish({ by: this.#cancelled ? 'us' : 'peer', status, reason: response.start.slice(12) })
  }

  #onAnswered(response: SipText): void {
    this.#remoteTo = headerOf(response, 'to') ?? ''
    this.#remoteTarget = uriOf(headerOf(response, 'contact')) || this.#inviteUri
    this.#routes = headersOf(response, 'record-route').reverse()
    this.#acknowledge(response, cseqOf(response).number)
    const answer = readVoiceSdp(response.body)
    if (this.#cancelled || !answer) {
      // The answer crossed our CANCEL, or cannot be used: the dialog exists and must be ended (RFC 3261 section 9.1).
      void this.hangUp()
      return
    }
    this.#speak(answer)
    this.#ringing.resolve()
    this.#answered.resolve(answer)
  }

  #speak(description: VoiceDescription): void {
    const codec = codecOf(description.payloadTypes)
    if (codec) this.voice.speakTo({ host: description.host, port: description.port }, codec, this.#says)
  }

  #tellTransfer(status: number, reason: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    const body = { text: `SIP/2.0 ${status} ${reason}\r\n`, type: 'message/sipfrag;version=2.0' }
    const state = status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'
    this.#inDialog('NOTIFY', body, response => resolve(response ? statusOf(response) : 0), [
      ['Event', 'refer'],
      ['Subscription-State', state],
      ['Contact', this.#phone.contact],
    ])
    return promise
  }

  #acknowledge(response: SipText, cseq: number): void {
    const accepted = statusOf(response) < 300
    const branch = accepted ? undefined : /branch=([^;,\s]+)/.exec(headerOf(response, 'via') ?? '')?.[1]
    const send = () => {
      this.#phone.request('ACK', this.#remoteTarget, {
        headers: [...this.#headers('ACK', cseq, headerOf(response, 'to')), ...this.#routeHeaders()],
        ...this.#nextHop(),
        ...(branch ? { branch } : {}),
      })
    }
    this.#ack = send
    send()
  }

  #inDialog(
    method: string,
    body: string | { text: string; type: string },
    onResponse: (response: SipText | undefined) => void,
    more: readonly (readonly [string, string])[] = [],
  ): number {
    this.#cseq += 1
    const headers = [...this.#headers(method, this.#cseq, this.#remoteTo), ...this.#routeHeaders(), ...more]
    this.#phone.request(method, this.#remoteTarget, { headers, body, onResponse, ...this.#nextHop() })
    return this.#cseq
  }

  #headers(method: string, cseq: number, to = `<sip:${this.#to}@${this.#phone.server.host}>`) {
    const from = `<sip:${this.#phone.number}@${this.#phone.localAddress}>;tag=${this.#localTag}`
    return [
      ['From', from],
      ['To', to],
      ['Call-ID', this.callId],
      ['CSeq', `${cseq} ${method}`],
      ...(method === 'INVITE'
        ? [
            ['Contact', this.#phone.contact],
            ['Allow', `INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY${this.#onTransfer ? ', REFER' : ''}`],
          ]
        : []),
    ] as [string, string][]
  }
  #routeHeaders(): [string, string][] {
    return this.#routes.map(route => ['Route', route])
  }
  #nextHop(): { sendTo?: { host: string; port: number } } {
    const hop = /sips?:(?:[^@>;]+@)?([\d.]+)(?::(\d+))?/.exec(this.#routes[0] ?? this.#remoteTarget)
    return hop?.[1] ? { sendTo: { host: hop[1], port: Number(hop[2] ?? 5060) } } : {}
  }

  #sdp(direction: Direction, nullAddress = false): string {
    return writeVoiceSdp({
      address: this.#phone.localAddress,
      port: this.voice.port,
      codecs: this.#codecs,
      direction,
      sessionId: this.#sessionId,
      version: this.#version,
      nullAddress,
    })
  }

  #finish(end: PhoneCallEnd): void {
    if (this.#end) return
    this.#end = end
    this.voice.close()
    this.#phone.forget(this)
    const early = new Error(`the call ended: ${end.by} ${end.status} ${end.reason}`)
    this.#ringing.reject(early)
    this.#answered.reject(early)
    this.#ended.resolve(end)
  }
}

/** What may be said to an offer's direction (RFC 3264 section 6.1), when this side wants `own`. */
function answerTo(offered: Direction, own: Direction): Direction {
  if (offered === 'sendonly') return own === 'sendrecv' || own === 'recvonly' ? 'recvonly' : 'inactive'
  if (offered === 'recvonly') return own === 'sendrecv' || own === 'sendonly' ? 'sendonly' : 'inactive'
  return offered === 'inactive' ? 'inactive' : own
}
