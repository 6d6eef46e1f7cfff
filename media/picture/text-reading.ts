import type { Region } from '../../signaling/protocol/reading.ts'
import type { Grey } from './grey.ts'
import type { TextEngines } from './text-engine.ts'
import { type LocatedLine, type RawLine, textOfLines } from './text-lines.ts'
import type { ReadText } from './text-messages.ts'
import { type Layout, layoutOf, StripCutter } from './text-preparation.ts'
import type { Row } from './text-rows.ts'
import type { Strip } from './text-strip.ts'
import { type Quarter, type Spot, turnedByQuarter } from './text-turn.ts'

/** Under this the print was not understood, and the picture is tried another way up. */
const POOR_CONFIDENCE = 62
/** Characters per letter's height of a line: about 1 for Chinese, 1.5 for Latin. */
const COVERED = 0.4
/** By how much a less likely way up must read better: a serial number upside down is full of letters too. */
const CLEARLY = 1.6
/** A line read as Latin with this confidence is not Chinese. */
const SURE = 88
/** More lines than a screen of small print are texture; the longest are read. */
const MOST_ROWS = 60

/** Reads the print of a picture, whichever way it stands. `grey` shows `region` of it. Rejects when the engine fails. */
export async function readGrey(engines: TextEngines, grey: Grey, region: Region | undefined): Promise<ReadText> {
  const upright = await layoutOf(grey, region !== undefined)
  const readAt = async (quarter: Quarter) =>
    readTurned(engines, grey, region, quarter, quarter === 0 ? upright : undefined)
  const [first, second] = upright.sideways ? ([90, 270] as const) : ([0, 180] as const)
  let best = await readAt(first)
  if (best.confidence >= POOR_CONFIDENCE && !upright.sideways && coversRows(best, upright)) return best
  best = better(best, await readAt(second))
  if (best.confidence >= POOR_CONFIDENCE || !upright.sideways) return best
  return better(best, await readAt(0))
}

async function readTurned(
  engines: TextEngines,
  picture: Grey,
  region: Region | undefined,
  quarter: Quarter,
  known: Layout | undefined,
): Promise<ReadText> {
  const { grey, back } = turnedByQuarter(picture, quarter)
  const layout = known ?? (await layoutOf(grey, region !== undefined))
  const within = region ?? { x: 0, y: 0, width: 1, height: 1 }
  const locate = (spot: Spot): Spot => {
    const there = back(spot)
    return {
      x: within.x + (there.x / picture.widthPx) * within.width,
      y: within.y + (there.y / picture.heightPx) * within.height,
    }
  }
  const lines = await linesOf(engines, grey, layout, locate)
  const turned = quarter + layout.skewDeg
  return textOfLines(lines, region, turned > 180 ? turned - 360 : turned)
}

async function linesOf(
  engines: TextEngines,
  grey: Grey,
  layout: Layout,
  locate: (spot: Spot) => Spot,
): Promise<LocatedLine[]> {
  const rows = await readRows(engines, new StripCutter(grey), layout)
  return rows.flatMap(({ lines, strip }) => lines.map(line => ({ ...line, locate: spot => locate(strip.back(spot)) })))
}

/** A line of print, where it stands, what the engine was shown, and what it read. */
export type RowReading = { readonly row: Row; readonly strip: Strip; readonly lines: readonly RawLine[] }

/** One recognition per line of print: each has its own size, angle and light, and nothing between them is taken for text. */
export async function readRows(engines: TextEngines, cutter: StripCutter, layout: Layout): Promise<RowReading[]> {
  const longest = new Set([...layout.rows].sort((a, b) => b.lengthPx - a.lengthPx).slice(0, MOST_ROWS))
  const readings: RowReading[] = []
  for (const row of layout.rows.filter(one => longest.has(one))) {
    const strip = await cutter.cut(row)
    readings.push({ row, strip, lines: await lineOf(engines, strip.grey) })
  }
  return readings
}

/**
 * Both languages have a model of their own, and each is sure of itself only in its own: asking them separately reads mixed
 * labels better than the engine's own mixing of languages, in less time.
 */
async function lineOf({ latin, chinese }: TextEngines, strip: Grey): Promise<RawLine[]> {
  const asLatin = await latin.lines(strip, 'line')
  if (sureness(asLatin) >= SURE) return asLatin
  let asChinese = await chinese.lines(strip, 'line')
  // The engine's own search for the line sometimes finds none in a strip that holds one.
  if (asLatin.length + asChinese.length === 0) asChinese = await chinese.lines(strip, 'block')
  const han = asChinese.reduce((sum, line) => sum + (line.text.match(/\p{Script=Han}/gu)?.length ?? 0), 0)
  const [one, other] = [sureness(asLatin), sureness(asChinese)]
  // Latin letters made of Chinese characters come with little certainty; so do Chinese characters made of a smudge.
  const preferChinese = han >= 2 ? other >= one - 60 : other > one + 15
  return preferChinese ? asChinese : asLatin
}

/** Confidence of several lines, by their lengths; 0 for none. */
export function sureness(lines: readonly RawLine[]): number {
  const weight = lines.reduce((sum, line) => sum + line.text.length, 0)
  return weight === 0 ? 0 : lines.reduce((sum, line) => sum + line.confidence * line.text.length, 0) / weight
}

/** Whether about as many characters were read as the lines are long: upside down, the engine is sure of a few it imagines. */
function coversRows(read: ReadText, { rows }: Layout): boolean {
  const letters = rows.reduce((sum, row) => sum + row.lengthPx / row.letterPx, 0)
  return read.text.replace(/\s/g, '').length >= letters * COVERED
}

/** More print that is surer of itself; length alone would prefer noise. */
function better(likelier: ReadText, other: ReadText): ReadText {
  return worth(other) > worth(likelier) * CLEARLY ? other : likelier
}
function worth(read: ReadText): number {
  return read.lines.reduce((sum, line) => sum + Math.max(0, line.confidence - 40) * line.text.length, 0)
}
