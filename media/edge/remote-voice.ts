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
  /** Before the first answer: best first. The two laws of G.711 count alike, the peer's order decides between them. */
  readonly codecs: readonly VoiceCodec[]
  /** What the browser speaks; from then on only this and, of G.711, the other law. */
  readonly fixed: VoiceCodec | undefined
  readonly srtp: SrtpMode
  /** In an answer: only what was offered. */
  readonly cryptoTags?: readonly number[] | undefined
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
  if (session.version !== 0 || session.origin === undefined) throw new SdpRefusal(400, 'not a session description')
  if (media.length === 0 || media.length > MAX_MEDIA_LINES) throw new SdpRefusal(488, 'no usable number of media lines')
  const lines = [...media.entries()].flatMap(([position, line]) => (isVoiceLine(line) ? [{ position, line }] : []))
  // Where a peer offers both, the encrypted one is meant and the plain one is for those who cannot.
  lines.sort((a, b) => Number(isEncrypted(b.line)) - Number(isEncrypted(a.line)))
  for (const { position, line } of lines) {
    const crypto = findCrypto(line, usable)
    if (crypto === 'unusable') continue
    const formats = findFormats(line)
    const best = bestOf(formats, usable)
    if (best === undefined) continue
    return {
      ...best,
      formats: formats.filter(format => canCarry(usable.fixed ?? best.codec, format.codec)),
      eventPayloadType: findEvents(line, CODECS[best.codec].clockRate),
      ...findAddresses(session, line),
      proto: line.protocol,
      crypto,
      mid: line.mid === undefined ? undefined : String(line.mid),
      refusedLines: media.filter(other => other !== line).map(refusedLine),
      position,
    }
  }
  throw new SdpRefusal(488, whyUnusable(media, usable))
}

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

/** The first key of the peer that we understand, in its order; undefined for a plain line that may be plain. */
function findCrypto(line: Media, { srtp, cryptoTags }: Usable): CryptoLine | undefined | 'unusable' {
  // Keys in a plain line are no promise of anything (RFC 4568 section 5): the profile says what is spoken.
  if (!isEncrypted(line)) return srtp === 'required' ? 'unusable' : undefined
  if (srtp === 'off') return 'unusable'
  for (const attribute of line.crypto ?? []) {
    const crypto = readCryptoLine(attribute)
    if (crypto !== undefined && (cryptoTags === undefined || cryptoTags.includes(crypto.tag))) return crypto
  }
  return 'unusable'
}

function payloadTypes(line: Media): number[] {
  return String(line.payloads ?? '')
    .split(' ')
    .map(Number)
    .filter(n => Number.isInteger(n) && n >= 0 && n <= 127)
}

function findFormats(line: Media): Format[] {
  return payloadTypes(line).flatMap(payloadType => {
    const map = line.rtp.find(r => r.payload === payloadType)
    if (map === undefined) {
      const codec = STATIC_CODECS[payloadType]
      return codec === undefined ? [] : [{ codec, payloadType }]
    }
    const codec = BY_NAME.get(String(map.codec).toUpperCase())
    if (codec === undefined || (map.rate ?? 8000) !== CODECS[codec].clockRate) return []
    return [{ codec, payloadType }]
  })
}

function bestOf(formats: readonly Format[], { codecs, fixed }: Usable): Format | undefined {
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

function findAddresses(session: Parsed, line: Media): Pick<RemoteVoice, 'direction' | 'rtp' | 'rtcp' | 'rtcpMux'> {
  const address = String((line.connection ?? session.connection)?.ip ?? '')
  if (isIP(address) === 0) throw new SdpRefusal(488, 'the c= line holds no IP address')
  const said: Direction = line.direction ?? session.direction ?? 'sendrecv'
  const rtcpMux = line.rtcpMux !== undefined
  if (isNowhere(address)) {
    const direction = said === 'sendrecv' || said === 'sendonly' ? 'sendonly' : 'inactive'
    return { direction, rtp: undefined, rtcp: undefined, rtcpMux }
  }
  const rtp = { address, port: line.port }
  if (rtcpMux) return { direction: said, rtp, rtcp: rtp, rtcpMux }
  // RFC 3605: a=rtcp may move the port, or port and address.
  const rtcpAddress = line.rtcp?.address !== undefined && isIP(line.rtcp.address) !== 0 ? line.rtcp.address : address
  const rtcpPort = line.rtcp?.port ?? line.port + 1
  const rtcp = rtcpPort > 0 && rtcpPort <= 65_535 ? { address: rtcpAddress, port: rtcpPort } : undefined
  return { direction: said, rtp, rtcp, rtcpMux }
}

function refusedLine(line: sdpTransform.MediaDescription): string {
  const formats = String(line.payloads ?? '').trim()
  return `m=${line.type ?? 'audio'} 0 ${line.protocol ?? 'RTP/AVP'} ${formats === '' ? '0' : formats}`
}

/** Words for the log; nothing of the peer's text goes in. */
function whyUnusable(media: readonly sdpTransform.MediaDescription[], { srtp }: Usable): string {
  const audio = media.filter(line => line.type === 'audio')
  if (audio.length === 0) return 'no audio line'
  const encrypted = audio.some(line => /SAVP/.test(String(line.protocol)))
  if (encrypted && srtp === 'off') return 'encrypted voice (SRTP) is switched off'
  if (!encrypted && srtp === 'required') return 'only encrypted voice (SRTP) is taken'
  if (encrypted && audio.every(line => (line.crypto ?? []).length === 0)) return 'encrypted voice without an SDES key'
  if (audio.every(line => line.port === 0)) return 'the audio line is switched off'
  return 'no codec or key in common'
}
