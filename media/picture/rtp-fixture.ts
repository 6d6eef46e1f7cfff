/** For tests: cuts a frame into RTP packets the way a sender of that codec does. */
export type PacketOptions = {
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc?: number
  readonly maxPayloadBytes?: number
}

export function rtpPacket(options: PacketOptions & { readonly marker: boolean }, payload: Buffer): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(0x80, 0)
  header.writeUInt8((options.marker ? 0x80 : 0) | 101, 1)
  header.writeUInt16BE(options.sequence & 0xffff, 2)
  header.writeUInt32BE(options.timestamp >>> 0, 4)
  header.writeUInt32BE(options.ssrc ?? 0x11223344, 8)
  return Buffer.concat([header, payload])
}

/** RFC 7741 with a 15-bit picture id, as Chromium sends. */
export function vp8Packets(frame: Buffer, options: PacketOptions): Buffer[] {
  const step = options.maxPayloadBytes ?? 1100
  const packets: Buffer[] = []
  for (let at = 0; at < frame.length; at += step) {
    const descriptor = Buffer.from([0x80 | (at === 0 ? 0x10 : 0), 0x80, 0x80, 0x2a])
    const marker = at + step >= frame.length
    const payload = Buffer.concat([descriptor, frame.subarray(at, at + step)])
    packets.push(rtpPacket({ ...options, sequence: options.sequence + packets.length, marker }, payload))
  }
  return packets
}

/** RFC 6184: parameter sets in one STAP-A, pictures in FU-A fragments. */
export function h264Packets(annexB: Buffer, options: PacketOptions): Buffer[] {
  const units = splitAnnexB(annexB)
  const step = options.maxPayloadBytes ?? 1100
  const sets = units.filter(unit => [7, 8].includes((unit[0] ?? 0) & 0x1f))
  const payloads: Buffer[] = []
  if (sets.length > 0) {
    const parts = sets.flatMap(unit => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit])
    payloads.push(Buffer.concat([Buffer.from([0x78]), ...parts]))
  }
  for (const unit of units.filter(one => [1, 5].includes((one[0] ?? 0) & 0x1f))) {
    const header = unit[0] ?? 0
    for (let at = 1; at < unit.length; at += step) {
      const flags = (at === 1 ? 0x80 : 0) | (at + step >= unit.length ? 0x40 : 0)
      const indicator = Buffer.from([(header & 0xe0) | 28, flags | (header & 0x1f)])
      payloads.push(Buffer.concat([indicator, unit.subarray(at, at + step)]))
    }
  }
  return payloads.map((payload, i) =>
    rtpPacket({ ...options, sequence: options.sequence + i, marker: i === payloads.length - 1 }, payload),
  )
}

function splitAnnexB(bytes: Buffer): Buffer[] {
  const starts: { begin: number; code: number }[] = []
  for (let i = 0; i + 3 <= bytes.length; i++) {
    if (bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 1) starts.push({ begin: i + 3, code: i })
  }
  return starts.map((start, i) => {
    const next = starts[i + 1]
    let end = next === undefined ? bytes.length : next.code
    while (end > start.begin && bytes[end - 1] === 0) end--
    return bytes.subarray(start.begin, end)
  })
}
