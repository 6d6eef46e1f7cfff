/** Writing and reading the RTCP packets of a voice leg (RFC 3550 section 6). */
const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const SOURCE_DESCRIPTION = 202
const BYE = 203
const NTP_EPOCH_OFFSET_S = 2_208_988_800

export type ReportBlock = {
  ssrc: number
  /** Loss since the last report, 0..255 of 256. */
  fractionLost: number
  cumulativeLost: number
  highestSequence: number
  /** In timestamp units. */
  jitter: number
  /** Middle 32 bits of the last sender report's NTP time, and the delay since then in 1/65536 s; both 0 when none came. */
  lastSenderReport: number
  delaySinceLast: number
}
export type SenderInfo = { wallClockMs: number; rtpTimestamp: number; packets: number; octets: number }
export type RtcpReading = {
  senderReport: { ssrc: number; ntpMiddle: number } | undefined
  blocks: ReportBlock[]
  bye: boolean
}

/** NTP time in the 64-bit form of section 4, as two 32-bit words. */
export function ntpWords(wallClockMs: number): { seconds: number; fraction: number } {
  const seconds = Math.floor(wallClockMs / 1000)
  const fraction = Math.floor(((wallClockMs - seconds * 1000) / 1000) * 2 ** 32)
  return { seconds: (seconds + NTP_EPOCH_OFFSET_S) >>> 0, fraction: fraction >>> 0 }
}

/** The middle 32 bits: 16 of seconds, 16 of fraction. */
export function ntpMiddle(wallClockMs: number): number {
  const { seconds, fraction } = ntpWords(wallClockMs)
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0
}

/** A compound packet: SR (or RR before anything was sent), SDES with CNAME, and BYE where asked for. */
export function writeReport(o: {
  ssrc: number
  cname: string
  sender: SenderInfo | undefined
  block: ReportBlock | undefined
  bye: boolean
}): Buffer {
  const parts = [report(o.ssrc, o.sender, o.block), sourceDescription(o.ssrc, o.cname)]
  if (o.bye) {
    const bye = Buffer.alloc(8)
    writeHeader(bye, 1, BYE)
    bye.writeUInt32BE(o.ssrc, 4)
    parts.push(bye)
  }
  return Buffer.concat(parts)
}

function report(ssrc: number, sender: SenderInfo | undefined, block: ReportBlock | undefined): Buffer {
  const blockAt = sender === undefined ? 8 : 28
  const packet = Buffer.alloc(blockAt + (block === undefined ? 0 : 24))
  writeHeader(packet, block === undefined ? 0 : 1, sender === undefined ? RECEIVER_REPORT : SENDER_REPORT)
  packet.writeUInt32BE(ssrc, 4)
  if (sender !== undefined) {
    const { seconds, fraction } = ntpWords(sender.wallClockMs)
    packet.writeUInt32BE(seconds, 8)
    packet.writeUInt32BE(fraction, 12)
    packet.writeUInt32BE(sender.rtpTimestamp >>> 0, 16)
    packet.writeUInt32BE(sender.packets >>> 0, 20)
    packet.writeUInt32BE(sender.octets >>> 0, 24)
  }
  if (block !== undefined) {
    packet.writeUInt32BE(block.ssrc, blockAt)
    packet.writeUInt8(block.fractionLost, blockAt + 4)
    packet.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.cumulativeLost)), blockAt + 5, 3)
    packet.writeUInt32BE(block.highestSequence >>> 0, blockAt + 8)
    packet.writeUInt32BE(block.jitter >>> 0, blockAt + 12)
    packet.writeUInt32BE(block.lastSenderReport, blockAt + 16)
    packet.writeUInt32BE(block.delaySinceLast >>> 0, blockAt + 20)
  }
  return packet
}

function sourceDescription(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname, 'latin1').subarray(0, 255)
  // Header, SSRC, item type and length, text, then 1 to 4 zero bytes that end the chunk on a word.
  const packet = Buffer.alloc(Math.floor((10 + text.length) / 4) * 4 + 4)
  writeHeader(packet, 1, SOURCE_DESCRIPTION)
  packet.writeUInt32BE(ssrc, 4)
  packet[8] = 1
  packet[9] = text.length
  text.copy(packet, 10)
  return packet
}

function writeHeader(packet: Buffer, count: number, type: number): void {
  packet[0] = 0x80 | count
  packet[1] = type
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
}

/** Reads a compound packet; what is malformed or unknown is passed over. */
export function readReport(packet: Buffer): RtcpReading {
  const reading: RtcpReading = { senderReport: undefined, blocks: [], bye: false }
  for (let at = 0; at + 8 <= packet.length; ) {
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4
    if (packet[at]! >> 6 !== 2 || end > packet.length) break
    const type = packet[at + 1]!
    if (type === BYE) reading.bye = true
    const isSender = type === SENDER_REPORT && end - at >= 28
    if (isSender) reading.senderReport = { ssrc: packet.readUInt32BE(at + 4), ntpMiddle: packet.readUInt32BE(at + 10) }
    if (isSender || type === RECEIVER_REPORT) {
      const count = packet[at]! & 0x1f
      const first = at + (isSender ? 28 : 8)
      for (let n = 0, b = first; n < count && b + 24 <= end; n++, b += 24) reading.blocks.push(readBlock(packet, b))
    }
    at = end
  }
  return reading
}

function readBlock(packet: Buffer, at: number): ReportBlock {
  return {
    ssrc: packet.readUInt32BE(at),
    fractionLost: packet[at + 4]!,
    cumulativeLost: packet.readIntBE(at + 5, 3),
    highestSequence: packet.readUInt32BE(at + 8),
    jitter: packet.readUInt32BE(at + 12),
    lastSenderReport: packet.readUInt32BE(at + 16),
    delaySinceLast: packet.readUInt32BE(at + 20),
  }
}
