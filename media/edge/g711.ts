/** G.711 (ITU-T G.711) for sounds that we make ourselves; speech of people is never transcoded. */
export type VoiceCodec = 'PCMU' | 'PCMA'

/** Static payload types of RFC 3551 table 4. */
export const PAYLOAD_TYPE = { PCMU: 0, PCMA: 8 } as const satisfies Record<VoiceCodec, number>
/** The code word of silence: +0 in µ-law, and in A-law with its even bits inverted. */
export const SILENCE_BYTE = { PCMU: 0xff, PCMA: 0xd5 } as const satisfies Record<VoiceCodec, number>

/** One sample, -32768..32767, as µ-law. */
export function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const biased = Math.min(Math.abs(sample), 32_635) + 132
  const exponent = 31 - Math.clz32(biased) - 7
  return ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff
}

/** One sample, -32768..32767, as A-law. */
export function toALaw(sample: number): number {
  const size = (sample >= 0 ? sample : -sample - 1) >> 3
  const segment = size < 32 ? 0 : 31 - Math.clz32(size) - 4
  const code = (segment << 4) | ((size >> Math.max(1, segment)) & 0x0f)
  return code ^ (sample >= 0 ? 0xd5 : 0x55)
}

export const encodeG711 = (codec: VoiceCodec, sample: number): number =>
  codec === 'PCMU' ? toMuLaw(sample) : toALaw(sample)
