import type { G711Law } from './g711.ts'

export type VoiceCodec = G711Law | 'G722' | 'opus'

/** One line of a codec table: what RTP and SDP need to know of a codec (RFC 3551 table 4, RFC 7587). */
export type CodecFacts = {
  /** As it stands behind `a=rtpmap:`. */
  readonly rtpmap: string
  /** Ticks of the RTP clock in a second. G.722 samples at 16 kHz but counts 8000, by an error kept for ever (RFC 3551 4.5.2). */
  readonly clockRate: 8000 | 48_000
  /** The number in an offer of ours, and towards the room. Static for all but opus. */
  readonly payloadType: number
}

export const CODECS: Readonly<Record<VoiceCodec, CodecFacts>> = {
  PCMU: { rtpmap: 'PCMU/8000', clockRate: 8000, payloadType: 0 },
  PCMA: { rtpmap: 'PCMA/8000', clockRate: 8000, payloadType: 8 },
  G722: { rtpmap: 'G722/8000', clockRate: 8000, payloadType: 9 },
  // RFC 7587 section 7: always two channels in SDP, whatever is spoken.
  opus: { rtpmap: 'opus/48000/2', clockRate: 48_000, payloadType: 111 },
}

/** Without a wish of the operator: what every phone and every browser has. */
export const DEFAULT_CODECS: readonly VoiceCodec[] = ['PCMA', 'PCMU']

export const isG711 = (codec: VoiceCodec): codec is G711Law => codec === 'PCMU' || codec === 'PCMA'

/** True when the call can go on in the browser's codec while `wire` stands on the wire: the same, or the other law of G.711. */
export const canCarry = (browser: VoiceCodec, wire: VoiceCodec): boolean =>
  browser === wire || (isG711(browser) && isG711(wire))

/** What another leg may speak whose voice goes on to one of `codec`: the same, or the other law of G.711; best first. */
export function carriedWith(codec: VoiceCodec): VoiceCodec[] {
  return isG711(codec) ? [codec, codec === 'PCMA' ? 'PCMU' : 'PCMA'] : [codec]
}

/** One codec and its number in one session description. */
export type Format = { readonly codec: VoiceCodec; readonly payloadType: number }

/** Ticks of the RTP clock that a payload lasts. */
export function ticksOf(codec: VoiceCodec, payload: Uint8Array): number {
  // 64 kbit/s in all three: one octet a tick.
  return codec === 'opus' ? opusTicks(payload) : payload.length
}

/** RFC 6716 section 3.1: the configuration says how long a frame is, the code how many there are. */
function opusTicks(payload: Uint8Array): number {
  const toc = payload[0]
  if (toc === undefined) return 0
  const configuration = toc >> 3
  let frame = 120 << (configuration & 3)
  if (configuration < 12) frame = [480, 960, 1920, 2880][configuration & 3] ?? 0
  else if (configuration < 16) frame = 480 << (configuration & 1)
  const code = toc & 3
  const frames = code === 0 ? 1 : code === 3 ? (payload[1] ?? 0) & 0x3f : 2
  return Math.min(frame * frames, 5760)
}
