/** The fields of one RTP packet (RFC 3550 section 5.1) that reassembly needs. `payload` shares the packet's memory. */
export type RtpView = {
  readonly ssrc: number
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Buffer
}

/** Undefined when the bytes are not a well-formed RTP packet; CSRCs, header extension and padding are stepped over. */
export function viewRtp(packet: Buffer): RtpView | undefined {
  if (packet.length < 12) return undefined
  const first = packet.readUInt8(0)
  if (first >> 6 !== 2) return undefined
  let start = 12 + (first & 0x0f) * 4
  if ((first & 0x10) !== 0) {
    if (packet.length < start + 4) return undefined
    start += 4 + packet.readUInt16BE(start + 2) * 4
  }
  let end = packet.length
  if ((first & 0x20) !== 0) {
    const padding = packet.readUInt8(end - 1)
    if (padding === 0) return undefined
    end -= padding
  }
  if (start > end) return undefined
  return {
    ssrc: packet.readUInt32BE(8),
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    marker: (packet.readUInt8(1) & 0x80) !== 0,
    payload: packet.subarray(start, end),
  }
}
