import type { Grey } from '../grey.ts'
import { apply, compose, type Homography, invert } from '../homography.ts'
import { seededRandom } from '../random.ts'

export const VIEW = { width: 320, height: 240 } as const

/** A surface that no real camera ever saw: blocks and lines of random grey, the same for a seed. For tests. */
export function simulatedSurface(seed: number, width = 900, height = 700): Grey {
  const random = seededRandom(seed)
  const data = new Uint8Array(width * height).fill(128)
  for (let i = 0; i < 520; i += 1) {
    const [x, y] = [Math.floor(random() * width), Math.floor(random() * height)]
    const [w, h] = [4 + Math.floor(random() * 46), 4 + Math.floor(random() * 40)]
    const value = Math.floor(random() * 256)
    for (let row = y; row < Math.min(height, y + h); row += 1)
      data.fill(value, row * width + x, row * width + Math.min(width, x + w))
  }
  return { width, height, data }
}

/** One round hole beside the other, all alike. */
export function repeatedSurface(periodPx: number, width = 900, height = 700): Grey {
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const away = Math.hypot((x % periodPx) - periodPx / 2, (y % periodPx) - periodPx / 2)
      data[y * width + x] = away < periodPx * 0.3 ? 40 : 170
    }
  }
  return { width, height, data }
}

export type CameraPose = { x: number; y: number; scale: number; turnDeg: number; tilt: number }
export const HOME: CameraPose = { x: 450, y: 350, scale: 1, turnDeg: 0, tilt: 0 }

/** Surface → picture, pixels. */
export function projection(
  { x, y, scale, turnDeg, tilt }: CameraPose,
  size: { width: number; height: number } = VIEW,
): Homography {
  const [cos, sin] = [Math.cos((turnDeg * Math.PI) / 180) * scale, Math.sin((turnDeg * Math.PI) / 180) * scale]
  const turned: Homography = [cos, -sin, -cos * x + sin * y, sin, cos, -sin * x - cos * y, 0, 0, 1]
  const tilted: Homography = [1, 0, 0, 0, 1, 0, tilt / 1000, 0, 1]
  return compose([1, 0, size.width / 2, 0, 1, size.height / 2, 0, 0, 1], compose(tilted, turned))
}

export type Shot = {
  readonly surface: Grey
  readonly pose: CameraPose
  readonly noise?: number
  readonly gain?: number
  /** Part of the picture that something else covers, pixels. */
  readonly cover?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly size?: { readonly width: number; readonly height: number }
  /** What is seen through the picture where the surface ends, and where it ends (surface pixels around its middle). */
  readonly before?: { readonly background: Grey; readonly halfWidth: number; readonly halfHeight: number }
}

/** A simulated photograph. */
export function photograph(
  { surface, pose, noise = 2, gain = 1, cover, size = VIEW, before }: Shot,
  seed: number,
): Grey {
  const random = seededRandom(seed)
  const toSurface = invert(projection(pose, size))
  if (toSurface === undefined) throw new Error('a camera that sees nothing')
  const { width, height } = size
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const place = apply(toSurface, x, y)
      const isOff =
        before !== undefined &&
        (Math.abs(place.x - surface.width / 2) > before.halfWidth ||
          Math.abs(place.y - surface.height / 2) > before.halfHeight)
      const isCovered = cover && x >= cover.x && y >= cover.y && x < cover.x + cover.width && y < cover.y + cover.height
      const value = isCovered
        ? 90
        : isOff
          ? sample(before.background, x + 40, y + 40)
          : sample(surface, place.x, place.y)
      data[y * width + x] = Math.max(0, Math.min(255, value * gain + noise * (random() + random() - 1) * 1.7))
    }
  }
  return { width, height, data }
}

function sample({ width, height, data }: Grey, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  if (left < 0 || top < 0 || left >= width - 1 || top >= height - 1) return 100
  const at = top * width + left
  const upper = data[at]! + (x - left) * (data[at + 1]! - data[at]!)
  const lower = data[at + width]! + (x - left) * (data[at + width + 1]! - data[at + width]!)
  return upper + (y - top) * (lower - upper)
}
