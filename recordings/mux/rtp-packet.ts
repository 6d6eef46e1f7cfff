/** The fields of an RTP packet (RFC 3550, section 5.1) that muxing needs. */
export type RtpFields = {
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payloadType: number
  readonly marker: boolean
  /** Where the payload lies in the packet, without header extension and padding. */
  readonly payloadStart: number
  readonly payloadEnd: number
}

/** Undefined for anything that is not a well-formed RTP packet. */
export function parseRtp(packet: Buffer): RtpFields | undefined {
  const first = packet[0]
  const second = packet[1]
  if (first === undefined || second === undefined || packet.length < 12 || first >> 6 !== 2) return undefined
  let payloadStart = 12 + (first & 0x0f) * 4
  if ((first & 0x10) !== 0) {
    if (packet.length < payloadStart + 4) return undefined
    payloadStart += 4 + packet.readUInt16BE(payloadStart + 2) * 4
  }
  const padding = (first & 0x20) !== 0 ? (packet[packet.length - 1] ?? 0) : 0
  const payloadEnd = packet.length - padding
  if (payloadStart > payloadEnd) return undefined
  return {
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    payloadStart,
    payloadEnd,
  }
}
