import { createRequire } from 'node:module'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { IntakeError } from './intake-error.ts'

type HeifImage = {
  get_width(): number
  get_height(): number
  is_primary(): boolean
  display(target: HeifPixels, done: (pixels: HeifPixels | null) => void): void
  free(): void
}
type HeifPixels = { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number }
/** The part of libheif-js that is used here; the package's own types describe the C interface. */
type LibHeif = { readonly HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] } }

/**
 * The primary picture of a HEIC file as PNG, turned upright by the decoder, with the profile of the file.
 * libheif runs as WebAssembly: a flaw in its HEVC decoder stays inside its own memory.
 * @param icc the colour profile named by the file, if any
 * @throws IntakeError
 */
export async function decodeHeic(
  bytes: Uint8Array,
  maxPixels: number,
  icc: Buffer | undefined,
): Promise<{ png: Buffer; widthPx: number; heightPx: number }> {
  // Only when the first HEIC comes: it is two megabytes of code. An old-style module, hence require.
  const libheif: LibHeif = createRequire(import.meta.url)('libheif-js/wasm-bundle')
  const images = new libheif.HeifDecoder().decode(bytes)
  const image = images.find(one => one.is_primary()) ?? images[0]
  if (!image) throw new IntakeError('undecodable')
  const [width, height] = [image.get_width(), image.get_height()]
  if (width * height > maxPixels) throw new IntakeError('too-many-pixels')
  const pixels = await new Promise<HeifPixels | null>(resolve => {
    image.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, resolve)
  })
  for (const one of images) one.free()
  if (!pixels) throw new IntakeError('undecodable')
  const png = await sharp(pixels.data, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 0 })
    .toBuffer()
  return { png: icc ? withProfile(png, icc) : png, widthPx: width, heightPx: height }
}

/** Puts an `iCCP` chunk after the header, for raw pixels cannot carry their profile (PNG third edition, section 11.3.2.3). */
export function withProfile(png: Buffer, icc: Buffer): Buffer {
  const afterHeader = 8 + 4 + 4 + 13 + 4
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc)])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length - 4, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([
    png.subarray(0, afterHeader),
    frame.subarray(0, 4),
    body,
    frame.subarray(4),
    png.subarray(afterHeader),
  ])
}
