import sharp from 'sharp'
import { seededRandom } from './seeded-random.ts'

/** How a camera spoils a picture, each drawn by known arithmetic. Simulated: no lens, no sensor. */
export const CONDITIONS = [
  'clean',
  'skewed 3°',
  'skewed 8°',
  'skewed 15°',
  'turned 90°',
  'upside down',
  'dark',
  'uneven light',
  'low contrast',
  'blurred',
  'perspective',
  'JPEG noise',
  'small',
] as const
export type PictureCondition = (typeof CONDITIONS)[number]

type Raster = { readonly data: Buffer; readonly width: number; readonly height: number }
const GROUND = { r: 108, g: 112, b: 118 }

/** The picture as it would arrive: spoiled in one way and compressed once, by JPEG of quality 80 where nothing else is said. */
export async function spoil(png: Buffer, condition: PictureCondition, seed = 1): Promise<Buffer> {
  const random = seededRandom(seed)
  const raster = await rasterOf(condition === 'clean' ? png : await bent(png, condition))
  const { data, width, height } = raster
  let quality = 80
  if (condition === 'dark') shade(raster, value => 4 + 46 * (value / 255) ** 1.2 + 5 * bell(random))
  else if (condition === 'low contrast') shade(raster, value => 96 + value * 0.16 + 4 * bell(random))
  else if (condition === 'uneven light') {
    shade(raster, (value, x, y) => value * (0.12 + 0.88 * (1 - (0.6 * x) / width - (0.4 * y) / height) ** 1.5))
  } else if (condition === 'JPEG noise') {
    quality = 18
    shade(raster, value => value + 20 * bell(random))
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
}

async function bent(png: Buffer, condition: PictureCondition): Promise<Buffer> {
  const { width, height } = await sharp(png).metadata()
  const turned = (degrees: number) =>
    sharp(png).rotate(degrees, { background: GROUND }).resize(width, height, { fit: 'inside' }).png().toBuffer()
  switch (condition) {
    case 'skewed 3°':
      return turned(3)
    case 'skewed 8°':
      return turned(-8)
    case 'skewed 15°':
      return turned(15)
    case 'turned 90°':
      return sharp(png).rotate(90).png().toBuffer()
    case 'upside down':
      return sharp(png).rotate(180).png().toBuffer()
    case 'blurred':
      return sharp(png).blur(3).png().toBuffer()
    case 'small':
      return sharp(png)
        .resize(Math.round(width * 0.38))
        .png()
        .toBuffer()
    case 'perspective':
      return leaned(png)
    default:
      return png
  }
}

/** The right side farther away than the left: 30 % smaller, and slightly from above. */
async function leaned(png: Buffer): Promise<Buffer> {
  const { data, width, height } = await rasterOf(png)
  const out = Buffer.alloc(data.length)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      // The inverse map: where the pixel of the leaned picture lay in the flat one.
      const u = x / width
      const depth = 1 / (1 - 0.32 * u)
      const sx = ((u * 0.68 * depth) / 1) * width
      const sy = ((y / height - 0.5) * depth + 0.5 + 0.06 * (u - 0.5)) * height
      const at = (y * width + x) * 3
      if (sx < 0 || sy < 0 || sx >= width - 1 || sy >= height - 1) {
        out.fill(110, at, at + 3)
        continue
      }
      const ix = Math.floor(sx)
      const iy = Math.floor(sy)
      const fx = sx - ix
      const fy = sy - iy
      for (let c = 0; c < 3; c += 1) {
        const p = (dx: number, dy: number) => data[((iy + dy) * width + ix + dx) * 3 + c] ?? 0
        out[at + c] = (p(0, 0) * (1 - fx) + p(1, 0) * fx) * (1 - fy) + (p(0, 1) * (1 - fx) + p(1, 1) * fx) * fy
      }
    }
  }
  return sharp(out, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

async function rasterOf(png: Buffer): Promise<Raster> {
  const { data, info } = await sharp(png)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

function shade({ data, width, height }: Raster, change: (value: number, x: number, y: number) => number): void {
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1, at += 1) data[at] = Math.max(0, Math.min(255, change(data[at] ?? 0, x, y)))
    }
  }
}

/** About a normal distribution of deviation 1. */
const bell = (random: () => number) => (random() + random() + random() - 1.5) * 2
