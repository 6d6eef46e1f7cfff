/** What the first bytes of a VP8 RTP payload tell (RFC 7741, section 4). */
export type Vp8Payload = {
  /** Length of the payload descriptor; VP8 data follows. */
  readonly descriptorBytes: number
  readonly startsFrame: boolean
  readonly key: boolean
  readonly widthPx: number
  readonly heightPx: number
}

/** Undefined when the payload is too short to be VP8. `head` needs the first 20 bytes at most. */
export function parseVp8(head: Buffer): Vp8Payload | undefined {
  const first = head[0]
  if (first === undefined) return undefined
  let at = 1
  if ((first & 0x80) !== 0) {
    const extension = head[at] ?? 0
    at += 1
    if ((extension & 0x80) !== 0) at += ((head[at] ?? 0) & 0x80) !== 0 ? 2 : 1
    if ((extension & 0x40) !== 0) at += 1
    if ((extension & 0x30) !== 0) at += 1
  }
  if (at >= head.length) return undefined
  const startsFrame = (first & 0x10) !== 0 && (first & 0x0f) === 0
  const data = head.subarray(at)
  const key = startsFrame && isVp8Key(data)
  const { widthPx, heightPx } = key ? vp8Size(data) : { widthPx: 0, heightPx: 0 }
  return { descriptorBytes: at, startsFrame, key, widthPx, heightPx }
}

/** A key frame has its low bit clear and carries the start code 9d 01 2a (RFC 6386, section 9.1). */
export function isVp8Key(frame: Buffer): boolean {
  return (
    frame.length >= 10 && ((frame[0] ?? 1) & 1) === 0 && frame[3] === 0x9d && frame[4] === 0x01 && frame[5] === 0x2a
  )
}

function vp8Size(keyFrame: Buffer): { widthPx: number; heightPx: number } {
  return { widthPx: keyFrame.readUInt16LE(6) & 0x3fff, heightPx: keyFrame.readUInt16LE(8) & 0x3fff }
}
