import { blurred, despeckled, type Grey, resized } from './grey.ts'
import { evenedOut, inverted, isPrintLight, levelsOf } from './text-contrast.ts'
import { inkOf } from './text-ink.ts'
import { type Row, rowsOf } from './text-rows.ts'
import { median, skewOf } from './text-skew.ts'
import { framed, type Strip, stripOf } from './text-strip.ts'

/** The engine's models were trained on letters of about this height. */
export const LETTER_PX = 34
const LAYOUT_SIDE_PX = 1100
/** Of a whole picture's shorter side, what is higher is a frame or a shadow; a region may hold one line only. */
const TALLEST_SHARE = 0.35
const TALLEST_SHARE_OF_REGION = 0.98
/** Paper that varies by more than this (of 255) is calmed before ink is looked for. */
const NOISY = 2
const SMALLEST_TILE_PX = 16

/** Where the print of a picture is, as measured on a small copy of it. */
export type Layout = {
  readonly skewDeg: number
  readonly sideways: boolean
  /** In pixels of the picture that was measured; in reading order for one column. */
  readonly rows: readonly Row[]
}

/** Finds lines of print within 20° of upright (or of a quarter turn, which is told but not searched). */
export async function layoutOf(grey: Grey, isRegion: boolean): Promise<Layout> {
  const scale = Math.min(isRegion ? 2 : 1, LAYOUT_SIDE_PX / Math.max(grey.widthPx, grey.heightPx))
  // The mean over a few pixels takes most of the camera's noise out.
  const small = await resized(grey, scale)
  const side = Math.max(small.widthPx, small.heightPx)
  const tilePx = Math.max(SMALLEST_TILE_PX, Math.round(isRegion ? Math.min(side / 8, small.heightPx) : side / 24))
  const tallest = Math.min(small.widthPx, small.heightPx) * (isRegion ? TALLEST_SHARE_OF_REGION : TALLEST_SHARE)
  const light = isPrintLight(small, tilePx)
  const found = await rowsOn(small, light, tilePx, tallest)
  // One picture may hold both: a white label in dark surroundings makes the whole look like light print on dark.
  const other = await rowsOn(small, !light, tilePx, tallest)
  const back = grey.widthPx / small.widthPx
  const { skewDeg, sideways } = found
  const rows = withOthers(found.rows, other.rows).map(row => ({
    centre: { x: row.centre.x * back, y: row.centre.y * back },
    angleDeg: row.angleDeg,
    lengthPx: row.lengthPx * back,
    heightPx: row.heightPx * back,
    letterPx: row.letterPx * back,
  }))
  // The lines know their angle better than the profile of the whole page does.
  const angles = rows.filter(row => row.lengthPx > row.letterPx * 5).map(row => row.angleDeg)
  return { skewDeg: angles.length === 0 ? skewDeg : median(angles), sideways, rows }
}

async function rowsOn(small: Grey, light: boolean, tilePx: number, tallestPx: number) {
  const page = await asBlackOnWhite(small, light, tilePx, async noisy => blurred(await despeckled(noisy), 0.8))
  const ink = inkOf(page, Math.max(24, tallestPx))
  const { skewDeg, sideways } = skewOf(ink)
  return { skewDeg, sideways, rows: rowsOf(ink.letters, skewDeg) }
}

/** Letters that fit into a line, by its length: what has many is print and no texture. */
const lettersOf = (row: Row) => row.lengthPx / row.letterPx
const MANY_LETTERS = 6
/** Where nothing was found in its place, a line must be surer still. */
const MANY_ALONE = 9

/** Lines of the other polarity that are longer than what was found in their place; what they cover is a part of them. */
function withOthers(found: readonly Row[], others: readonly Row[]): readonly Row[] {
  const isOver = (one: Row, other: Row) =>
    Math.abs(one.centre.y - other.centre.y) < Math.max(one.heightPx, other.heightPx) / 2 &&
    Math.abs(one.centre.x - other.centre.x) < (one.lengthPx + other.lengthPx) / 2
  const better = others.filter(other => {
    const rivals = found.filter(one => isOver(one, other))
    return (
      lettersOf(other) >= (rivals.length > 0 ? MANY_LETTERS : MANY_ALONE) &&
      rivals.every(one => lettersOf(one) < lettersOf(other) && one.lengthPx < other.lengthPx * 0.8)
    )
  })
  if (better.length === 0) return found
  const rest = found.filter(one => !better.some(other => isOver(one, other)))
  return [...rest, ...better].sort((a, b) => a.centre.y - b.centre.y)
}

async function blackOnWhite(grey: Grey, tilePx: number, calmed: (noisy: Grey) => Promise<Grey>): Promise<Grey> {
  return asBlackOnWhite(grey, isPrintLight(grey, tilePx), tilePx, calmed)
}

async function asBlackOnWhite(
  grey: Grey,
  light: boolean,
  tilePx: number,
  calmed: (noisy: Grey) => Promise<Grey>,
): Promise<Grey> {
  const ink = light ? inverted(grey) : grey
  const levels = levelsOf(ink, tilePx)
  if (levels.noise <= NOISY) return evenedOut(ink, levels)
  const calm = await calmed(ink)
  return evenedOut(calm, levelsOf(calm, tilePx))
}

/**
 * Lines of print ready for the engine: straight, letters of one height, dark on white under any light.
 * What the light and the ground are is asked of each line anew: a display and the label beside it differ.
 */
export class StripCutter {
  readonly #grey: Grey
  readonly #smaller = new Map<number, Promise<Grey>>()

  constructor(grey: Grey) {
    this.#grey = grey
  }

  /** @param letterPx height of a letter on the strip; another than the usual one can help where a reading failed */
  async cut(row: Row, letterPx = LETTER_PX): Promise<Strip> {
    // Sampling at a much smaller size would skip pixels: the picture is halved until one sample is about one pixel.
    let halves = 0
    while (row.letterPx / 2 ** halves > letterPx * 1.6) halves += 1
    const grey = await this.#halved(halves)
    const ratio = grey.widthPx / this.#grey.widthPx
    const scaled: Row = {
      centre: { x: row.centre.x * ratio, y: row.centre.y * ratio },
      angleDeg: row.angleDeg,
      lengthPx: row.lengthPx * ratio,
      heightPx: row.heightPx * ratio,
      letterPx: row.letterPx * ratio,
    }
    const strip = stripOf(grey, scaled, letterPx)
    const even = await blackOnWhite(strip.grey, Math.round(letterPx * 2.2), noisy => blurred(noisy, 1.1))
    const { grey: page, back } = framed({ grey: even, back: strip.back }, letterPx)
    return {
      grey: page,
      back: spot => {
        const there = back(spot)
        return { x: there.x / ratio, y: there.y / ratio }
      },
    }
  }

  #halved(times: number): Promise<Grey> {
    const known = this.#smaller.get(times)
    if (known !== undefined) return known
    const made = resized(this.#grey, 1 / 2 ** times)
    this.#smaller.set(times, made)
    return made
  }
}
