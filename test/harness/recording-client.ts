import { readCryptoLine, writeCryptoLine } from '../../media/edge/srtp/crypto-line.ts'
import { MasterKey } from '../../media/edge/srtp/master-key.ts'
import { SrtpLink } from '../../media/edge/srtp/srtp-link.ts'
import { CODECS, isG711, type VoiceCodec } from '../../media/edge/voice-codec.ts'
import { encodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { SampleSource } from '../../scripts/simulated-caller/sample-source.ts'
import type { SipResponse } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { dtmfPayload, RtpParty, rtpPacket } from '../doubles/rtp-party.ts'

const BOUNDARY = 'unique-boundary-1'
const EVENT = 101
export type Person = {
  readonly id: string
  readonly aor: string
  readonly name: string
  readonly says: SampleSource
  /** What is said in a codec that is encoded elsewhere: frames of 20 ms, again and again. */
  readonly frames?: readonly Buffer[]
}
type Stream = {
  person: Person
  label: string
  /** The line is given up: port 0. */
  off: boolean
  readonly party: RtpParty
  readonly key: MasterKey
  srtp?: SrtpLink
  sent: number
  sequence: number
  port: number
  paused: boolean
}

/** A recording client (SRC, RFC 7866) that says exactly what a test wants and sends a real stream for each person. */
export class RecordingClient {
  readonly peer: RawPeer
  readonly callId = `src-${Math.random().toString(36).slice(2)}`
  readonly sessionId: string
  readonly #streams: Stream[]
  readonly #codec: VoiceCodec
  readonly #srtp: boolean
  #cseq = 0
  #version = 0
  #startedAtMs = 0
  #frames = 0
  #ok: SipResponse | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(peer: RawPeer, streams: Stream[], codec: VoiceCodec, sessionId: string, srtp: boolean) {
    this.#srtp = srtp
    this.peer = peer
    this.#streams = streams
    this.#codec = codec
    this.sessionId = sessionId
  }

  static async create(o: {
    sipPort: number
    people: readonly Person[]
    codec?: VoiceCodec
    sessionId?: string
    srtp?: boolean
  }): Promise<RecordingClient> {
    const streams = await Promise.all(o.people.map((person, n) => streamOf(person, n)))
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

  /** Another line for somebody; offered with the next `change`. */
  async addLine(person: Person): Promise<void> {
    this.#streams.push(await streamOf(person, this.#streams.length))
  }

  /** Another person, another label, or an end for a line; offered with the next `change`. */
  setLine(n: number, o: { person?: Person; label?: string; off?: boolean }): void {
    const stream = this.#streams[n]
    if (stream) Object.assign(stream, o)
  }

  /** Somebody presses keys (RFC 4733), each for 100 ms; the voice keeps its timeline meanwhile. */
  async press(n: number, keys: string): Promise<void> {
    for (const key of keys) {
      const stream = this.#streams[n]
      if (!stream) return
      const timestamp = 5000 + stream.sent * this.#ticks
      for (const end of [false, false, true, true, true]) {
        const payload = dtmfPayload('0123456789*#ABCD'.indexOf(key), { end, durationMs: 100 })
        const at = { sequence: stream.sequence++ & 0xffff, timestamp, ssrc: stream.party.ssrc }
        stream.party.send(rtpPacket({ ...at, payloadType: EVENT, payload }), stream.port)
      }
      await new Promise(resolve => setTimeout(resolve, 120))
    }
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
  metadata(o: { mode?: 'complete' | 'partial'; people?: readonly Person[]; more?: string } = {}): string {
    const lines = this.#streams.filter(one => !one.off)
    const people = o.people ?? lines.map(one => one.person)
    const labelOf = (n: number) => (o.people ? `${96 + n}` : (lines[n]?.label ?? ''))
    const stream = (n: number) => `stream-${Number(labelOf(n)) - 96}==`
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
        (_, n) =>
          `<stream stream_id="${stream(n)}" session_id="${this.sessionId}"><label>${labelOf(n)}</label></stream>`,
      ),
      ...people.map(
        ({ id }, n) =>
          `<participantstreamassoc participant_id="${id}"><send>${stream(n)}</send>${people.map((_, m) => (m === n ? '' : `<recv>${stream(m)}</recv>`)).join('')}</participantstreamassoc>`,
      ),
      o.more ?? '',
      '</recording>',
    ].join('\n')
  }

  #sdp(): string {
    const { payloadType: type, rtpmap, clockRate } = CODECS[this.#codec]
    this.#version++
    return [
      'v=0',
      `o=SRC 2890844526 ${this.#version} IN IP4 127.0.0.1`,
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      ...this.#streams.flatMap(({ party, paused, off, label, key }) => [
        `m=audio ${off ? 0 : party.port} RTP/${this.#srtp ? 'SAVP' : 'AVP'} ${type} ${EVENT}`,
        ...(this.#srtp ? [writeCryptoLine({ tag: 1, key })] : []),
        `a=rtpmap:${type} ${rtpmap}`,
        `a=rtpmap:${EVENT} telephone-event/${clockRate}`,
        `a=label:${label}`,
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
      const { party, port } = stream
      const payload = this.#payload(stream)
      const at = { timestamp: 5000 + stream.sent * this.#ticks, ssrc: party.ssrc }
      stream.sent++
      if (stream.paused || stream.off || port === 0) continue
      const packet = rtpPacket({
        ...{ ...at, payload, sequence: stream.sequence++ & 0xffff },
        payloadType: CODECS[this.#codec].payloadType,
      })
      party.send(stream.srtp?.sender.rtp(packet) ?? packet, port)
    }
  }

  /** Of 20 ms. */
  get #ticks(): number {
    return CODECS[this.#codec].clockRate / 50
  }

  #payload({ person, sent }: Stream): Buffer {
    if (isG711(this.#codec)) return encodeG711(this.#codec, person.says(sent * 160, 160))
    const frames = person.frames ?? []
    const frame = frames[sent % frames.length]
    if (!frame) throw new Error(`${person.name} has nothing to say in ${this.#codec}`)
    return frame
  }
}

async function streamOf(person: Person, n: number): Promise<Stream> {
  return {
    ...{ person, label: `${96 + n}`, sent: 0, sequence: 100, port: 0, paused: false, off: false },
    key: MasterKey.random('AES_CM_128_HMAC_SHA1_80'),
    party: await RtpParty.create({ ssrc: 0x51000 + n }),
  }
}
