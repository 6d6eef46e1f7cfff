import type { Grey } from '../grey.ts'
import type { TextEngines } from '../text-engine.ts'
import { tidyLine } from '../text-lines.ts'
import { type Layout, layoutOf, StripCutter } from '../text-preparation.ts'
import { type RowReading, readRows, sureness } from '../text-reading.ts'
import { type Quarter, turnedByQuarter } from '../text-turn.ts'

/** One line of a document as the eye sees it: what stands side by side is one line, left to right. */
export type DocumentLine = {
  readonly text: string
  readonly confidence: number
  readonly parts: readonly RowReading[]
}

export type DocumentPage = {
  readonly lines: readonly DocumentLine[]
  /** Reads a part of the page again, expecting nothing but these characters ('' for all), its letters `letterPx` high. */
  readonly readOnly: (
    part: RowReading,
    characters: string,
    letterPx?: number,
  ) => Promise<{ text: string; confidence: number }>
}

/** The four ways up a document may be held, likeliest first. */
export function waysUp(layout: Layout): readonly Quarter[] {
  return layout.sideways ? [90, 270, 0, 180] : [0, 180]
}

/** Reads all print of a document, turned by quarters. */
export async function documentPage(engines: TextEngines, picture: Grey, quarter: Quarter): Promise<DocumentPage> {
  const { grey } = turnedByQuarter(picture, quarter)
  const layout = await layoutOf(grey, false)
  const cutter = new StripCutter(grey)
  const rows = await readRows(engines, cutter, layout)
  return {
    lines: joinedAcross(rows, layout.skewDeg),
    readOnly: async ({ row, strip }, characters, letterPx) => {
      const { grey: page } = letterPx === undefined ? strip : await cutter.cut(row, letterPx)
      const lines = await engines.latin.lines(page, 'line', characters)
      const text = lines.map(line => line.text.replace(/\s+/g, '')).join('')
      return { text, confidence: sureness(lines) }
    },
  }
}

/** For a first look: which way up, without reading. */
export const measured = (picture: Grey): Promise<Layout> => layoutOf(picture, false)

function joinedAcross(rows: readonly RowReading[], skewDeg: number): DocumentLine[] {
  const angle = (skewDeg * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const placed = rows.map(reading => ({
    reading,
    u: reading.row.centre.x * cos - reading.row.centre.y * sin - reading.row.lengthPx / 2,
    v: reading.row.centre.y * cos + reading.row.centre.x * sin,
  }))
  const lines: (typeof placed)[] = []
  for (const one of placed.sort((a, b) => a.v - b.v)) {
    const beside = lines.find(line =>
      line.some(other => {
        const smaller = Math.min(one.reading.row.heightPx, other.reading.row.heightPx)
        return Math.abs(one.v - other.v) < smaller * 0.6
      }),
    )
    if (beside === undefined) lines.push([one])
    else beside.push(one)
  }
  return lines.map(line => {
    const parts = line.sort((a, b) => a.u - b.u).map(({ reading }) => reading)
    return {
      text: parts.map(part => withoutSmudges(part.lines.map(one => one.text).join(' '))).join(' '),
      confidence: sureness(parts.flatMap(part => part.lines)),
      parts,
    }
  })
}

/** Gaps between caption and value come out as quotation marks, stops and bars; no field of a document holds any. */
const withoutSmudges = (text: string) => tidyLine(text.replace(/["“”'‘’`|。、，…«»]/g, ' '))
