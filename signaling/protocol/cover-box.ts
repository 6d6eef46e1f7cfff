import type { Region } from './reading.ts'

/** One plane of a picture, or one channel of interleaved pixels (`step` bytes from pixel to pixel). */
export type Plane = {
  readonly data: Uint8Array
  readonly offset: number
  readonly widthPx: number
  readonly heightPx: number
  readonly step: number
}
export type PixelBox = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

/** A box drawn by hand or followed by a machine is a little off: so much of the longer side is covered around it. */
const MARGIN = 0.008
/** Neither black nor white is believed to be a cover: kept between these. */
const DARKEST = 64
const LIGHTEST = 190
const STRIPE = 14

/** The pixels to cover, outwards, on even places (two by two pixels share their colour in film), and with a margin. */
export function pixelsOf(box: Region, widthPx: number, heightPx: number): PixelBox {
  const margin = Math.max(2, MARGIN * Math.max(widthPx, heightPx))
  const even = (value: number) => value - (value % 2)
  return {
    left: even(Math.max(0, Math.floor(box.x * widthPx - margin))),
    top: even(Math.max(0, Math.floor(box.y * heightPx - margin))),
    right: Math.min(widthPx, even(Math.ceil((box.x + box.width) * widthPx + margin) + 1)),
    bottom: Math.min(heightPx, even(Math.ceil((box.y + box.height) * heightPx + margin) + 1)),
  }
}

/**
 * Covers a box for good: what comes out depends on the pixels around the box alone, never on those inside, so there is
 * nothing to be sharpened or guessed back. One flat colour, the mean of the pixels around; `striped` planes get faint
 * stripes, so that a reader sees that something was covered.
 */
export function coverPlane(
  plane: Plane,
  box: PixelBox,
  o: { readonly striped: boolean; readonly empty: number },
): void {
  const { data, offset, widthPx, step } = plane
  const around = meanAround(plane, box)
  const flat = o.striped ? Math.max(DARKEST, Math.min(LIGHTEST, around ?? o.empty)) : (around ?? o.empty)
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const stripe = o.striped && ((x + y) >> 3) % 4 === 0 ? STRIPE : 0
      data[offset + (y * widthPx + x) * step] = flat + stripe
    }
  }
}

function meanAround({ data, offset, widthPx, heightPx, step }: Plane, box: PixelBox): number | undefined {
  let sum = 0
  let count = 0
  const take = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= widthPx || y >= heightPx) return
    sum += data[offset + (y * widthPx + x) * step] ?? 0
    count += 1
  }
  for (let x = box.left; x < box.right; x++) {
    take(x, box.top - 1)
    take(x, box.bottom)
  }
  for (let y = box.top; y < box.bottom; y++) {
    take(box.left - 1, y)
    take(box.right, y)
  }
  return count === 0 ? undefined : Math.round(sum / count)
}
