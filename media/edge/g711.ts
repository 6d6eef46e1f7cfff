/** G.711 (ITU-T G.711): coding of sounds that we make ourselves, and the way from one law to the other. */
export type G711Law = 'PCMU' | 'PCMA'

/** The code word of silence: +0 in µ-law, and in A-law with its even bits inverted. */
export const SILENCE_BYTE = { PCMU: 0xff, PCMA: 0xd5 } as const satisfies Record<G711Law, number>

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

export const encodeG711 = (law: G711Law, sample: number): number => (law === 'PCMU' ? toMuLaw(sample) : toALaw(sample))

function fromMuLaw(octet: number): number {
  const bits = ~octet & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84
  return (bits & 0x80) !== 0 ? -magnitude : magnitude
}

function fromALaw(octet: number): number {
  const bits = octet ^ 0x55
  const segment = (bits & 0x70) >> 4
  const step = (bits & 0x0f) << 4
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1)
  return (bits & 0x80) !== 0 ? magnitude : -magnitude
}

const MU_TO_A = Uint8Array.from({ length: 256 }, (_, octet) => toALaw(fromMuLaw(octet)))
const A_TO_MU = Uint8Array.from({ length: 256 }, (_, octet) => toMuLaw(fromALaw(octet)))

/**
 * Turns the octets from one law into the other, in place. Each octet becomes the code word nearest to what it stood for,
 * so nothing is lost but the quantising error of a law that the telephone network puts there anyway (G.711 section 3.4).
 */
export function changeLaw(octets: Uint8Array, from: G711Law, to: G711Law): void {
  if (from === to) return
  const table = from === 'PCMU' ? MU_TO_A : A_TO_MU
  for (let n = 0; n < octets.length; n++) octets[n] = table[octets[n]!]!
}
