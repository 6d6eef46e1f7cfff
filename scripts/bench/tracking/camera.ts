import sharp from 'sharp'
import { type Grey, halve } from '../../../h5-client/shared/tracking/grey.ts'
import { type Homography, invert } from '../../../h5-client/shared/tracking/homography.ts'
import { seededRandom } from '../../../h5-client/shared/tracking/random.ts'
import { type Moment, PICTURE, project, SURFACE_CENTRE, type View } from './scenes.ts'

const NOISE = makeNoise(1 << 18)

function makeNoise(length: number): Float32Array {
  const random = seededRandom(99)
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

/** A camera whose pose is known: photographs a surface with blur, noise, light and a hand in front of it. */
export class SimulatedCamera {
  readonly #surface: readonly Grey[]
  readonly #background: readonly Grey[]
  #shots = 0

  constructor(surface: Grey, background: Grey) {
    this.#surface = [surface, halve(surface), halve(halve(surface))]
    this.#background = [background, halve(background)]
  }

  /** What the sensor gives. */
  photograph(moment: Moment): Grey {
    const { width, height } = PICTURE
    const sums = new Float32Array(width * height)
    for (const view of moment.views) this.#expose(view, moment, sums)
    const data = new Uint8Array(width * height)
    this.#shots += 1
    const shift = (this.#shots * 7919) % NOISE.length
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        let value = sums[at]! / moment.views.length
        const { cover } = moment
        if (cover && Math.hypot(x - cover.x, (y - cover.y) * 0.6) < cover.radius) {
          value = 150 + 20 * Math.sin((x - cover.x) / 17) + 12 * Math.sin(y / 23)
        }
        value = value * (moment.gain + moment.slope * (x / width - 0.5)) + moment.offset
        value += moment.noise * NOISE[(at + shift) & (NOISE.length - 1)]!
        data[at] = value < 0 ? 0 : value > 255 ? 255 : value
      }
    }
    return { width, height, data }
  }

  #expose(view: View, moment: Moment, sums: Float32Array): void {
    const toSurface = invert(project(view))
    if (toSurface === undefined) throw new Error('a camera that sees nothing')
    const level = view.scale < 0.36 ? 2 : view.scale < 0.8 ? 1 : 0
    const image = this.#surface[level]!
    const back = this.#background[1]!
    const scale = 1 / (1 << level)
    const halfCardX = (moment.card?.width ?? 1e9) / 2
    const halfCardY = (moment.card?.height ?? 1e9) / 2
    const [a, b, c, d, e, f, g, h, i] = toSurface
    const { width, height } = PICTURE
    // Written out: this is where the benchmark spends its time.
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        const w = 1 / (g * x + h * y + i)
        const u = (a * x + b * y + c) * w
        const v = (d * x + e * y + f) * w
        const isOff = Math.abs(u - SURFACE_CENTRE.x) > halfCardX || Math.abs(v - SURFACE_CENTRE.y) > halfCardY
        sums[at]! += isOff
          ? sample(back, x + 80, y + 60)
          : sample(image, (u + 0.5) * scale - 0.5, (v + 0.5) * scale - 0.5)
      }
    }
  }
}

/** Bilinear; beyond its border a surface goes on as a dull grey. */
function sample(image: Grey, x: number, y: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  if (left < 0 || top < 0 || left >= image.width - 1 || top >= image.height - 1) return 96
  const at = top * image.width + left
  const { data, width } = image
  const upper = data[at]! + (x - left) * (data[at + 1]! - data[at]!)
  const lower = data[at + width]! + (x - left) * (data[at + width + 1]! - data[at + width]!)
  return upper + (y - top) * (lower - upper)
}

/** What is left of a picture after the way through a video codec at this quality (JPEG's, 1..100). */
export async function compressed(picture: Grey, quality: number): Promise<Grey> {
  const { width, height } = picture
  const jpeg = await sharp(Buffer.from(picture.data), { raw: { width, height, channels: 1 } })
    .jpeg({ quality })
    .toBuffer()
  const data = await sharp(jpeg).greyscale().raw().toBuffer()
  return { width, height, data: new Uint8Array(data) }
}

/** Anchor frame → this frame, picture pixels: the truth. */
export function truePose(anchor: View, now: View): Homography {
  const back = invert(project(anchor))
  if (back === undefined) throw new Error('a camera that sees nothing')
  const forth = project(now)
  const cell = (row: 0 | 3 | 6, column: 0 | 1 | 2) =>
    forth[row] * back[column] +
    forth[(row + 1) as 1] * back[(column + 3) as 3] +
    forth[(row + 2) as 2] * back[(column + 6) as 6]
  return [cell(0, 0), cell(0, 1), cell(0, 2), cell(3, 0), cell(3, 1), cell(3, 2), cell(6, 0), cell(6, 1), cell(6, 2)]
}
