import type { FrameFormat, FramePart, FrameSize } from './frame-part.ts'

const START_CODE = Buffer.from([0, 0, 0, 1])
const IDR = 5
const SPS = 7
const STAP_A = 24
const FU_A = 28

/** NAL units of a STAP-A (RFC 6184 section 5.7.1); undefined when a length runs past the packet. */
function aggregated(payload: Buffer): Buffer[] | undefined {
  const units: Buffer[] = []
  let at = 1
  while (at + 2 <= payload.length) {
    const bytes = payload.readUInt16BE(at)
    if (bytes === 0 || at + 2 + bytes > payload.length) return undefined
    units.push(payload.subarray(at + 2, at + 2 + bytes))
    at += 2 + bytes
  }
  return units
}

const typeOf = (unit: Buffer): number => unit.readUInt8(0) & 0x1f

/**
 * RFC 6184 non-interleaved mode: single NAL unit, STAP-A, FU-A. A key frame is taken to begin at its sequence
 * parameter set, which browsers send before every IDR picture.
 */
function part(payload: Buffer): FramePart | undefined {
  if (payload.length < 2) return undefined
  const type = typeOf(payload)
  if (type >= 1 && type <= 23) {
    return { first: type === SPS, key: type === SPS || type === IDR, bytes: Buffer.concat([START_CODE, payload]) }
  }
  if (type === STAP_A) {
    const units = aggregated(payload)
    if (units === undefined) return undefined
    const types = units.map(typeOf)
    return {
      first: types.includes(SPS),
      key: types.includes(SPS) || types.includes(IDR),
      bytes: Buffer.concat(units.flatMap(unit => [START_CODE, unit])),
    }
  }
  if (type === FU_A) {
    const fragment = payload.readUInt8(1)
    const key = (fragment & 0x1f) === IDR
    const body = payload.subarray(2)
    if ((fragment & 0x80) === 0) return { first: false, key, bytes: body }
    const header = Buffer.from([(payload.readUInt8(0) & 0xe0) | (fragment & 0x1f)])
    return { first: false, key, bytes: Buffer.concat([START_CODE, header, body]) }
  }
  return undefined
}

/** Reads Exp-Golomb codes (H.264 section 9.1) from a NAL unit whose emulation bytes are already gone. */
class BitReader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1)
    }
    return value
  }
  ue(): number {
    let zeros = 0
    while (zeros < 32 && this.bits(1) === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }
  se(): number {
    const code = this.ue()
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2
  }
}

function firstUnit(frame: Buffer, wanted: number): Buffer | undefined {
  for (let at = frame.indexOf(START_CODE); at >= 0; at = frame.indexOf(START_CODE, at + 4)) {
    const start = at + 4
    if (start < frame.length && (frame.readUInt8(start) & 0x1f) === wanted) {
      const next = frame.indexOf(START_CODE, start)
      return frame.subarray(start, next < 0 ? frame.length : next)
    }
  }
  return undefined
}

function withoutEmulation(unit: Buffer): Buffer {
  const out: number[] = []
  for (const [i, byte] of unit.entries()) {
    if (byte === 3 && i >= 2 && unit[i - 1] === 0 && unit[i - 2] === 0) continue
    out.push(byte)
  }
  return Buffer.from(out)
}

function skipScalingList(bits: BitReader, entries: number): void {
  let last = 8
  let next = 8
  for (let i = 0; i < entries; i++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256
    last = next === 0 ? last : next
  }
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128])

/** Picture size after cropping, from the sequence parameter set (H.264 section 7.3.2.1.1). */
function size(keyFrame: Buffer): FrameSize | undefined {
  const unit = firstUnit(keyFrame, SPS)
  if (unit === undefined || unit.length < 5) return undefined
  const bits = new BitReader(withoutEmulation(unit.subarray(1)))
  const profile = bits.bits(8)
  bits.bits(16)
  bits.ue()
  let chroma = 1
  if (HIGH_PROFILES.has(profile)) {
    chroma = bits.ue()
    if (chroma === 3) bits.bits(1)
    bits.ue()
    bits.ue()
    bits.bits(1)
    if (bits.bits(1) === 1) {
      for (let i = 0; i < (chroma === 3 ? 12 : 8); i++) if (bits.bits(1) === 1) skipScalingList(bits, i < 6 ? 16 : 64)
    }
  }
  bits.ue()
  const orderType = bits.ue()
  if (orderType === 0) bits.ue()
  else if (orderType === 1) {
    bits.bits(1)
    bits.se()
    bits.se()
    const cycle = bits.ue()
    if (cycle > 255) return undefined
    for (let i = 0; i < cycle; i++) bits.se()
  }
  bits.ue()
  bits.bits(1)
  const widthMbs = bits.ue() + 1
  const heightUnits = bits.ue() + 1
  const framesOnly = bits.bits(1)
  if (framesOnly === 0) bits.bits(1)
  bits.bits(1)
  let [left, right, top, bottom] = [0, 0, 0, 0]
  if (bits.bits(1) === 1) [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()]
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1
  const cropY = (chroma === 1 ? 2 : 1) * (2 - framesOnly)
  const widthPx = widthMbs * 16 - (left + right) * cropX
  const heightPx = heightUnits * 16 * (2 - framesOnly) - (top + bottom) * cropY
  return widthPx > 0 && heightPx > 0 && widthPx <= 16384 && heightPx <= 16384 ? { widthPx, heightPx } : undefined
}

export const H264_FORMAT: FrameFormat = { part, size }
