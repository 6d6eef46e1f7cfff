import type { Region } from '../../signaling/protocol/reading.ts'
import type { ReadText, TextLine } from './text-messages.ts'

/** Bounds of the RecognisedText schema. */
const MAX_LINES = 500
const MAX_CHARACTERS = 20_000
/** Below this the engine is guessing at texture; such lines would only fill the agent's panel with noise. */
const MIN_CONFIDENCE = 30

export type RawLine = {
  readonly text: string
  readonly confidence: number
  readonly bbox: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }
}

/** The engine separates Chinese words by spaces that are not in the picture; a serial number's own spaces stay. */
export function tidyLine(text: string): string {
  const wide = '\\p{Script=Han}\\u3000-\\u303f\\uff00-\\uffef'
  return text
    .replace(new RegExp(`(?<=[${wide}])[ \\t]+(?=[${wide}])`, 'gu'), '')
    .replace(/\s+/g, ' ')
    .trim()
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

/**
 * Lines in reading order, with boxes in 0..1 of the whole picture.
 * @param page size in pixels of what the engine read, which shows `region` of the picture
 */
export function textOfLines(
  raw: readonly RawLine[],
  page: { readonly widthPx: number; readonly heightPx: number },
  region: Region | undefined,
): ReadText {
  const within = region ?? { x: 0, y: 0, width: 1, height: 1 }
  const lines: TextLine[] = []
  let characters = 0
  for (const line of raw) {
    const text = tidyLine(line.text)
    if (text === '' || line.confidence < MIN_CONFIDENCE) continue
    characters += text.length + 1
    if (lines.length === MAX_LINES || characters > MAX_CHARACTERS) break
    const x0 = clamp(within.x + (line.bbox.x0 / page.widthPx) * within.width)
    const y0 = clamp(within.y + (line.bbox.y0 / page.heightPx) * within.height)
    const x1 = clamp(within.x + (line.bbox.x1 / page.widthPx) * within.width)
    const y1 = clamp(within.y + (line.bbox.y1 / page.heightPx) * within.height)
    lines.push({
      text,
      confidence: line.confidence,
      box: { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) },
    })
  }
  const confidence = lines.reduce((sum, line) => sum + line.confidence * line.text.length, 0)
  const weight = lines.reduce((sum, line) => sum + line.text.length, 0)
  return {
    ...(region === undefined ? {} : { region }),
    text: lines.map(line => line.text).join('\n'),
    confidence: weight === 0 ? 0 : confidence / weight,
    lines,
  }
}
