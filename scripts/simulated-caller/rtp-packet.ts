export type RtpHeader = {
  readonly payloadType: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
}
export type RtpPacket = RtpHeader & { readonly payload: Buffer }

/** RFC 3550 section 5.1, without CSRCs and extensions. */
export function writeRtp(header: RtpHeader, payload: Uint8Array): Buffer {
  const packet = Buffer.alloc(12 + payload.length)
  packet[0] = 0x80
  packet[1] = (header.marker ? 0x80 : 0) | header.payloadType
  packet.writeUInt16BE(header.sequence & 0xffff, 2)
  packet.writeUInt32BE(header.timestamp >>> 0, 4)
  packet.writeUInt32BE(header.ssrc >>> 0, 8)
  packet.set(payload, 12)
  return packet
}

/** Undefined when the bytes are not RTP version 2, or are RTCP (RFC 5761 section 4). */
export function readRtp(bytes: Buffer): RtpPacket | undefined {
  const first = bytes[0]
  const second = bytes[1]
  if (bytes.length < 12 || first === undefined || second === undefined || first >> 6 !== 2) return undefined
  const payloadType = second & 0x7f
  if (payloadType >= 64 && payloadType <= 95) return undefined
  let start = 12 + (first & 0x0f) * 4
  if (first & 0x10) {
    if (bytes.length < start + 4) return undefined
    start += 4 + bytes.readUInt16BE(start + 2) * 4
  }
  const end = first & 0x20 ? bytes.length - (bytes.at(-1) ?? 0) : bytes.length
  if (start > end) return undefined
  return {
    payloadType,
    marker: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  }
}
