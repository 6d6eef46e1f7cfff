import { randomInt } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { VoiceCodec } from './g711.ts'
import { PAYLOAD_TYPE } from './g711.ts'
import { parseRemoteVoice, type RemoteVoice } from './remote-voice.ts'

const OFFERED_EVENT_PAYLOAD_TYPE = 101
/** What trunks speak outside North America and Japan. */
const LATE_OFFER_CODEC: VoiceCodec = 'PCMA'

/** What we say we do, given what the peer says it does (RFC 3264 section 6.1). */
const ANSWER_TO = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const

type VoiceLine = {
  proto: string
  codecs: readonly { codec: VoiceCodec; payloadType: number }[]
  eventPayloadType: number | undefined
  direction: string
  rtcpMux: boolean
  mid: string | undefined
}

/** Our side of the offer/answer exchanges of one leg (RFC 3264): one G.711 line, DTMF events, everything else refused. */
export class VoiceSdp {
  readonly #address: string
  readonly #rtpPort: number
  readonly #sessionId = randomInt(1, 2 ** 47)
  #version = 0
  #lastBody = ''
  #codec: VoiceCodec | undefined
  #line: VoiceLine | undefined
  /** The other m= lines with port 0, and where between them ours stands: their order never changes in a session. */
  #refusedLines: readonly string[] = []
  #position = 0

  constructor(o: { announcedAddress: string; rtpPort: number }) {
    this.#address = o.announcedAddress
    this.#rtpPort = o.rtpPort
  }

  get codec(): VoiceCodec | undefined {
    return this.#codec
  }

  /** Answers an offer. Throws SdpRefusal when nothing fits; the session then stays as it was. */
  answer(offerSdp: string): { sdp: string; remote: RemoteVoice } {
    const remote = parseRemoteVoice(offerSdp, this.#codec)
    this.#codec = remote.codec
    this.#line = {
      proto: remote.proto,
      codecs: [remote],
      eventPayloadType: remote.eventPayloadType,
      direction: ANSWER_TO[remote.direction],
      rtcpMux: remote.rtcpMux,
      mid: remote.mid,
    }
    this.#refusedLines = remote.refusedLines
    this.#position = remote.position
    return { sdp: this.#write(this.#line), remote }
  }

  /**
   * An offer of ours, for an INVITE or re-INVITE without one. It holds one codec only, because the agent's browser
   * has to speak it before the peer's answer comes (in the ACK).
   */
  offer(): string {
    this.#codec ??= LATE_OFFER_CODEC
    return this.#write({
      proto: this.#line?.proto ?? 'RTP/AVP',
      codecs: [{ codec: this.#codec, payloadType: PAYLOAD_TYPE[this.#codec] }],
      eventPayloadType: this.#line === undefined ? OFFERED_EVENT_PAYLOAD_TYPE : this.#line.eventPayloadType,
      direction: 'sendrecv',
      rtcpMux: this.#line?.rtcpMux ?? false,
      mid: this.#line?.mid,
    })
  }

  /** Takes the peer's answer to `offer()`. Throws SdpRefusal when it fits nothing that was offered. */
  accept(answerSdp: string): RemoteVoice {
    const remote = parseRemoteVoice(answerSdp, this.#codec)
    this.#codec = remote.codec
    this.#line ??= {
      proto: remote.proto,
      codecs: [remote],
      eventPayloadType: remote.eventPayloadType,
      direction: ANSWER_TO[remote.direction],
      rtcpMux: remote.rtcpMux,
      mid: remote.mid,
    }
    return remote
  }

  /** The version counts changes, so a session refresh gets the very same text (RFC 3264 section 8). */
  #write(line: VoiceLine): string {
    const where = `IN ${isIPv6(this.#address) ? 'IP6' : 'IP4'} ${this.#address}`
    const lines = [...this.#refusedLines]
    lines.splice(this.#position, 0, ...this.#voiceLines(line))
    const body = ['s=-', `c=${where}`, 't=0 0', ...lines].join('\r\n')
    if (body !== this.#lastBody) {
      this.#lastBody = body
      this.#version++
    }
    return `v=0\r\no=- ${this.#sessionId} ${this.#version} ${where}\r\n${body}\r\n`
  }

  #voiceLines(line: VoiceLine): string[] {
    const payloadTypes = line.codecs.map(c => c.payloadType)
    if (line.eventPayloadType !== undefined) payloadTypes.push(line.eventPayloadType)
    const lines = [`m=audio ${this.#rtpPort} ${line.proto} ${payloadTypes.join(' ')}`]
    for (const { codec, payloadType } of line.codecs) lines.push(`a=rtpmap:${payloadType} ${codec}/8000`)
    if (line.eventPayloadType !== undefined) {
      lines.push(`a=rtpmap:${line.eventPayloadType} telephone-event/8000`, `a=fmtp:${line.eventPayloadType} 0-15`)
    }
    lines.push('a=ptime:20')
    if (line.mid !== undefined) lines.push(`a=mid:${line.mid}`)
    if (line.rtcpMux) lines.push('a=rtcp-mux')
    lines.push(`a=${line.direction}`)
    return lines
  }
}
