import { randomInt } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { parseRemoteVoice, type RemoteVoice, SdpRefusal, type SrtpMode } from './remote-voice.ts'
import { type CryptoLine, writeCryptoLine } from './srtp/crypto-line.ts'
import { CODECS, type VoiceCodec } from './voice-codec.ts'

/** One line of a recording client's offer: its label (RFC 4574), and what it sends; undefined when it is not recorded. */
export type RecordedLine = {
  readonly label: string
  readonly remote: RemoteVoice | undefined
  readonly refused: string
}

export type ListeningPlace = { readonly port: number; readonly crypto: CryptoLine | undefined }

const MAX_LINES = 8

/**
 * Reads each voice line of a recording client's offer (RFC 7866 section 7.1). Lines of other media, switched off or without
 * a codec of ours have no `remote`. All recorded lines share one codec, or the two laws of G.711.
 * @throws SdpRefusal when nothing can be recorded
 */
export function parseRecordedLines(
  sdp: string,
  { codecs, srtp }: { codecs: readonly VoiceCodec[]; srtp: SrtpMode },
): RecordedLine[] {
  const [session = '', ...media] = sdp.replace(/\r?\n/g, '\r\n').split(/^(?=m=)/m)
  if (media.length === 0 || media.length > MAX_LINES) throw new SdpRefusal(488, 'no usable number of media lines')
  let fixed: VoiceCodec | undefined
  const lines = media.map((text): RecordedLine => {
    const [kind = 'audio', , proto = 'RTP/AVP', ...formats] = (text.split('\r\n')[0] ?? '').slice(2).split(' ')
    const label = /^a=label:(\S{1,200})/m.exec(text)?.[1] ?? ''
    const refused = `m=${kind.replace(/[^a-z]/g, '')} 0 ${proto.replace(/[^A-Z/]/g, '')} ${formats.join(' ').replace(/[^0-9 ]/g, '') || '0'}`
    try {
      const remote = parseRemoteVoice(session + text, { codecs, fixed, srtp })
      fixed ??= remote.codec
      return { label, remote, refused }
    } catch (error) {
      if (!(error instanceof SdpRefusal) || error.status === 400) throw error
      return { label, remote: undefined, refused }
    }
  })
  if (lines.every(line => line.remote === undefined)) throw new SdpRefusal(488, 'no voice that can be recorded')
  return lines
}

/** Our answers to a recording client: every line we take is `recvonly`, or `inactive` while nothing is sent in it. */
export class RecordingSdp {
  readonly #address: string
  readonly #sessionId = randomInt(1, 2 ** 47)
  #version = 0
  #body = ''

  constructor(announcedAddress: string) {
    this.#address = announcedAddress
  }

  /** As answered last; for an offer that is asked of us. */
  get last(): string {
    const where = `IN ${isIPv6(this.#address) ? 'IP6' : 'IP4'} ${this.#address}`
    return `v=0\r\no=- ${this.#sessionId} ${this.#version} ${where}\r\n${this.#body}\r\n`
  }

  /** @param places by line: where we listen, and our key where the line is encrypted; undefined refuses the line */
  answer(lines: readonly RecordedLine[], places: readonly (ListeningPlace | undefined)[]): string {
    const where = `IN ${isIPv6(this.#address) ? 'IP6' : 'IP4'} ${this.#address}`
    const media = lines.flatMap((line, n) => {
      const place = places[n]
      return line.remote && place ? linesOf(line, line.remote, place) : [line.refused]
    })
    const body = ['s=-', `c=${where}`, 't=0 0', ...media].join('\r\n')
    if (body !== this.#body) {
      this.#body = body
      this.#version++
    }
    return this.last
  }
}

function linesOf({ label }: RecordedLine, remote: RemoteVoice, { port, crypto }: ListeningPlace): string[] {
  const numbers = [remote.payloadType, ...(remote.eventPayloadType === undefined ? [] : [remote.eventPayloadType])]
  const lines = [`m=audio ${port} ${remote.proto} ${numbers.join(' ')}`]
  lines.push(`a=rtpmap:${remote.payloadType} ${CODECS[remote.codec].rtpmap}`)
  if (remote.eventPayloadType !== undefined) {
    lines.push(`a=rtpmap:${remote.eventPayloadType} telephone-event/${CODECS[remote.codec].clockRate}`)
    lines.push(`a=fmtp:${remote.eventPayloadType} 0-15`)
  }
  if (crypto) lines.push(writeCryptoLine(crypto))
  if (label !== '') lines.push(`a=label:${label}`)
  if (remote.mid !== undefined) lines.push(`a=mid:${remote.mid}`)
  if (remote.rtcpMux) lines.push('a=rtcp-mux')
  lines.push(sends(remote) ? 'a=recvonly' : 'a=inactive')
  return lines
}

/** A recording client sends; that it might receive says nothing. */
export function sends({ direction, rtp }: RemoteVoice): boolean {
  // An address of zeros is the old way to say "not now".
  return rtp !== undefined && (direction === 'sendonly' || direction === 'sendrecv')
}
