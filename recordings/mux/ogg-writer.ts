/** CRC-32 as Ogg wants it: polynomial 0x04c11db7, not reflected, from zero. */
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n << 24
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0)
  return crc >>> 0
})
const BEGINS = 2
const ENDS = 4
/** A page is closed before its lacing values run out; no Opus packet needs more than five of them here. */
const PACKETS_A_PAGE = 40

/** An Ogg Opus file (RFC 3533, RFC 7845), one channel, nothing to skip. `samples` are at 8 kHz; positions count at 48 kHz. */
export function writeOggOpus(packets: readonly Buffer[], samples: readonly number[]): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\0\0\0\0\0\0\0\0\0', 'latin1')
  head.writeUInt32LE(48_000, 12)
  const tags = Buffer.concat([Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1')])
  const pages = [page([head], 0, 0, BEGINS), page([tags], 0, 1, 0)]
  let position = 0
  for (let at = 0; at < packets.length; at += PACKETS_A_PAGE) {
    const some = packets.slice(at, at + PACKETS_A_PAGE)
    for (let n = 0; n < some.length; n++) position += (samples[at + n] ?? 0) * 6
    pages.push(page(some, position, pages.length, at + PACKETS_A_PAGE >= packets.length ? ENDS : 0))
  }
  return Buffer.concat(pages)
}

function page(packets: readonly Buffer[], position: number, number: number, flags: number): Buffer {
  const lacing = packets.flatMap(packet => [
    ...Array.from({ length: Math.floor(packet.length / 255) }, () => 255),
    packet.length % 255,
  ])
  const header = Buffer.alloc(27 + lacing.length)
  header.write('OggS', 0, 'latin1')
  header[5] = flags
  header.writeBigUInt64LE(BigInt(position), 6)
  header.writeUInt32LE(1, 14)
  header.writeUInt32LE(number, 18)
  header[26] = lacing.length
  header.set(lacing, 27)
  const whole = Buffer.concat([header, ...packets])
  let crc = 0
  for (const octet of whole) crc = ((crc << 8) ^ (CRC[((crc >>> 24) ^ octet) & 0xff] ?? 0)) >>> 0
  whole.writeUInt32LE(crc, 22)
  return whole
}
