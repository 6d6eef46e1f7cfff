import type { Region } from '../../signaling/protocol/reading.ts'
import type { ReadText, TextLine } from './text-messages.ts'
import type { Spot } from './text-turn.ts'

/** Bounds of the RecognisedText schema. */
const MAX_LINES = 500
const MAX_CHARACTERS = 20_000
/** Below this the engine is guessing at texture; such lines would only fill the agent's panel with noise. */
const MIN_CONFIDENCE = 30
const MIN_CONFIDENCE_OF_SHORT = 75

export type RawLine = {
  readonly text: string
  readonly confidence: number
  readonly bbox: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }
}

/** A line, and where a pixel of what the engine read lies in 0..1 of the whole picture. */
export type LocatedLine = RawLine & { readonly locate: (spot: Spot) => Spot }

/** The engine separates Chinese words by spaces that are not in the picture; a serial number's own spaces stay. */
export function tidyLine(text: string): string {
  const wide = '\\p{Script=Han}\\u3000-\\u303f\\uff00-\\uffef'
  return withoutLoneQuote(text)
    .replace(new RegExp(`(?<=[${wide}])[ \\t]+(?=[${wide}])`, 'gu'), '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The Chinese model reads a wide gap as a quotation mark; one that opens nothing or closes nothing is none. */
function withoutLoneQuote(text: string): string {
  return text.match(/[“”"]/g)?.length === 1 ? text.replace(/[“”"]/, ' ') : text
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

/** The upright box around the four corners of a line that may stand askew in the picture. */
function boxOf({ bbox: { x0, y0, x1, y1 }, locate }: LocatedLine): Region {
  const corners = [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ].map(locate)
  const xs = corners.map(corner => clamp(corner.x))
  const ys = corners.map(corner => clamp(corner.y))
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

/** Lines in reading order, with boxes in 0..1 of the whole picture. */
export function textOfLines(raw: readonly LocatedLine[], region: Region | undefined, turnedDeg = 0): ReadText {
  const lines: TextLine[] = []
  let characters = 0
  for (const line of raw) {
    const text = tidyLine(line.text)
    if (line.confidence < MIN_CONFIDENCE || !/[\p{L}\p{N}]/u.test(text)) continue
    // A fold or a reflection is one or two characters the engine is not sure of.
    if (text.length <= 2 && line.confidence < MIN_CONFIDENCE_OF_SHORT) continue
    characters += text.length + 1
    if (lines.length === MAX_LINES || characters > MAX_CHARACTERS) break
    lines.push({ text, confidence: line.confidence, box: boxOf(line) })
  }
  const confidence = lines.reduce((sum, line) => sum + line.confidence * line.text.length, 0)
  const weight = lines.reduce((sum, line) => sum + line.text.length, 0)
  return {
    ...(region === undefined ? {} : { region }),
    text: lines.map(line => line.text).join('\n'),
    confidence: weight === 0 ? 0 : confidence / weight,
    lines,
    ...(Math.abs(turnedDeg) < 0.05 || lines.length === 0 ? {} : { deskewedDeg: Number(turnedDeg.toFixed(2)) }),
  }
}
