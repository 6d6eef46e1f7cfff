/** The two G.711 laws (ITU-T G.711) between 16-bit linear samples and octets. */
export type G711Codec = 'PCMU' | 'PCMA'

/** The static RTP payload types of RFC 3551 section 6. */
export const PAYLOAD_TYPE: Readonly<Record<G711Codec, number>> = { PCMU: 0, PCMA: 8 }

const MU_BIAS = 0x84
const MU_CLIP = 32635

function muLawOctet(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 7)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

function muLawSample(octet: number): number {
  const bits = ~octet & 0xff
  const exponent = (bits >> 4) & 7
  const magnitude = (((bits & 0x0f) << 3) + MU_BIAS) << exponent
  return bits & 0x80 ? MU_BIAS - magnitude : magnitude - MU_BIAS
}

function aLawOctet(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32767) >> 3
  const exponent = magnitude < 32 ? 0 : Math.floor(Math.log2(magnitude)) - 4
  const mantissa = (magnitude >> (exponent === 0 ? 1 : exponent)) & 0x0f
  return (sign | (exponent << 4) | mantissa) ^ 0x55
}

function aLawSample(octet: number): number {
  const bits = octet ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = bits & 0x0f
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

const table = (sampleOf: (octet: number) => number) => Int16Array.from({ length: 256 }, (_, octet) => sampleOf(octet))
const SAMPLE_OF: Readonly<Record<G711Codec, Int16Array>> = { PCMU: table(muLawSample), PCMA: table(aLawSample) }
const OCTET_OF = { PCMU: muLawOctet, PCMA: aLawOctet } as const

/** One octet per sample. */
export function encodeG711(codec: G711Codec, samples: Int16Array): Buffer {
  const octetOf = OCTET_OF[codec]
  return Buffer.from(Uint8Array.from(samples, octetOf))
}

/** One 16-bit sample per octet. */
export function decodeG711(codec: G711Codec, octets: Uint8Array): Int16Array {
  const sampleOf = SAMPLE_OF[codec]
  return Int16Array.from(octets, octet => sampleOf[octet] ?? 0)
}
