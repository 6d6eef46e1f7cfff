import sharp from 'sharp'
import { PictureError } from './picture-error.ts'
import { VP8_FORMAT, vp8FirstPartitionBytes } from './vp8-format.ts'

// libvips would start one thread per core for each picture; media packets need those cores.
sharp.concurrency(1)

export type Picture = {
  /** A still image with the very bits the phone sent: nothing was decoded or encoded again. */
  readonly webp: Buffer
  readonly widthPx: number
  readonly heightPx: number
  /** Decoded and encoded in libuv's pool, not on the event loop. Rejects with PictureError `undecodable`. */
  jpeg(): Promise<Buffer>
}

/** A lossy WebP file is one VP8 key frame in a RIFF container (RFC 9649 sections 2.3 to 2.5). */
export function webpOfVp8KeyFrame(frame: Buffer): Buffer {
  const padding = frame.length % 2
  const webp = Buffer.alloc(20 + frame.length + padding)
  webp.write('RIFF', 0, 'latin1')
  webp.writeUInt32LE(12 + frame.length + padding, 4)
  webp.write('WEBPVP8 ', 8, 'latin1')
  webp.writeUInt32LE(frame.length, 16)
  frame.copy(webp, 20)
  return webp
}

/**
 * The picture of one complete VP8 key frame, as `KeyFrameCatcher` gives it.
 * Throws {@link PictureError} `not-a-key-frame` or `truncated`.
 */
export async function pictureOfVp8KeyFrame(frame: Buffer): Promise<Picture> {
  const size = VP8_FORMAT.size(frame)
  if (size === undefined) throw new PictureError('not-a-key-frame', 'not a VP8 key frame')
  if (10 + vp8FirstPartitionBytes(frame) > frame.length) {
    throw new PictureError('truncated', 'the VP8 key frame is cut off')
  }
  const webp = webpOfVp8KeyFrame(frame)
  return { webp, ...size, jpeg: () => jpegOf(webp) }
}

async function jpegOf(image: Buffer): Promise<Buffer> {
  try {
    return await sharp(image).jpeg({ quality: 90 }).toBuffer()
  } catch (error) {
    throw new PictureError('undecodable', 'the picture cannot be decoded', { cause: error })
  }
}
