/** Exponential-Golomb reader over a parameter set without its emulation prevention bytes (H.264, 7.3.1 and 9.1). */
class Bits {
  readonly #bytes: number[] = []
  #at = 0
  constructor(unit: Buffer) {
    for (let i = 1; i < unit.length; i++) {
      if (i > 2 && unit[i] === 3 && unit[i - 1] === 0 && unit[i - 2] === 0) continue
      this.#bytes.push(unit[i] ?? 0)
    }
  }
  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++)
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1)
    return value
  }
  ue(): number {
    let zeros = 0
    while (zeros < 31 && this.bits(1) === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }
  se(): number {
    const value = this.ue()
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2
  }
}

const WITH_CHROMA_FORMAT = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Picture size from a sequence parameter set (H.264, 7.3.2.1.1). 4:2:0 is assumed for cropping: cameras send nothing else. */
export function h264Size(sps: Buffer): { widthPx: number; heightPx: number } {
  const bits = new Bits(sps)
  const profile = bits.bits(8)
  bits.bits(16)
  bits.ue()
  if (WITH_CHROMA_FORMAT.has(profile)) {
    if (bits.ue() === 3) bits.bits(1)
    bits.ue()
    bits.ue()
    bits.bits(1)
    if (bits.bits(1) === 1) skipScalingLists(bits)
  }
  bits.ue()
  const orderType = bits.ue()
  if (orderType === 0) bits.ue()
  else if (orderType === 1) {
    bits.bits(1)
    bits.se()
    bits.se()
    const cycle = bits.ue()
    for (let i = 0; i < cycle && i < 256; i++) bits.se()
  }
  bits.ue()
  bits.bits(1)
  const width = (bits.ue() + 1) * 16
  const heightUnits = bits.ue() + 1
  const frameOnly = bits.bits(1)
  if (frameOnly === 0) bits.bits(1)
  bits.bits(1)
  const height = (2 - frameOnly) * heightUnits * 16
  if (bits.bits(1) === 0) return { widthPx: width, heightPx: height }
  const [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()]
  return { widthPx: width - 2 * (left + right), heightPx: height - 2 * (2 - frameOnly) * (top + bottom) }
}

function skipScalingLists(bits: Bits): void {
  for (let list = 0; list < 8; list++) {
    if (bits.bits(1) === 0) continue
    let last = 8
    let next = 8
    for (let k = 0; k < (list < 6 ? 16 : 64); k++) {
      if (next !== 0) next = (last + bits.se() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}
