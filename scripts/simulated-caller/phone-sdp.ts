import { type G711Codec, PAYLOAD_TYPE } from './g711.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
export type VoiceDescription = {
  readonly host: string
  readonly port: number
  /** In the order of the m= line. */
  readonly payloadTypes: readonly number[]
  readonly direction: Direction
  readonly version: number
}

const TELEPHONE_EVENT = 101

/** One voice stream (RFC 4566); telephone-event is offered after the codecs as phones do. */
export function writeVoiceSdp(o: {
  address: string
  port: number
  codecs: readonly G711Codec[]
  direction: Direction
  sessionId: number
  version: number
  /** The old way to hold (RFC 2543): the connection address 0.0.0.0. */
  nullAddress?: boolean
}): string {
  return [
    'v=0',
    `o=phone ${o.sessionId} ${o.version} IN IP4 ${o.address}`,
    's=-',
    `c=IN IP4 ${o.nullAddress ? '0.0.0.0' : o.address}`,
    't=0 0',
    `m=audio ${o.port} RTP/AVP ${[...o.codecs.map(codec => PAYLOAD_TYPE[codec]), TELEPHONE_EVENT].join(' ')}`,
    ...o.codecs.map(codec => `a=rtpmap:${PAYLOAD_TYPE[codec]} ${codec}/8000`),
    `a=rtpmap:${TELEPHONE_EVENT} telephone-event/8000`,
    `a=fmtp:${TELEPHONE_EVENT} 0-16`,
    'a=ptime:20',
    `a=${o.direction}`,
    '',
  ].join('\r\n')
}

/** The first audio section; undefined when there is none. */
export function readVoiceSdp(sdp: string): VoiceDescription | undefined {
  const lines = sdp.split(/\r?\n/)
  const start = lines.findIndex(line => line.startsWith('m=audio '))
  if (start < 0) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(line => line.startsWith('m='))
  const section = end < 0 ? rest : rest.slice(0, end)
  const session = lines.slice(
    0,
    lines.findIndex(line => line.startsWith('m=')),
  )
  const [, port, , ...payloadTypes] = (lines[start] ?? '').slice(2).split(' ')
  const hostOf = (part: readonly string[]) => part.find(line => line.startsWith('c='))?.split(' ')[2]
  const directionOf = (part: readonly string[]) =>
    part.map(line => line.slice(2)).find(value => /^(sendrecv|sendonly|recvonly|inactive)$/.test(value))
  return {
    host: hostOf(section) ?? hostOf(session) ?? '0.0.0.0',
    port: Number(port),
    payloadTypes: payloadTypes.map(Number),
    direction: (directionOf(section) ?? directionOf(session) ?? 'sendrecv') as Direction,
    version: Number(session.find(line => line.startsWith('o='))?.split(' ')[2] ?? 0),
  }
}

export function codecOf(payloadTypes: readonly number[]): G711Codec | undefined {
  const type = payloadTypes.find(value => value === PAYLOAD_TYPE.PCMU || value === PAYLOAD_TYPE.PCMA)
  return type === undefined ? undefined : type === PAYLOAD_TYPE.PCMA ? 'PCMA' : 'PCMU'
}
