import sharp from 'sharp'

sharp.concurrency(1)

/** Both pictures are compared in this width: one pixel is 0.8 % of the picture. */
const WIDTH_PX = 128
/** How far a corner may have moved: less than a fingertip covers. */
const MAX_SHIFT_PX = 2
const SEARCH_PX = 8
/** Correlation from which two quarters show the same. Another sharpness, brightness or noise hardly lowers it. */
const ALIKE = 0.8
/** Standard deviation (of 255) under which a quarter is bare wall and proves nothing. */
const BARE = 4

export type ViewPair = { readonly frame: Uint8Array; readonly still: Uint8Array }

type Grey = { readonly pixels: Uint8Array; readonly width: number; readonly height: number }
type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/**
 * Whether two pictures of the same shape show the same view, corner upon corner: then what is drawn on one can stay on
 * the other. Each quarter is searched for by itself, so that a turn or another zoom is noticed as well as a shift. Views
 * in which nothing can be recognised are not the same.
 * @throws Error when one cannot be decoded
 */
export async function isSameView({ frame, still }: ViewPair): Promise<boolean> {
  const one = await greyOf(frame)
  const other = await greyOf(still, one.height)
  let alike = 0
  for (const quarter of quarters(one)) {
    if (deviation(one, quarter) < BARE) continue
    const { shiftPx, correlation } = bestShift(one, other, quarter)
    if (shiftPx > MAX_SHIFT_PX || correlation < ALIKE) return false
    alike += 1
  }
  return alike >= 2
}

async function greyOf(image: Uint8Array, heightPx?: number): Promise<Grey> {
  const { data, info } = await sharp(image, { limitInputPixels: 80_000_000 })
    .resize({ width: WIDTH_PX, ...(heightPx !== undefined && { height: heightPx, fit: 'fill' as const }) })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { pixels: data, width: info.width, height: info.height }
}

/** Four parts that keep the search inside the picture. */
function quarters({ width, height }: Grey): Box[] {
  const [w, h] = [Math.floor(width / 2) - SEARCH_PX, Math.floor(height / 2) - SEARCH_PX]
  return [SEARCH_PX, width - SEARCH_PX - w].flatMap(left =>
    [SEARCH_PX, height - SEARCH_PX - h].map(top => ({ left, top, width: w, height: h })),
  )
}

function deviation(grey: Grey, box: Box): number {
  let [sum, squares] = [0, 0]
  each(box, (x, y) => {
    const value = grey.pixels[y * grey.width + x] ?? 0
    sum += value
    squares += value * value
  })
  const count = box.width * box.height
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
}

function bestShift(one: Grey, other: Grey, box: Box): { shiftPx: number; correlation: number } {
  let best = { shiftPx: Number.POSITIVE_INFINITY, correlation: -1 }
  for (let dy = -SEARCH_PX; dy <= SEARCH_PX; dy += 1) {
    for (let dx = -SEARCH_PX; dx <= SEARCH_PX; dx += 1) {
      const found = correlation(one, other, box, dx, dy)
      if (found > best.correlation) best = { shiftPx: Math.hypot(dx, dy), correlation: found }
    }
  }
  return best
}

/** Normalised cross-correlation, 1 for the same but for brightness and contrast. */
function correlation(one: Grey, other: Grey, box: Box, dx: number, dy: number): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
  each(box, (x, y) => {
    const p = one.pixels[y * one.width + x] ?? 0
    const q = other.pixels[(y + dy) * other.width + x + dx] ?? 0
    a += p
    b += q
    aa += p * p
    bb += q * q
    ab += p * q
  })
  const count = box.width * box.height
  const spread = Math.sqrt((aa - (a * a) / count) * (bb - (b * b) / count))
  return spread === 0 ? 0 : (ab - (a * b) / count) / spread
}

function each(box: Box, visit: (x: number, y: number) => void): void {
  for (let y = box.top; y < box.top + box.height; y += 1) {
    for (let x = box.left; x < box.left + box.width; x += 1) visit(x, y)
  }
}
