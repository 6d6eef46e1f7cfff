import { createHash } from 'node:crypto'
import sharp, { type Sharp } from 'sharp'
import { decodeHeic } from './heic.ts'
import { IntakeError } from './intake-error.ts'
import { type PictureType, typeOf } from './picture-type.ts'

sharp.concurrency(1)

/** The largest phone pictures of today have 50 million pixels; four bytes each must fit into the memory of the process. */
export const MAX_PIXELS = 80_000_000
/** Whole in memory, twice: no line-by-line decoding there. 48 million is what an iPhone takes. */
export const MAX_HEIC_PIXELS = 50_000_000
/** What browsers and graphics chips of phones still paint as one texture. */
export const MAX_SIDE_PX = 4096
/** A long screenshot (a chat, a receipt) would be unreadable on 4096 pixels; its width must survive. */
const LONG_RATIO = 3
const MAX_LONG_SIDE_PX = 12_288
const MAX_PNG_BYTES = 4 * 1024 * 1024
const JPEG = { quality: 92, chromaSubsampling: '4:4:4' } as const

export type SafePicture = {
  readonly bytes: Buffer
  readonly type: 'image/jpeg' | 'image/png'
  readonly widthPx: number
  readonly heightPx: number
  /** The bytes as they came: what the archive keeps of them. */
  readonly received: { readonly sha256: string; readonly bytes: number; readonly type: PictureType }
}

/**
 * Decodes a picture from outside and encodes it anew: upright, sRGB, without any metadata (place, device, thumbnail),
 * within bounds; of an animation the first frame. JPEG, except where the source is drawn rather than photographed.
 * The pixels are counted by the header before anything is decoded.
 * @throws IntakeError
 */
export async function makeSafe(bytes: Uint8Array): Promise<SafePicture> {
  if (bytes.byteLength === 0) throw new IntakeError('empty')
  const type = typeOf(bytes)
  if (type === undefined) throw new IntakeError('unknown-type')
  if (type === 'application/pdf') throw new IntakeError('not-a-picture')
  const received = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.byteLength,
    type,
  }
  try {
    const upright = type === 'image/heic' ? await openHeic(bytes) : await open(bytes)
    return { ...(await encode(upright.image, upright.widthPx, upright.heightPx, type)), received }
  } catch (cause) {
    if (cause instanceof IntakeError) throw cause
    throw new IntakeError('undecodable', { cause })
  }
}

type Upright = { readonly image: Sharp; readonly widthPx: number; readonly heightPx: number }

async function open(bytes: Uint8Array): Promise<Upright> {
  // Without a limit here, so that the refusal is ours and typed; the header alone is read.
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata()
  assertPixels(autoOrient.width, autoOrient.height, MAX_PIXELS)
  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated', sequentialRead: true }).autoOrient()
  return { image, widthPx: autoOrient.width, heightPx: autoOrient.height }
}

/** sharp reads the boxes of a HEIC file (size, colour profile) but not the HEVC inside. */
async function openHeic(bytes: Uint8Array): Promise<Upright> {
  const { width, height, icc } = await sharp(bytes, { limitInputPixels: false }).metadata()
  assertPixels(width, height, MAX_HEIC_PIXELS)
  const decoded = await decodeHeic(bytes, MAX_HEIC_PIXELS, icc)
  return { image: sharp(decoded.png), widthPx: decoded.widthPx, heightPx: decoded.heightPx }
}

function assertPixels(widthPx: number, heightPx: number, maxPixels: number): void {
  if (!(widthPx > 0) || !(heightPx > 0)) throw new IntakeError('undecodable')
  if (widthPx * heightPx > maxPixels) throw new IntakeError('too-many-pixels')
}

/** The size to keep: inside the bound, never enlarged. */
export function boundedSize(widthPx: number, heightPx: number): { width: number; height: number } {
  const [long, short] = [Math.max(widthPx, heightPx), Math.min(widthPx, heightPx)]
  const bound = long > short * LONG_RATIO ? MAX_LONG_SIDE_PX : MAX_SIDE_PX
  const scale = Math.min(1, bound / long, Math.sqrt((MAX_SIDE_PX * MAX_SIDE_PX) / (widthPx * heightPx)))
  return { width: Math.max(1, Math.round(widthPx * scale)), height: Math.max(1, Math.round(heightPx * scale)) }
}

async function encode(image: Sharp, widthPx: number, heightPx: number, type: PictureType) {
  // Nothing of the metadata is asked to be kept, so sharp writes none; profiles are turned into sRGB on the way.
  const sized = image
    .resize({ ...boundedSize(widthPx, heightPx), fit: 'fill' })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
  if (type === 'image/png' || type === 'image/gif') {
    const { data, info } = await sized.clone().png({ compressionLevel: 6 }).toBuffer({ resolveWithObject: true })
    if (data.length <= MAX_PNG_BYTES)
      return { bytes: data, type: 'image/png', widthPx: info.width, heightPx: info.height } as const
  }
  const { data, info } = await sized.jpeg(JPEG).toBuffer({ resolveWithObject: true })
  return { bytes: data, type: 'image/jpeg', widthPx: info.width, heightPx: info.height } as const
}
