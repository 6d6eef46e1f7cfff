import type { Ink } from './text-ink.ts'

const WIDEST_DEG = 20
/** How much wider the gaps between columns must be than those between rows before lines are taken to run down. */
const SIDEWAYS_FACTOR = 1.25

export type Skew = {
  /** By how much the print must be turned clockwise to stand straight; 0 when there is no telling. */
  readonly skewDeg: number
  /** The lines run down the picture rather than across. */
  readonly sideways: boolean
}

/** Finds the angle of the lines of print by projection profiles, within 20° of upright or of a quarter turn. */
export function skewOf({ letters, points }: Ink): Skew {
  if (letters.length < 4) return { skewDeg: 0, sideways: false }
  const across = bestAngle(points, false, median(letters.map(one => one.height)))
  const down = bestAngle(points, true, median(letters.map(one => one.width)))
  const sideways = down.gaps > across.gaps * SIDEWAYS_FACTOR
  return { skewDeg: (sideways ? down : across).deg, sideways }
}

export function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0
}

/** The angle at which the ink falls into the sharpest rows (or columns), and how far lines stand apart from their gaps there. */
function bestAngle(points: Int16Array, columns: boolean, letterPx: number): { deg: number; gaps: number } {
  // Rows of a quarter of a letter: finer ones reward single strokes, coarser ones blur neighbouring lines.
  const rowPx = Math.max(1, letterPx / 4)
  let best = { deg: 0, energy: energyOf(profileOf(points, columns, 0, rowPx)) }
  const tryAngles = (from: number, to: number, step: number) => {
    for (let deg = from; deg <= to + 1e-9; deg += step) {
      const energy = energyOf(profileOf(points, columns, deg, rowPx))
      if (energy > best.energy) best = { deg, energy }
    }
  }
  tryAngles(-WIDEST_DEG, WIDEST_DEG, 1)
  tryAngles(best.deg - 0.9, best.deg + 0.9, 0.15)
  const profile = profileOf(points, columns, best.deg, rowPx)
  return { deg: best.deg, gaps: energyOf(profile) / energyOf(smoothed(profile)) }
}

/** Ink per row after the picture was turned clockwise by the angle. */
function profileOf(points: Int16Array, columns: boolean, clockwiseDeg: number, rowPx: number): Float64Array {
  const angle = (clockwiseDeg * Math.PI) / 180
  const cos = Math.cos(angle) / rowPx
  const sin = Math.sin(angle) / rowPx
  const rows = new Float64Array(8192)
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i] ?? 0
    const y = points[i + 1] ?? 0
    const row = Math.floor(columns ? x * cos - y * sin : y * cos + x * sin) + 4096
    rows[row] = (rows[row] ?? 0) + 1
  }
  return rows
}

function energyOf(profile: Float64Array): number {
  let sum = 0
  for (const ink of profile) sum += ink * ink
  return sum
}

/** Over a bit more than two letters: a line and the gap beside it become one. */
function smoothed(profile: Float64Array): Float64Array {
  const reach = 4
  const out = new Float64Array(profile.length)
  let sum = 0
  for (let i = 0; i < profile.length + reach; i += 1) {
    sum += (profile[i] ?? 0) - (profile[i - 2 * reach - 1] ?? 0)
    if (i >= reach) out[i - reach] = sum / (2 * reach + 1)
  }
  return out
}
