const TYPE_IDR = 5
const TYPE_SPS = 7
const TYPE_PPS = 8
const TYPE_STAP_A = 24
const TYPE_FU_A = 28

export type H264Payload = {
  /** False for the second and later pieces of a fragmented unit. */
  readonly startsUnit: boolean
  readonly key: boolean
}

/** What the first bytes of an H.264 RTP payload tell (RFC 6184, packetization modes 0 and 1). */
export function parseH264(head: Buffer): H264Payload | undefined {
  const type = (head[0] ?? 0) & 0x1f
  if (head.length < 2 || type === 0) return undefined
  if (type !== TYPE_FU_A) {
    const inner = type === TYPE_STAP_A ? (head[3] ?? 0) & 0x1f : type
    return { startsUnit: true, key: inner === TYPE_IDR || inner === TYPE_SPS }
  }
  const fragment = head[1] ?? 0
  return { startsUnit: (fragment & 0x80) !== 0, key: (fragment & 0x80) !== 0 && (fragment & 0x1f) === TYPE_IDR }
}

/** The NAL units of one access unit, from the payloads of its packets in order. */
export function nalUnits(payloads: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = []
  let fragments: Buffer[] = []
  for (const payload of payloads) {
    const indicator = payload[0] ?? 0
    const type = indicator & 0x1f
    if (type === TYPE_STAP_A) {
      for (let at = 1; at + 2 <= payload.length; ) {
        const length = payload.readUInt16BE(at)
        units.push(payload.subarray(at + 2, at + 2 + length))
        at += 2 + length
      }
    } else if (type === TYPE_FU_A) {
      const fragment = payload[1] ?? 0
      if ((fragment & 0x80) !== 0) fragments = [Buffer.of((indicator & 0xe0) | (fragment & 0x1f))]
      fragments.push(payload.subarray(2))
      if ((fragment & 0x40) !== 0) units.push(Buffer.concat(fragments))
    } else units.push(payload)
  }
  return units.filter(unit => unit.length > 0)
}

/** Units with four-byte lengths, as Matroska and MP4 store them. Parameter sets stay in band: they may change. */
export function lengthPrefixed(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap(unit => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(unit.length)
      return [length, unit]
    }),
  )
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15) from the first parameter sets; undefined when they are missing. */
export function avcConfiguration(units: readonly Buffer[]): Buffer | undefined {
  const sps = units.find(unit => ((unit[0] ?? 0) & 0x1f) === TYPE_SPS)
  const pps = units.find(unit => ((unit[0] ?? 0) & 0x1f) === TYPE_PPS)
  if (sps === undefined || pps === undefined || sps.length < 4) return undefined
  const sized = (unit: Buffer) => Buffer.concat([Buffer.of(unit.length >> 8, unit.length & 0xff), unit])
  const head = Buffer.of(1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1)
  return Buffer.concat([head, sized(sps), Buffer.of(1), sized(pps)])
}
