import sharp from 'sharp'
import type { Region } from '../../signaling/protocol/reading.ts'

sharp.concurrency(1)

/** Tesseract reads best with capitals of 20 to 40 pixels; a phone's 720p picture of a label falls short of that. */
const READ_SIDE_PX = 1600
const MAX_INPUT_PIXELS = 50_000_000
/** Mean brightness (0..255) under which the picture is taken for light print on a dark ground. */
const DARK_GROUND = 100

export type PreparedPage = { readonly image: Buffer; readonly widthPx: number; readonly heightPx: number }

/** Cuts out the region, then grey, stretched to full contrast, dark on light, and large enough. Throws on bad pictures. */
export async function prepareForReading(image: Uint8Array, region: Region | undefined): Promise<PreparedPage> {
  const source = sharp(image, { limitInputPixels: MAX_INPUT_PIXELS })
  const { width, height } = await source.metadata()
  const left = Math.min(width - 1, Math.floor((region?.x ?? 0) * width))
  const top = Math.min(height - 1, Math.floor((region?.y ?? 0) * height))
  const cut = {
    left,
    top,
    width: Math.max(1, Math.min(width - left, Math.ceil((region?.width ?? 1) * width))),
    height: Math.max(1, Math.min(height - top, Math.ceil((region?.height ?? 1) * height))),
  }
  const { data, info } = await source
    .extract(cut)
    .flatten({ background: '#fff' })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const stats = await sharp(data, { raw }).stats()
  // Percentiles other than 0 and 100 would cut off the print itself where it covers little of the picture.
  let page = sharp(data, { raw }).normalise({ lower: 0, upper: 100 })
  if ((stats.channels[0]?.mean ?? 255) < DARK_GROUND) page = page.negate()
  const side = Math.max(cut.width, cut.height)
  if (side < READ_SIDE_PX) {
    const scale = Math.min(4, READ_SIDE_PX / side)
    page = page.resize({ width: Math.max(1, Math.round(cut.width * scale)), kernel: 'cubic' })
  }
  const out = await page.png({ compressionLevel: 1 }).toBuffer({ resolveWithObject: true })
  return { image: out.data, widthPx: out.info.width, heightPx: out.info.height }
}
