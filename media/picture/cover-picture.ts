import sharp from 'sharp'
import { coverPlane, pixelsOf } from '../../signaling/protocol/cover-box.ts'
import type { Region } from '../../signaling/protocol/reading.ts'

sharp.concurrency(1)

export type CoverJob = { readonly bytes: Uint8Array; readonly boxes: readonly Region[] }
export type CoveredPicture = { readonly bytes: Buffer; readonly widthPx: number; readonly heightPx: number }

/**
 * Covers boxes of a picture for good. The result is a PNG: every pixel outside is exactly what the original decodes to, and
 * nothing of its metadata is taken along.
 * @throws sharp's error for bytes that are no picture
 */
export async function coverPicture({ bytes, boxes }: CoverJob): Promise<CoveredPicture> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width: widthPx, height: heightPx, channels: step } = info
  for (const region of boxes) {
    const box = pixelsOf(region, widthPx, heightPx)
    for (let channel = 0; channel < step; channel++) {
      // Covered pixels are opaque, whatever they were.
      const alpha = channel === 3 || (step === 2 && channel === 1)
      if (alpha) fill(data, { widthPx, step, channel }, box)
      else coverPlane({ data, offset: channel, widthPx, heightPx, step }, box, { striped: true, empty: 128 })
    }
  }
  const raw = { width: widthPx, height: heightPx, channels: step }
  return { bytes: await sharp(data, { raw }).png({ compressionLevel: 6 }).toBuffer(), widthPx, heightPx }
}

function fill(
  data: Uint8Array,
  { widthPx, step, channel }: { widthPx: number; step: number; channel: number },
  box: ReturnType<typeof pixelsOf>,
): void {
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++) data[channel + (y * widthPx + x) * step] = 255
}
