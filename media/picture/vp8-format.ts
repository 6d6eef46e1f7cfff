import type { FrameFormat, FramePart, FrameSize } from './frame-part.ts'

/** Bytes of the payload descriptor of RFC 7741 section 4.2, or undefined when it runs past the packet. */
function descriptorBytes(payload: Buffer): number | undefined {
  let at = 1
  const first = payload[0]
  if (first === undefined) return undefined
  if ((first & 0x80) !== 0) {
    const extension = payload[at++]
    if (extension === undefined) return undefined
    if ((extension & 0x80) !== 0) {
      const pictureId = payload[at]
      if (pictureId === undefined) return undefined
      at += (pictureId & 0x80) !== 0 ? 2 : 1
    }
    if ((extension & 0x40) !== 0) at += 1
    if ((extension & 0x30) !== 0) at += 1
  }
  return at < payload.length ? at : undefined
}

function part(payload: Buffer): FramePart | undefined {
  const start = descriptorBytes(payload)
  if (start === undefined) return undefined
  const descriptor = payload.readUInt8(0)
  const first = (descriptor & 0x10) !== 0 && (descriptor & 0x07) === 0
  const bytes = payload.subarray(start)
  // P = 0 in the first byte of the VP8 frame header means key frame (RFC 6386 section 9.1).
  return { first, key: first ? (bytes.readUInt8(0) & 1) === 0 : undefined, bytes }
}

/** The frame header of RFC 6386 section 9.1: start code, then 14-bit width and height with 2 scaling bits each. */
function size(keyFrame: Buffer): FrameSize | undefined {
  if (keyFrame.length < 10 || (keyFrame.readUInt8(0) & 1) !== 0) return undefined
  if (keyFrame.readUIntBE(3, 3) !== 0x9d012a) return undefined
  const widthPx = keyFrame.readUInt16LE(6) & 0x3fff
  const heightPx = keyFrame.readUInt16LE(8) & 0x3fff
  return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : undefined
}

export const VP8_FORMAT: FrameFormat = { part, size }

/** Length of the first partition, which must lie inside the frame (RFC 6386 section 9.1). */
export function vp8FirstPartitionBytes(keyFrame: Buffer): number {
  return keyFrame.readUIntLE(0, 3) >> 5
}
