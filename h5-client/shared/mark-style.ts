import type { MarkColour } from '../../signaling/protocol/mark-kinds.ts'
import type { Rect, Size } from './picture-rect.ts'

/** The same values as --mark-… in tokens.css. */
export const MARK_COLOUR_VALUES: Readonly<Record<MarkColour, string>> = {
  red: '#ff2d2d',
  yellow: '#ffd60a',
  green: '#27d45b',
  blue: '#2f8cff',
  white: '#ffffff',
  violet: '#c65cff',
}
/** Dark colours get a light rim and light ones a dark rim: one of the two stands out on any picture. */
export const MARK_RIMS: Readonly<Record<MarkColour, string>> = {
  red: '#ffffff',
  yellow: '#1a1a1a',
  green: '#10240f',
  blue: '#ffffff',
  white: '#1a1a1a',
  violet: '#ffffff',
}
export const HIGHLIGHTER_ALPHA = 0.4
const TEXT_FONT = 'system-ui, -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'

/** Width of a line in the units of `size`: at least 4, and thicker on a large picture so that it looks the same. */
export function markWidth(size: Size): number {
  return Math.max(4, Math.min(size.width, size.height) * 0.011)
}

/** A highlighter is as wide as a line of print is high. */
export function highlighterWidth(size: Size): number {
  return markWidth(size) * 4.5
}

/** Size of a text mark in the units of `size`; at least 20. */
export function markTextSize(size: Size): number {
  return Math.max(20, Math.min(size.width, size.height) * 0.065)
}

/** Half the height of a stamp; large enough to be told apart on a phone of 320 px. */
export function stampRadius(size: Size): number {
  return Math.max(18, Math.min(size.width, size.height) * 0.055)
}

/** Of the disc with the number at an arrow's tail. */
export function numberRadius(size: Size): number {
  return Math.max(12, markWidth(size) * 2.6)
}

export function markFont(sizePx: number): string {
  return `700 ${sizePx}px ${TEXT_FONT}`
}

/** About as wide as the text will be painted: full-width characters are square, others two thirds of that in the broadest fonts. */
export function textWidth(text: string, sizePx: number): number {
  let ems = 0
  for (const character of text) ems += (character.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.68
  return ems * sizePx
}

/**
 * Where a text stands and how large, so that all of it is on the picture: one that begins too far to the right moves to
 * the left, one that is longer than the picture gets smaller. The place is the left end of its baseline.
 */
export function fittedText(
  text: string,
  at: { readonly x: number; readonly y: number },
  rect: Rect,
): { readonly x: number; readonly y: number; readonly sizePx: number; readonly widthPx: number } {
  const room = rect.width * 0.98
  const sizePx = Math.min(markTextSize(rect), room / Math.max(1, textWidth(text, 1)))
  const widthPx = textWidth(text, sizePx)
  return { x: Math.max(rect.x, Math.min(at.x, rect.x + room - widthPx)), y: at.y, sizePx, widthPx }
}

/** What a text mark covers, in the units of `rect`. */
export function textBox(text: string, at: { readonly x: number; readonly y: number }, rect: Rect): Rect {
  const { x, y, sizePx, widthPx } = fittedText(text, at, rect)
  return { x, y: y - sizePx * 0.9, width: widthPx, height: sizePx * 1.2 }
}
