import { isIP } from 'node:net'
import sdpTransform from 'sdp-transform'
import { type Endpoint, isNowhere } from './address.ts'
import { type CryptoLine, readCryptoLine } from './srtp/crypto-line.ts'
import { CODECS, canCarry, type Format, isG711, type VoiceCodec } from './voice-codec.ts'

/** The session description cannot be used; `status` is the SIP answer it deserves. */
export class SdpRefusal extends Error {
  override name = 'SdpRefusal'
  readonly status: 400 | 488
  constructor(status: 400 | 488, message: string) {
    super(message)
    this.status = status
  }
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** The peer's voice line, as it will be used. */
export type RemoteVoice = {
  /** What we send. */
  codec: VoiceCodec
  /** As the peer numbers it: 0 or 8 nearly always, but an offer may map another number. */
  payloadType: number
  /** All that stood in the line and can be used; in an answer any of them may come (RFC 3264 section 6.1). */
  formats: readonly Format[]
  eventPayloadType: number | undefined
  /** Seen from the peer. A c= line that points nowhere means that it does not want to receive. */
  direction: Direction
  /** undefined when the peer names no address now (old-style hold). */
  rtp: Endpoint | undefined
  rtcp: Endpoint | undefined
  rtcpMux: boolean
  proto: string
  /** The peer's key, when the line is encrypted. */
  crypto: CryptoLine | undefined
  mid: string | undefined
  /** All other m= lines of the description, refused (port 0), and the place of the voice line among them. */
  refusedLines: string[]
  position: number
}

const MAX_SDP_BYTES = 16_384
const MAX_MEDIA_LINES = 16
const PLAIN = new Set(['RTP/AVP', 'RTP/AVPF'])
const ENCRYPTED = new Set(['RTP/SAVP', 'RTP/SAVPF'])

/** Whether voice may or must be encrypted by SDES keys (RFC 4568). */
export type SrtpMode = 'off' | 'optional' | 'required'
const STATIC_CODECS: Readonly<Record<number, VoiceCodec>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' }
const BY_NAME: ReadonlyMap<string, VoiceCodec> = new Map(
  (Object.keys(CODECS) as VoiceCodec[]).map(codec => [codec.toUpperCase(), codec]),
)

/** What the call can use of a description. */
export type Usable = {
  /** IP version of our own address: a line with the other one is taken only where there is none with ours. */
  readonly family?: 4 | 6 | undefined
  /** Before the first answer: best first. The two laws of G.711 count alike, the peer's order decides between them. */
  readonly codecs: readonly VoiceCodec[]
  /** What the browser speaks; from then on only this and, of G.711, the other law. */
  readonly fixed: VoiceCodec | undefined
  readonly srtp: SrtpMode
  /** Of an answer to an offer of ours. */
  readonly answers?: { readonly cryptoTags: readonly number[]; readonly proto: string } | undefined
}

type Media = sdpTransform.MediaDescription & { port: number; protocol: string }
type Parsed = Partial<sdpTransform.SessionDescription>

/**
 * Finds the first usable voice line in an offer or answer. Throws SdpRefusal: 400 for what is no session description, 488 when nothing in it can be used.
 */
export function parseRemoteVoice(sdp: string, usable: Usable): RemoteVoice {
  if (sdp.length > MAX_SDP_BYTES) throw new SdpRefusal(488, 'session description too long')
  const session: Parsed = sdpTransform.parse(sdp)
  const media = session.media ?? []
  const texts = mediaTexts(sdp)
  if (session.version !== 0 || session.origin === undefined) throw new SdpRefusal(400, 'not a session description')
  if (media.length === 0 || media.length > MAX_MEDIA_LINES) throw new SdpRefusal(488, 'no usable number of media lines')
  const lines = [...media.entries()].flatMap(([position, line]) => (isVoiceLine(line) ? [{ position, line }] : []))
  // Where a peer offers both, the encrypted one is meant and the plain one is for those who cannot.
  lines.sort((a, b) => Number(isEncrypted(b.line)) - Number(isEncrypted(a.line)))
  // A telephone with addresses of both IP versions may name the other one (linphone does, whatever its signalling speaks). It
  // is heard all the same, and found by where its voice comes from; another line with our version goes before it.
  const choices = [usable.family, undefined].flatMap(family => lines.map(line => ({ ...line, family })))
  for (const { position, line, family } of choices) {
    const crypto = findCrypto(line, texts[position] ?? [], usable)
    const formats = findFormats(line)
    const best = bestOf(formats, usable)
    const addresses = findAddresses(session, line, family)
    if (crypto === 'unusable' || best === undefined || addresses === undefined) continue
    return {
      ...best,
      formats: formats.filter(format => canCarry(usable.fixed ?? best.codec, format.codec)),
      eventPayloadType: findEvents(line, CODECS[best.codec].clockRate),
      ...addresses,
      proto: line.protocol,
      crypto,
      mid: line.mid === undefined ? undefined : String(line.mid),
      refusedLines: texts.filter((_, n) => n !== position).map(refusedLine),
      position,
    }
  }
  throw new SdpRefusal(488, whyUnusable(session, texts, usable))
}

/** Lines of each media section, its m= line first. Only the text has all that stood there. */
const mediaTexts = (sdp: string): string[][] =>
  sdp
    .split(/^(?=m=)/m)
    .filter(section => section.startsWith('m='))
    .map(section => section.split(/\r\n|\r|\n/))

function isVoiceLine(line: Parsed | sdpTransform.MediaDescription): line is Media {
  const { type, port, protocol } = line as sdpTransform.MediaDescription
  return (
    type === 'audio' &&
    typeof port === 'number' &&
    port > 0 &&
    port <= 65_535 &&
    (PLAIN.has(String(protocol)) || ENCRYPTED.has(String(protocol)))
  )
}

const isEncrypted = (line: Media): boolean => ENCRYPTED.has(line.protocol)

/** The first key of the peer that we understand, in its order; undefined for a line that may be plain. */
function findCrypto(line: Media, text: readonly string[], usable: Usable): CryptoLine | undefined | 'unusable' {
  const { srtp, answers } = usable
  if (isEncrypted(line) && srtp === 'off') return 'unusable'
  const plain = srtp === 'required' || isEncrypted(line) ? 'unusable' : undefined
  // Keys in a plain line are an offer to encrypt all the same, which both sides may leave (RFC 8643).
  if (!isEncrypted(line) && (srtp === 'off' || (answers !== undefined && ENCRYPTED.has(answers.proto)))) return plain
  for (const attribute of text) {
    const [, id, suite, config, sessionConfig] = /^a=crypto:(\d+) +(\S+) +(\S+) *(.*)$/.exec(attribute) ?? []
    if (id === undefined || suite === undefined || config === undefined) continue
    const crypto = readCryptoLine({ id, suite, config, sessionConfig })
    if (crypto !== undefined && answers?.cryptoTags.includes(crypto.tag) !== false) return crypto
  }
  return plain
}

function payloadTypes(line: Media): number[] {
  return String(line.payloads ?? '')
    .split(/\s+/)
    .filter(word => /^\d{1,3}$/.test(word))
    .map(Number)
    .filter(n => n <= 127)
}

function findFormats(line: Media): Format[] {
  return payloadTypes(line).flatMap(payloadType => {
    const map = line.rtp.find(r => r.payload === payloadType)
    if (map === undefined) {
      const codec = STATIC_CODECS[payloadType]
      return codec === undefined ? [] : [{ codec, payloadType }]
    }
    const codec = BY_NAME.get(String(map.codec).toUpperCase())
    // That G.722 samples at 16 kHz makes some devices write it; the clock of the packets is 8 kHz with all.
    const rate = codec === 'G722' && map.rate === 16_000 ? 8000 : (map.rate ?? 8000)
    if (codec === undefined || rate !== CODECS[codec].clockRate) return []
    return [{ codec, payloadType }]
  })
}

function bestOf(formats: readonly Format[], { codecs, fixed, answers }: Usable): Format | undefined {
  // Of several codecs in an answer the peer sends the one it names first (RFC 3264 section 6.1).
  if (answers !== undefined && fixed === undefined) return formats.find(format => codecs.includes(format.codec))
  const rank = (codec: VoiceCodec): number => {
    if (fixed !== undefined) return codec === fixed ? 0 : canCarry(fixed, codec) ? 1 : -1
    return isG711(codec) && codecs.includes(codec) ? codecs.findIndex(isG711) : codecs.indexOf(codec)
  }
  // Sorting is stable: among equals the peer's order stands.
  return formats.filter(f => rank(f.codec) >= 0).sort((a, b) => rank(a.codec) - rank(b.codec))[0]
}

/** Events on another clock than the voice cannot share its timeline (RFC 4733 section 2.1), so those are left out. */
function findEvents(line: Media, clockRate: number): number | undefined {
  const known = payloadTypes(line)
  return line.rtp.find(
    r =>
      String(r.codec).toLowerCase() === 'telephone-event' &&
      (r.rate ?? 8000) === clockRate &&
      known.includes(r.payload),
  )?.payload
}

type Addresses = Pick<RemoteVoice, 'direction' | 'rtp' | 'rtcp' | 'rtcpMux'>

/** undefined when there is no address that media can be sent to. */
function findAddresses(session: Parsed, line: Media, family: 4 | 6 | undefined): Addresses | undefined {
  const address = String((line.connection ?? session.connection)?.ip ?? '')
  const said: Direction = line.direction ?? session.direction ?? 'sendrecv'
  const rtcpMux = line.rtcpMux !== undefined
  if (isNowhere(address)) {
    const direction = said === 'sendrecv' || said === 'sendonly' ? 'sendonly' : 'inactive'
    return { direction, rtp: undefined, rtcp: undefined, rtcpMux }
  }
  const reachable = (ip: string): boolean => (family === undefined ? isIP(ip) !== 0 : isIP(ip) === family)
  if (!reachable(address)) return undefined
  const rtp = { address, port: line.port }
  if (rtcpMux) return { direction: said, rtp, rtcp: rtp, rtcpMux }
  // RFC 3605: a=rtcp may move the port, or port and address.
  const named = line.rtcp?.address ?? ''
  const rtcpPort = line.rtcp?.port ?? line.port + 1
  const rtcpAddress = reachable(named) && !isNowhere(named) ? named : address
  const rtcp = rtcpPort > 0 && rtcpPort <= 65_535 ? { address: rtcpAddress, port: rtcpPort } : undefined
  return { direction: said, rtp, rtcp, rtcpMux }
}

/** As it stood, with port 0 (RFC 3264 section 6). */
function refusedLine([line = '']: readonly string[]): string {
  const [, kind, rest] = /^m=(\S+) +\S+ +(\S.*?) *$/.exec(line.replace(/[^ -~]/g, '')) ?? []
  return kind === undefined || rest === undefined ? 'm=audio 0 RTP/AVP 0' : `m=${kind} 0 ${rest}`
}

/** Words for the log; nothing of the peer's text goes in. */
function whyUnusable(session: Parsed, texts: readonly string[][], { srtp }: Usable): string {
  const audio = (session.media ?? []).filter(line => line.type === 'audio')
  if (audio.length === 0) return 'no audio line'
  const encrypted = audio.some(line => /SAVP/.test(String(line.protocol)))
  if (encrypted && srtp === 'off') return 'encrypted voice (SRTP) is switched off'
  const keys = texts.flat().some(text => text.startsWith('a=crypto:'))
  if (!encrypted && !keys && srtp === 'required') return 'only encrypted voice (SRTP) is taken'
  if (encrypted && !keys) return 'encrypted voice without an SDES key'
  if (audio.every(line => line.port === 0)) return 'the audio line is switched off'
  const voice = audio.filter(isVoiceLine)
  if (voice.length > 0 && voice.every(line => findAddresses(session, line, undefined) === undefined))
    return 'the c= line holds no IP address'
  return 'no codec or key in common'
}
