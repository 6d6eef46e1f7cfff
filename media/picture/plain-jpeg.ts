import { AppError } from '../../signaling/protocol/errors.ts'

/** Larger than any frame a phone's video shows. */
const MAX_EDGE_PX = 4_096
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const COM = 0xfe

export type PlainJpeg = { readonly bytes: Buffer; readonly widthPx: number; readonly heightPx: number }

/**
 * A JPEG as a browser's canvas makes it: checked segment by segment (ITU-T T.81 annex B) without decoding a pixel, and freed
 * of everything that is no picture: application segments other than JFIF (place, device), comments, what follows the end.
 * @throws AppError `bad-request` when it is none, is cut off, or is larger than 4096 pixels
 */
export function plainJpeg(bytes: Buffer): PlainJpeg {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new AppError('bad-request', 'not a JPEG')
  const kept: Buffer[] = [bytes.subarray(0, 2)]
  let size: { widthPx: number; heightPx: number } | undefined
  let at = 2
  for (;;) {
    if (bytes[at] !== 0xff) throw new AppError('bad-request', 'a JPEG segment does not begin where it should')
    const marker = bytes[at + 1] ?? 0
    if (at + 4 > bytes.length) throw new AppError('bad-request', 'the JPEG is cut off')
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length || end < at + 4) throw new AppError('bad-request', 'the JPEG is cut off')
    if (isFrameHeader(marker)) {
      if (end - at < 9) throw new AppError('bad-request', 'the JPEG has no size')
      size = { heightPx: bytes.readUInt16BE(at + 5), widthPx: bytes.readUInt16BE(at + 7) }
    }
    const isExtra = (marker > 0xe0 && marker <= 0xef) || marker === COM
    if (!isExtra) kept.push(bytes.subarray(at, end))
    at = end
    if (marker === SOS) break
  }
  if (!size || size.widthPx === 0 || size.heightPx === 0) throw new AppError('bad-request', 'the JPEG has no size')
  if (Math.max(size.widthPx, size.heightPx) > MAX_EDGE_PX) throw new AppError('bad-request', 'the JPEG is too large')
  // In coded data 0xff is followed by 0 or a restart marker, so that the first 0xff 0xd9 is the end.
  const last = bytes.indexOf(Buffer.of(0xff, EOI), at)
  if (last < 0) throw new AppError('bad-request', 'the JPEG is cut off')
  kept.push(bytes.subarray(at, last + 2))
  return { bytes: Buffer.concat(kept), ...size }
}

/** SOF0…SOF15 without the tables DHT, JPG and DAC, which lie between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}
