import type { Mark } from '../../signaling/protocol/mark.ts'
import { fromUnit, type Rect } from './picture-rect.ts'

type Colour = Mark['colour']
type Place = { readonly x: number; readonly y: number }
/** The part of a 2d context that painting needs. */
export type MarkContext = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'quadraticCurveTo'
  | 'ellipse'
  | 'arc'
  | 'fill'
  | 'stroke'
  | 'fillText'
  | 'strokeText'
  | 'lineWidth'
  | 'lineCap'
  | 'lineJoin'
  | 'strokeStyle'
  | 'fillStyle'
  | 'font'
  | 'textBaseline'
>

/** The same values as --mark-… in tokens.css. */
export const MARK_COLOUR_VALUES: Readonly<Record<Colour, string>> = {
  red: '#ff2d2d',
  yellow: '#ffd60a',
  green: '#27d45b',
  blue: '#2f8cff',
  white: '#ffffff',
}
/** Dark colours get a light rim and light ones a dark rim: one of the two stands out on any picture. */
const RIM: Readonly<Record<Colour, string>> = {
  red: '#ffffff',
  yellow: '#1a1a1a',
  green: '#10240f',
  blue: '#ffffff',
  white: '#1a1a1a',
}
const TEXT_FONT = 'system-ui, -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'

/** Width of a line in the units of `rect`: at least 4, and thicker on a large picture so that it looks the same. */
export function markWidth(rect: Rect): number {
  return Math.max(4, Math.min(rect.width, rect.height) * 0.011)
}

/** Size of a text mark in the units of `rect`; at least 20. */
export function markTextSize(rect: Rect): number {
  return Math.max(20, Math.min(rect.width, rect.height) * 0.065)
}

/**
 * Paints marks on the picture that covers `rect` of the context. Pure: the same marks and rectangle give the same
 * pixels on the phone, in the workbench and in the replay. Does not clear.
 */
export function paintMarks(context: MarkContext, marks: readonly Mark[], rect: Rect): void {
  context.save()
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.textBaseline = 'alphabetic'
  for (const mark of marks) paintMark(context, mark, rect)
  context.restore()
}

function paintMark(context: MarkContext, mark: Mark, rect: Rect): void {
  const places = mark.points.map(point => fromUnit(rect, point))
  const first = places[0]
  const last = places[places.length - 1]
  if (first === undefined || last === undefined) return
  const width = markWidth(rect)
  const colour = MARK_COLOUR_VALUES[mark.colour]
  if (mark.shape === 'text') {
    const size = markTextSize(rect)
    context.font = `700 ${size}px ${TEXT_FONT}`
    context.strokeStyle = RIM[mark.colour]
    context.lineWidth = Math.max(4, size * 0.2)
    context.strokeText(mark.text, first.x, first.y)
    context.fillStyle = colour
    context.fillText(mark.text, first.x, first.y)
    return
  }
  // The rim first, under the whole shape, so that crossing strokes of one mark stay clean.
  for (const pass of ['rim', 'line'] as const) {
    context.strokeStyle = pass === 'rim' ? RIM[mark.colour] : colour
    context.lineWidth = pass === 'rim' ? width * 1.9 : width
    context.beginPath()
    switch (mark.shape) {
      case 'pen':
        tracePen(context, places)
        break
      case 'arrow':
        traceArrow(context, first, last, width)
        break
      case 'circle':
        traceEllipse(context, first, last)
        break
    }
    context.stroke()
  }
}

/** Quadratic curves through the middles of neighbouring points: smooth, and earlier parts never move when points come. */
function tracePen(context: MarkContext, places: readonly Place[]): void {
  const [first, ...rest] = places
  if (first === undefined) return
  context.moveTo(first.x, first.y)
  // A tap without movement is a dot: a line of no length with round ends.
  if (rest.length === 0) context.lineTo(first.x + 0.01, first.y)
  let before = first
  for (const place of rest) {
    context.quadraticCurveTo(before.x, before.y, (before.x + place.x) / 2, (before.y + place.y) / 2)
    before = place
  }
  if (rest.length > 0) context.lineTo(before.x, before.y)
}

function traceArrow(context: MarkContext, from: Place, to: Place, width: number): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  if (length < 1) return
  const head = Math.min(Math.max(width * 4.5, length * 0.2), length * 0.6)
  const angle = Math.atan2(to.y - from.y, to.x - from.x)
  for (const side of [-1, 1]) {
    context.moveTo(to.x, to.y)
    context.lineTo(to.x - head * Math.cos(angle + side * 0.5), to.y - head * Math.sin(angle + side * 0.5))
  }
}

function traceEllipse(context: MarkContext, one: Place, other: Place): void {
  const radiusX = Math.max(1, Math.abs(other.x - one.x) / 2)
  const radiusY = Math.max(1, Math.abs(other.y - one.y) / 2)
  context.ellipse((one.x + other.x) / 2, (one.y + other.y) / 2, radiusX, radiusY, 0, 0, Math.PI * 2)
}
