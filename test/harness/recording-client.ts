import { readCryptoLine, writeCryptoLine } from '../../media/edge/srtp/crypto-line.ts'
import { MasterKey } from '../../media/edge/srtp/master-key.ts'
import { SrtpLink } from '../../media/edge/srtp/srtp-link.ts'
import { encodeG711, type G711Codec, PAYLOAD_TYPE } from '../../scripts/simulated-caller/g711.ts'
import type { SampleSource } from '../../scripts/simulated-caller/sample-source.ts'
import type { SipResponse } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty, rtpPacket } from '../doubles/rtp-party.ts'

const BOUNDARY = 'unique-boundary-1'
export type Person = { readonly id: string; readonly aor: string; readonly name: string; readonly says: SampleSource }
type Stream = {
  readonly person: Person
  readonly party: RtpParty
  readonly key: MasterKey
  srtp?: SrtpLink
  sent: number
  port: number
  paused: boolean
}

/** A recording client (SRC, RFC 7866) that says exactly what a test wants and sends a real stream for each person. */
export class RecordingClient {
  readonly peer: RawPeer
  readonly callId = `src-${Math.random().toString(36).slice(2)}`
  readonly sessionId: string
  readonly #streams: Stream[]
  readonly #codec: G711Codec
  readonly #srtp: boolean
  #cseq = 0
  #version = 0
  #startedAtMs = 0
  #frames = 0
  #ok: SipResponse | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(peer: RawPeer, streams: Stream[], codec: G711Codec, sessionId: string, srtp: boolean) {
    this.#srtp = srtp
    this.peer = peer
    this.#streams = streams
    this.#codec = codec
    this.sessionId = sessionId
  }

  static async create(o: {
    sipPort: number
    people: readonly Person[]
    codec?: G711Codec
    sessionId?: string
    srtp?: boolean
  }): Promise<RecordingClient> {
    const streams = await Promise.all(
      o.people.map(async (person, n) => ({
        ...{ person, sent: 0, port: 0, paused: false },
        key: MasterKey.random('AES_CM_128_HMAC_SHA1_80'),
        party: await RtpParty.create({ ssrc: 0x51000 + n }),
      })),
    )
    const sessionId = o.sessionId ?? 'hVpd7YQgRW2nD22h7q60JQ=='
    return new RecordingClient(await RawPeer.create(o.sipPort), streams, o.codec ?? 'PCMU', sessionId, o.srtp ?? false)
  }

  /** @param metadata another document than the usual one; '' for none @returns the status */
  async invite(o: { metadata?: string; require?: boolean; sdp?: string } = {}): Promise<number> {
    this.#send('INVITE', undefined, o.sdp ?? this.#sdp(), o.metadata ?? this.metadata(), o.require ?? true)
    const reply = (await this.peer.next(
      message => message.kind === 'response' && message.status >= 200 && message.cseq.method === 'INVITE',
      8000,
      'final response',
    )) as SipResponse
    if (reply.status !== 200) {
      this.#ack(reply)
      return reply.status
    }
    this.#ok = reply
    this.#ack(reply)
    this.#takePorts(reply)
    this.#startedAtMs = performance.now()
    this.#timer = setInterval(() => this.#speak(), 20)
    return 200
  }

  get answer(): SipResponse {
    if (!this.#ok) throw new Error('not answered')
    return this.#ok
  }

  /** Pauses or resumes one stream and describes everything anew. */
  async change(o: { pause?: readonly number[]; metadata?: string }): Promise<SipResponse> {
    for (const [n, stream] of this.#streams.entries()) stream.paused = o.pause?.includes(n) ?? false
    this.#send('INVITE', this.answer, this.#sdp(), o.metadata ?? this.metadata(), true)
    const reply = await this.peer.nextResponse(200, 'INVITE', 5000)
    this.#ack(reply)
    this.#takePorts(reply)
    return reply
  }

  /** A description alone. */
  async describe(metadata: string): Promise<SipResponse> {
    this.#send('UPDATE', this.answer, undefined, metadata, false)
    return this.peer.nextResponse(200, 'UPDATE', 5000)
  }

  async bye(): Promise<void> {
    clearInterval(this.#timer)
    this.#cseq++
    this.peer.inDialog('BYE', this.answer, this.#cseq)
    await this.peer.nextResponse(200, 'BYE', 5000)
  }

  close(): void {
    clearInterval(this.#timer)
    this.peer.close()
    for (const { party } of this.#streams) party.close()
  }

  /** RFC 7865, as in its appendix: who takes part, what streams there are, who speaks into which. */
  metadata(o: { mode?: 'complete' | 'partial'; people?: readonly Person[] } = {}): string {
    const people = o.people ?? this.#streams.map(one => one.person)
    const stream = (n: number) => `stream-${n}==`
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!-- a call of a contact centre -->',
      "<recording xmlns='urn:ietf:params:xml:ns:recording:1'>",
      `<datamode>${o.mode ?? 'complete'}</datamode>`,
      `<session session_id="${this.sessionId}"><sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID></session>`,
      ...people.map(
        ({ id, aor, name }) =>
          `<participant participant_id="${id}"><nameID aor="${aor}"><name xml:lang="en">${name}</name></nameID></participant>`,
      ),
      ...people.map(
        (_, n) => `<stream stream_id="${stream(n)}" session_id="${this.sessionId}"><label>${96 + n}</label></stream>`,
      ),
      ...people.map(
        ({ id }, n) =>
          `<participantstreamassoc participant_id="${id}"><send>${stream(n)}</send>${people.map((_, m) => (m === n ? '' : `<recv>${stream(m)}</recv>`)).join('')}</participantstreamassoc>`,
      ),
      '</recording>',
    ].join('\n')
  }

  #sdp(): string {
    const type = PAYLOAD_TYPE[this.#codec]
    this.#version++
    return [
      'v=0',
      `o=SRC 2890844526 ${this.#version} IN IP4 127.0.0.1`,
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      ...this.#streams.flatMap(({ party, paused, key }, n) => [
        `m=audio ${party.port} RTP/${this.#srtp ? 'SAVP' : 'AVP'} ${type}`,
        ...(this.#srtp ? [writeCryptoLine({ tag: 1, key })] : []),
        `a=rtpmap:${type} ${this.#codec}/8000`,
        `a=label:${96 + n}`,
        `a=${paused ? 'inactive' : 'sendonly'}`,
      ]),
      '',
    ].join('\r\n')
  }

  #send(
    method: 'INVITE' | 'UPDATE',
    made: SipResponse | undefined,
    sdp: string | undefined,
    metadata: string,
    require: boolean,
  ): void {
    this.#cseq++
    const part = (type: string, more: string, content: string) =>
      `--${BOUNDARY}\r\nContent-Type: ${type}\r\n${more}\r\n${content}\r\n`
    const rs = 'Content-Disposition: recording-session\r\n'
    const body =
      (sdp === undefined ? '' : part('application/sdp', '', sdp)) +
      (metadata === '' ? '' : part('application/rs-metadata+xml', rs, metadata)) +
      `--${BOUNDARY}--\r\n`
    const target = /<([^>]+)>/.exec(made?.get('contact') ?? '')?.[1] ?? `sip:recorder@127.0.0.1:${this.peer.serverPort}`
    this.peer.send(
      [
        `${method} ${target} SIP/2.0`,
        this.peer.via(),
        'Max-Forwards: 70',
        `From: ${made?.get('from') ?? `<sip:src@${this.peer.hostPort}>;tag=35e195d2`}`,
        `To: ${made?.get('to') ?? `<sip:recorder@127.0.0.1:${this.peer.serverPort}>`}`,
        `Call-ID: ${this.callId}`,
        `CSeq: ${this.#cseq} ${method}`,
        `Contact: <sip:src@${this.peer.hostPort}>;+sip.src`,
        ...(require ? ['Require: siprec'] : []),
        'Accept: application/sdp, application/rs-metadata-request',
        `Content-Type: multipart/mixed;boundary=${BOUNDARY}`,
      ],
      body,
    )
  }

  #ack(reply: SipResponse): void {
    if (reply.status === 200) this.peer.inDialog('ACK', reply, this.#cseq)
  }

  #takePorts(reply: SipResponse): void {
    const ports = [...reply.body.toString().matchAll(/^m=audio (\d+)/gm)].map(match => Number(match[1]))
    const keys = [...reply.body.toString().matchAll(/^a=crypto:(\d+) (\S+) (\S+)/gm)]
    for (const [n, stream] of this.#streams.entries()) {
      stream.port = ports[n] ?? 0
      const [, id, suite = '', config = ''] = keys[n] ?? []
      const theirs = this.#srtp ? readCryptoLine({ id: Number(id), suite, config }) : undefined
      if (theirs) stream.srtp ??= new SrtpLink({ tag: 1, key: stream.key }, theirs)
    }
  }

  /** On time, like a device: what a busy machine put off is sent at once. */
  #speak(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / 20)
    while (this.#frames < due) {
      this.#frames++
      this.#frame()
    }
  }

  #frame(): void {
    for (const stream of this.#streams) {
      const { party, person, port } = stream
      const payload = encodeG711(this.#codec, person.says(stream.sent * 160, 160))
      const at = { sequence: (100 + stream.sent) & 0xffff, timestamp: 5000 + stream.sent * 160, ssrc: party.ssrc }
      stream.sent++
      if (stream.paused || port === 0) continue
      const packet = rtpPacket({ ...at, payloadType: PAYLOAD_TYPE[this.#codec], payload })
      party.send(stream.srtp?.sender.rtp(packet) ?? packet, port)
    }
  }
}
