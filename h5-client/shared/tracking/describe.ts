import { apart, byTurns, type Corner, findCorners, spread } from './corners.ts'
import { type Grey, shrink, smooth } from './grey.ts'
import { seededRandom } from './random.ts'

/** A place that can be recognised: 256 comparisons of brightness around it, turned into its own direction. */
export type Feature = Corner & {
  /** How much coarser than the frame it was seen: 1, √2, 2, 2√2. */
  readonly octave: number
  /** Eight words of 32 comparisons. */
  readonly bits: Uint32Array
}

/** Largest reach of a comparison from its centre, in pixels of its octave. */
const REACH = 13
const MARGIN = 16
const TURNS = 36
const ORIENTATION_RADIUS = 12
/** Parts of the picture that take turns when features are spread over all of it. */
const TILE_PX = 64
const TURNS_OF_A_TILE = 30
export const OCTAVES = [1, Math.SQRT2, 2, 2 * Math.SQRT2] as const

/**
 * The comparisons, once for each of 36 directions: 256 × (x1, y1, x2, y2). They are part of the wire format of
 * features: changing them needs another FORMAT in features.ts.
 */
const PATTERNS: readonly Int8Array[] = makePatterns()

function makePatterns(): Int8Array[] {
  const random = seededRandom(0x70_6e_67)
  // Sum of uniform numbers: dense near the centre, never beyond the reach.
  const one = () => (random() + random() + random() - 1.5) * (2 / 3) * REACH
  const ends: number[] = []
  while (ends.length < 1024) {
    const pair = [one(), one(), one(), one()] as const
    if (Math.hypot(pair[0], pair[1]) > REACH || Math.hypot(pair[2], pair[3]) > REACH) continue
    // Neighbouring ends compare a pixel with itself.
    if (Math.hypot(pair[0] - pair[2], pair[1] - pair[3]) < 4) continue
    ends.push(...pair)
  }
  return Array.from({ length: TURNS }, (_, turn) => {
    const angle = (turn * 2 * Math.PI) / TURNS
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const pattern = new Int8Array(1024)
    for (let i = 0; i < 1024; i += 2) {
      pattern[i] = Math.round(cos * ends[i]! - sin * ends[i + 1]!)
      pattern[i + 1] = Math.round(sin * ends[i]! + cos * ends[i + 1]!)
    }
    return pattern
  })
}

/** Half widths of the disc in which brightness is weighed for the direction. */
const DISC = Array.from({ length: ORIENTATION_RADIUS + 1 }, (_, row) =>
  Math.floor(Math.sqrt(ORIENTATION_RADIUS ** 2 - row * row)),
)

/** Direction from the centre to the centre of brightness, 0..2π. */
function directionAt({ data, width }: Grey, x: number, y: number): number {
  let alongX = 0
  let alongY = 0
  for (let row = -ORIENTATION_RADIUS; row <= ORIENTATION_RADIUS; row += 1) {
    const half = DISC[Math.abs(row)]!
    const at = (y + row) * width + x
    let sum = 0
    for (let column = -half; column <= half; column += 1) {
      const value = data[at + column]!
      sum += value
      alongX += column * value
    }
    alongY += row * sum
  }
  const angle = Math.atan2(alongY, alongX)
  return angle < 0 ? angle + 2 * Math.PI : angle
}

function bitsAt({ data, width }: Grey, x: number, y: number): Uint32Array {
  const turn = Math.round((directionAt({ data, width, height: 0 }, x, y) / (2 * Math.PI)) * TURNS) % TURNS
  const pattern = PATTERNS[turn]!
  const centre = y * width + x
  const bits = new Uint32Array(8)
  for (let word = 0, i = 0; word < 8; word += 1) {
    let value = 0
    for (let bit = 0; bit < 32; bit += 1, i += 4) {
      const one = data[centre + pattern[i + 1]! * width + pattern[i]!]!
      const other = data[centre + pattern[i + 3]! * width + pattern[i + 2]!]!
      value = (value << 1) | (one < other ? 1 : 0)
    }
    bits[word] = value >>> 0
  }
  return bits
}

export type DescribeOptions = {
  readonly atMost: number
  /** How much a place (in pixels of the frame) matters; by default all parts of the picture have their share. */
  readonly importance?: (x: number, y: number) => number
  readonly apartPx?: number
}

/** Finds and describes places over four octaves. Places are in pixels of `frame`. */
export function describe(frame: Grey, { atMost, importance, apartPx }: DescribeOptions): Feature[] {
  const features: Feature[] = []
  let image = frame
  // Finer octaves hold more, and say more exactly where.
  const shares = [0.42, 0.28, 0.18, 0.12]
  OCTAVES.forEach((octave, index) => {
    if (index > 0) image = shrink(index === 1 ? frame : image, Math.SQRT2)
    if (Math.min(image.width, image.height) < 2 * MARGIN + 16) return
    // From the size that came out, which is whole pixels.
    const factorX = frame.width / image.width
    const factorY = frame.height / image.height
    const wanted = Math.round(atMost * shares[index]!)
    const corners = findCorners(image, MARGIN)
    const chosen = importance
      ? spread(
          corners,
          corner => importance((corner.x + 0.5) * factorX - 0.5, (corner.y + 0.5) * factorY - 0.5),
          apartPx ?? 5,
          wanted,
        )
      : apart(byTurns(corners, TILE_PX / octave, TURNS_OF_A_TILE), apartPx ?? 5, wanted)
    const soft = smooth(smooth(image))
    for (const corner of chosen) {
      const { x, y } = subPixel(image, corner)
      features.push({
        x: (x + 0.5) * factorX - 0.5,
        y: (y + 0.5) * factorY - 0.5,
        score: corner.score,
        octave,
        bits: bitsAt(soft, corner.x, corner.y),
      })
    }
  })
  return features
}

/** Where the gradients around a corner meet (Förstner): a whole pixel is too coarse for a mark that shall stand still. */
function subPixel({ data, width }: Grey, corner: Corner): { x: number; y: number } {
  let xx = 0
  let xy = 0
  let yy = 0
  let bx = 0
  let by = 0
  for (let row = -3; row <= 3; row += 1) {
    for (let column = -3; column <= 3; column += 1) {
      const at = (corner.y + row) * width + corner.x + column
      const gx = (data[at + 1]! - data[at - 1]!) / 2
      const gy = (data[at + width]! - data[at - width]!) / 2
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
      bx += gx * gx * column + gx * gy * row
      by += gx * gy * column + gy * gy * row
    }
  }
  const determinant = xx * yy - xy * xy
  if (determinant < 1e-6 * (xx + yy) ** 2) return corner
  const dx = (yy * bx - xy * by) / determinant
  const dy = (xx * by - xy * bx) / determinant
  return Math.abs(dx) > 2 || Math.abs(dy) > 2 ? corner : { x: corner.x + dx, y: corner.y + dy }
}
