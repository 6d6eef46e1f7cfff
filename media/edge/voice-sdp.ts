import { randomInt } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { type Direction, parseRemoteVoice, type RemoteVoice, SdpRefusal, type SrtpMode } from './remote-voice.ts'
import { type CryptoLine, offerCryptoLines, writeCryptoLine } from './srtp/crypto-line.ts'
import { MasterKey } from './srtp/master-key.ts'
import { CODECS, canCarry, DEFAULT_CODECS, type Format, isG711, type VoiceCodec } from './voice-codec.ts'

/** Our numbers for telephone-event in offers, by clock. */
const EVENT_PAYLOAD_TYPE = { 8000: 101, 48000: 110 } as const

/** What we ourselves want: to talk, or to hold with or without something to hear. */
export type LocalWish = 'sendrecv' | 'sendonly' | 'inactive'
type EventFormat = { readonly payloadType: number; readonly clockRate: number }
type VoiceLine = {
  proto: string
  /** Our keys: one once it was agreed, one for each suite in a first offer. */
  crypto: readonly CryptoLine[]
  formats: readonly Format[]
  events: readonly EventFormat[]
  direction: Direction
  rtcpMux: boolean
  mid: string | undefined
}
type Offered = { readonly local: VoiceLine; readonly wish: LocalWish }
/** What stood in both descriptions of the last exchange that came to an end. */
export type Exchange = { readonly local: VoiceLine; readonly remote: RemoteVoice; readonly wish: LocalWish }

/** What the payload types of voice mean on the wire, in both directions. */
export function wireFormats({ local, remote }: Exchange): readonly Format[] {
  const formats = new Map<number, Format>()
  for (const format of [...local.formats, ...remote.formats]) formats.set(format.payloadType, format)
  return [...formats.values()]
}

const sends = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly'
const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly'

function directionOf(send: boolean, receive: boolean): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly'
  return receive ? 'recvonly' : 'inactive'
}

/** What we say we do, given what the peer says it does and what we want (RFC 3264 section 6.1). */
const answerTo = (peer: Direction, wish: LocalWish): Direction =>
  directionOf(sends(wish) && receives(peer), receives(wish) && sends(peer))

/** Our side of the offer/answer exchanges of one leg (RFC 3264): one voice line, DTMF events, everything else refused. */
export class VoiceSdp {
  readonly #address: string
  readonly #rtpPort: number
  readonly #codecs: readonly VoiceCodec[]
  readonly #srtp: SrtpMode
  readonly #sessionId = randomInt(1, 2 ** 47)
  readonly #family: 4 | 6
  #version = 0
  #lastBody = ''
  #codec: VoiceCodec | undefined
  #wish: LocalWish = 'sendrecv'
  #agreed: Exchange | undefined
  /** An offer of ours that has no answer yet. */
  #offered: Offered | undefined
  /** The one that was answered last, until the next description: another branch of the call answers it as well. */
  #answered: Offered | undefined
  /** The other m= lines with port 0, and where between them ours stands: their order never changes in a session. */
  #refusedLines: readonly string[] = []
  #position = 0

  constructor(o: { announcedAddress: string; rtpPort: number; codecs?: readonly VoiceCodec[]; srtp?: SrtpMode }) {
    this.#address = o.announcedAddress
    this.#family = isIPv6(o.announcedAddress) ? 6 : 4
    this.#rtpPort = o.rtpPort
    this.#codecs = o.codecs ?? DEFAULT_CODECS
    this.#srtp = o.srtp ?? 'off'
  }

  /** The codec of the browser, fixed by the first exchange (or by a late offer, which cannot wait for it). */
  get codec(): VoiceCodec | undefined {
    return this.#codec
  }

  /** What the next description says. */
  get wish(): LocalWish {
    return this.#wish
  }

  set wish(wish: LocalWish) {
    this.#wish = wish
  }

  get agreed(): Exchange | undefined {
    return this.#agreed
  }

