import sharp from 'sharp'
import type { Region } from '../../signaling/protocol/reading.ts'

// libvips would start one thread per core for each picture; media packets need those cores.
sharp.concurrency(1)
// Nothing of one caller's picture stays in memory for the next.
sharp.cache(false)

const MAX_INPUT_PIXELS = 50_000_000

/** A picture of brightness only, 0 black to 255 white, row by row. */
export type Grey = { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number }

const asInput = (grey: Grey) => ({
  raw: { width: grey.widthPx, height: grey.heightPx, channels: 1 as const },
})

/** The pixels a region covers, at least one. */
export function pixelsOf(region: Region | undefined, size: { readonly width: number; readonly height: number }) {
  const left = Math.min(size.width - 1, Math.floor((region?.x ?? 0) * size.width))
  const top = Math.min(size.height - 1, Math.floor((region?.y ?? 0) * size.height))
  return {
    left,
    top,
    width: Math.max(1, Math.min(size.width - left, Math.ceil((region?.width ?? 1) * size.width))),
    height: Math.max(1, Math.min(size.height - top, Math.ceil((region?.height ?? 1) * size.height))),
  }
}

/** Decodes the region of an encoded picture. Rejects when it is no picture, or one too large to be honest. */
export async function greyOf(image: Uint8Array, region?: Region): Promise<Grey> {
  const source = sharp(image, { limitInputPixels: MAX_INPUT_PIXELS })
  const { width, height } = await source.metadata()
  const { data, info } = await source
    .extract(pixelsOf(region, { width, height }))
    .flatten({ background: '#fff' })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels === 1) return { data, widthPx: info.width, heightPx: info.height }
  const first = new Uint8Array(info.width * info.height)
  for (let i = 0; i < first.length; i += 1) first[i] = data[i * info.channels] ?? 0
  return { data: first, widthPx: info.width, heightPx: info.height }
}

/** The same picture at another size; both sides at least one pixel. */
export async function resized(grey: Grey, scale: number): Promise<Grey> {
  const widthPx = Math.max(1, Math.round(grey.widthPx * scale))
  const heightPx = Math.max(1, Math.round(grey.heightPx * scale))
  if (widthPx === grey.widthPx && heightPx === grey.heightPx) return grey
  const data = await sharp(grey.data, asInput(grey))
    .resize({ width: widthPx, height: heightPx, fit: 'fill', kernel: scale > 1 ? 'cubic' : 'lanczos3' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return { data, widthPx, heightPx }
}

/** Removes single noisy pixels. */
export async function despeckled(grey: Grey): Promise<Grey> {
  const data = await sharp(grey.data, asInput(grey)).median(3).toColourspace('b-w').raw().toBuffer()
  return { ...grey, data }
}

/** Takes out what is finer than `sigmaPx`. */
export async function blurred(grey: Grey, sigmaPx: number): Promise<Grey> {
  const data = await sharp(grey.data, asInput(grey)).blur(sigmaPx).toColourspace('b-w').raw().toBuffer()
  return { ...grey, data }
}

/** The part of the picture, in pixels; what lies outside is left out. */
export function cut(grey: Grey, left: number, top: number, width: number, height: number): Grey {
  const x0 = Math.max(0, Math.min(grey.widthPx - 1, Math.floor(left)))
  const y0 = Math.max(0, Math.min(grey.heightPx - 1, Math.floor(top)))
  const widthPx = Math.max(1, Math.min(grey.widthPx - x0, Math.ceil(width)))
  const heightPx = Math.max(1, Math.min(grey.heightPx - y0, Math.ceil(height)))
  const data = new Uint8Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y += 1) {
    const from = (y0 + y) * grey.widthPx + x0
    data.set(grey.data.subarray(from, from + widthPx), y * widthPx)
  }
  return { data, widthPx, heightPx }
}

/** A portable grey map (PGM, binary): what the engine reads without decompressing anything. */
export function pgmOf(grey: Grey): Buffer {
  const head = Buffer.from(`P5\n${grey.widthPx} ${grey.heightPx}\n255\n`, 'latin1')
  return Buffer.concat([head, grey.data])
}
