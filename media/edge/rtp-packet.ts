/**
 * Views on RTP packets (RFC 3550 section 5.1) that read in place: nothing is parsed into objects on the media path.
 * Every reader expects a packet that `isRtp` has accepted.
 */
export const RTP_HEADER_BYTES = 12
/** Anything larger than an Ethernet frame is not voice. */
const MAX_RTP_BYTES = 1500

/** RFC 5761 section 4: on a shared port, second bytes 192..223 are RTCP packet types. */
export function isRtcp(packet: Buffer): boolean {
  if (packet.length < 8 || packet[0]! >> 6 !== 2) return false
  const type = packet[1]!
  return type >= 192 && type <= 223
}

/** True for RTP version 2 with room for its header: all that can be said of an encrypted packet. */
export function hasRtpHeader(packet: Buffer): boolean {
  return packet.length >= RTP_HEADER_BYTES && packet.length <= MAX_RTP_BYTES && packet[0]! >> 6 === 2 && !isRtcp(packet)
}

/** True when the packet is RTP version 2 with a complete header, and its padding count is possible. */
export const isRtp = (packet: Buffer): boolean => hasRtpHeader(packet) && payloadStart(packet) <= payloadEnd(packet)

export const payloadTypeOf = (packet: Buffer): number => packet[1]! & 0x7f
export const markerOf = (packet: Buffer): boolean => packet[1]! >= 0x80
export const sequenceOf = (packet: Buffer): number => packet.readUInt16BE(2)
export const timestampOf = (packet: Buffer): number => packet.readUInt32BE(4)
export const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8)

/** Offset of the first payload byte, past CSRCs and header extension; larger than the packet when those do not fit. */
export function payloadStart(packet: Buffer): number {
  const first = packet[0]!
  const start = RTP_HEADER_BYTES + (first & 0x0f) * 4
  if ((first & 0x10) === 0) return start
  if (packet.length < start + 4) return Number.POSITIVE_INFINITY
  return start + 4 + packet.readUInt16BE(start + 2) * 4
}

/** Offset behind the last payload byte: padding (RFC 3550, P bit) is left out. */
export function payloadEnd(packet: Buffer): number {
  if ((packet[0]! & 0x20) === 0) return packet.length
  const padding = packet[packet.length - 1]!
  return padding === 0 ? -1 : packet.length - padding
}

/** Signed distance from `from` to `to` on the 16-bit sequence circle, -32768..32767. */
export const sequenceDelta = (from: number, to: number): number => ((to - from) << 16) >> 16

/** Signed distance from `from` to `to` on the 32-bit timestamp circle. */
export const timestampDelta = (from: number, to: number): number => (to - from) | 0

/** Writes a plain 12-byte header; sequence and timestamp may be unwrapped counters. */
export function writeRtpHeader(
  packet: Buffer,
  h: { payloadType: number; marker: boolean; sequence: number; timestamp: number; ssrc: number },
): void {
  packet[0] = 0x80
  packet[1] = (h.marker ? 0x80 : 0) | h.payloadType
  packet.writeUInt16BE(h.sequence & 0xffff, 2)
  packet.writeUInt32BE(h.timestamp >>> 0, 4)
  packet.writeUInt32BE(h.ssrc, 8)
}