  /** Answers an offer. Throws SdpRefusal when nothing fits; the session then stays as it was. */
  answer(offerSdp: string): { sdp: string; remote: RemoteVoice } {
    const family = this.#family
    const remote = parseRemoteVoice(offerSdp, { codecs: this.#codecs, fixed: this.#codec, srtp: this.#srtp, family })
    this.#codec ??= remote.codec
    const { codec, payloadType, eventPayloadType } = remote
    const local: VoiceLine = {
      proto: remote.proto,
      crypto: remote.crypto === undefined ? [] : [this.#keyFor(remote.crypto)],
      formats: [{ codec, payloadType }],
      events:
        eventPayloadType === undefined
          ? []
          : [{ payloadType: eventPayloadType, clockRate: CODECS[remote.codec].clockRate }],
      direction: answerTo(remote.direction, this.#wish),
      rtcpMux: remote.rtcpMux,
      mid: remote.mid,
    }
    this.#refusedLines = remote.refusedLines
    this.#position = remote.position
    this.#agreed = { local, remote, wish: this.#wish }
    this.#answered = undefined
    return { sdp: this.#write(local), remote }
  }

  /**
   * An offer of ours. In a first INVITE it holds all that can be chosen; in a re-INVITE only what stands on the wire, so that
   * a hold changes nothing else; in answer to an INVITE without one (`late`) what can be carried with the codec of the
   * agent's browser, which has to be known before the peer's answer comes.
   */
  offer(o: { late?: boolean } = {}): string {
    if (o.late === true) this.#codec ??= this.#codecs.find(isG711) ?? this.#codecs[0]
    const local: VoiceLine = {
      ...this.#protection(),
      ...this.#formatsToOffer(o.late === true),
      direction: this.#wish,
      rtcpMux: this.#agreed?.local.rtcpMux ?? false,
      mid: this.#agreed?.local.mid,
    }
    this.#offered = { local, wish: this.#wish }
    this.#answered = undefined
    return this.#write(local)
  }

  /** Takes the peer's answer to `offer()`. Throws SdpRefusal when it fits nothing that was offered. */
  accept(answerSdp: string): RemoteVoice {
    return this.#accept(answerSdp, this.#offered)
  }

  /** Takes the answer of another branch of a forked call (RFC 3261 section 13.2.2.4) to the offer that one has answered already. */
  acceptOfBranch(answerSdp: string): RemoteVoice {
    return this.#accept(answerSdp, this.#offered ?? this.#answered)
  }

  #accept(answerSdp: string, offered: Offered | undefined): RemoteVoice {
    if (offered === undefined) throw new SdpRefusal(488, 'an answer without an offer')
    const codecs = offered.local.formats.map(format => format.codec)
    const keys = offered.local.crypto
    const { proto } = offered.local
    const srtp = keys.length === 0 ? 'off' : /SAVP/.test(proto) ? 'required' : this.#srtp
    const remote = parseRemoteVoice(answerSdp, {
      ...{ codecs, fixed: this.#codec, srtp, family: this.#family },
      answers: { cryptoTags: keys.map(line => line.tag), proto },
    })
    const ours = keys.find(line => line.tag === remote.crypto?.tag)
    if (ours?.key.suite !== remote.crypto?.key.suite) throw new SdpRefusal(488, 'the answer has a key of another suite')
    if (!codecs.includes(remote.codec)) throw new SdpRefusal(488, 'the answer has a codec that was not offered')
    this.#codec ??= remote.codec
    this.#offered = undefined
    this.#answered = offered
    const { rtcpMux } = remote
    const local = { ...offered.local, crypto: ours === undefined ? [] : [ours], rtcpMux }
    this.#agreed = { local, remote, wish: offered.wish }
    return remote
  }

  /** Our offer was refused: what both last agreed on stands, also in what the next description says. */
  abandon(): void {
    if (this.#offered === undefined) return
    this.#offered = undefined
    this.#wish = this.#agreed?.wish ?? 'sendrecv'
  }

  /** A refresh keeps our key, or every session timer would change it; another suite needs another one. */
  #keyFor(theirs: CryptoLine): CryptoLine {
    const before = this.#agreed?.local.crypto[0]?.key
    const { tag } = theirs
    return { tag, key: before?.suite === theirs.key.suite ? before : MasterKey.random(theirs.key.suite) }
  }

  /** In kind, once something was agreed; else encrypted when it has to be. */
  #protection(): Pick<VoiceLine, 'proto' | 'crypto'> {
    if (this.#agreed !== undefined) return { proto: this.#agreed.local.proto, crypto: this.#agreed.local.crypto }
    if (this.#srtp !== 'required') return { proto: 'RTP/AVP', crypto: [] }
    // An offer that is written again before its answer keeps its keys.
    return { proto: 'RTP/SAVP', crypto: this.#offered?.local.crypto ?? offerCryptoLines() }
  }

  #formatsToOffer(late: boolean): Pick<VoiceLine, 'formats' | 'events'> {
    const agreed = this.#agreed
    const fixed = this.#codec
    const onWire = late ? undefined : agreed?.remote.codec
    const codecs = this.#codecs.filter(codec =>
      onWire !== undefined ? codec === onWire : fixed === undefined || canCarry(fixed, codec),
    )
    // What stands on the wire comes first, whatever was configured since.
    const first = agreed?.remote.codec ?? fixed
    if (first !== undefined && !codecs.includes(first)) codecs.unshift(first)
    if (first !== undefined) codecs.sort((a, b) => Number(b === first) - Number(a === first))
    const formats = codecs.map(codec => {
      const known = agreed?.remote.formats.find(format => format.codec === codec)
      return known ?? { codec, payloadType: CODECS[codec].payloadType }
    })
    if (agreed !== undefined) {
      const payloadType = agreed.remote.eventPayloadType
      // A peer without events would only be asked for them again.
      return { formats, events: payloadType === undefined ? [] : [{ payloadType, clockRate: clockOf(agreed) }] }
    }
    const clocks = [...new Set(codecs.map(codec => CODECS[codec].clockRate))]
    return { formats, events: clocks.map(clockRate => ({ payloadType: EVENT_PAYLOAD_TYPE[clockRate], clockRate })) }
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
    const payloadTypes = [...line.formats, ...line.events].map(format => format.payloadType)
    const lines = [`m=audio ${this.#rtpPort} ${line.proto} ${payloadTypes.join(' ')}`]
    for (const { codec, payloadType } of line.formats) lines.push(`a=rtpmap:${payloadType} ${CODECS[codec].rtpmap}`)
    for (const { payloadType, clockRate } of line.events) {
      lines.push(`a=rtpmap:${payloadType} telephone-event/${clockRate}`, `a=fmtp:${payloadType} 0-15`)
    }
    lines.push(...line.crypto.map(writeCryptoLine), 'a=ptime:20')
    if (line.mid !== undefined) lines.push(`a=mid:${line.mid}`)
    if (line.rtcpMux) lines.push('a=rtcp-mux')
    lines.push(`a=${line.direction}`)
    return lines
  }
}

const clockOf = (exchange: Exchange): number => CODECS[exchange.remote.codec].clockRate
