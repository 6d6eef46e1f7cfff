import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { Mark } from '../../signaling/protocol/mark.ts'
import { type Place, traceArrow, traceBox, traceEllipse, traceLine, tracePen } from './mark-paths.ts'
import {
  fittedText,
  HIGHLIGHTER_ALPHA,
  highlighterWidth,
  MARK_COLOUR_VALUES,
  MARK_RIMS,
  markFont,
  markWidth,
  numberRadius,
  stampRadius,
} from './mark-style.ts'
import { fromUnit, type Rect } from './picture-rect.ts'
import { STAMP_PATHS } from './stamp-paths.ts'

/** The part of a 2d context that painting needs. */
export type MarkContext = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'closePath'
  | 'moveTo'
  | 'lineTo'
  | 'quadraticCurveTo'
  | 'ellipse'
  | 'arc'
  | 'fill'
  | 'stroke'
  | 'fillText'
  | 'strokeText'
  | 'globalAlpha'
  | 'lineWidth'
  | 'lineCap'
  | 'lineJoin'
  | 'strokeStyle'
  | 'fillStyle'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
>
type Paint = { readonly context: MarkContext; readonly rect: Rect; readonly colour: string; readonly rim: string }

/**
 * Paints marks on the picture that covers `rect` of the context. Pure: the same marks and rectangle give the same
 * pixels on the phone, in the workbench and in the replay. Does not clear.
 */
export function paintMarks(context: MarkContext, marks: readonly Mark[], rect: Rect): void {
  context.save()
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.textAlign = 'left'
  context.textBaseline = 'alphabetic'
  for (const mark of marks) {
    const places = mark.points.map(point => fromUnit(rect, point))
    const paint = { context, rect, colour: MARK_COLOUR_VALUES[mark.colour], rim: MARK_RIMS[mark.colour] }
    paintMark(paint, mark, places)
  }
  context.restore()
}

function paintMark(paint: Paint, mark: Mark, places: readonly Place[]): void {
  const first = places[0]
  const last = places[places.length - 1]
  if (first === undefined || last === undefined) return
  const { context, rect } = paint
  const width = markWidth(rect)
  switch (mark.shape) {
    case 'pen':
      rimmed(paint, width, () => tracePen(context, places))
      break
    case 'highlighter':
      paintHighlighter(paint, places)
      break
    case 'line':
      rimmed(paint, width, () => traceLine(context, first, last))
      break
    case 'arrow':
      rimmed(paint, width, () => traceArrow(context, first, last, width))
      if (mark.number !== undefined) paintNumber(paint, first, mark.number)
      break
    case 'circle':
      rimmed(paint, width, () => traceEllipse(context, first, last))
      break
    case 'box':
      rimmed(paint, width, () => traceBox(context, first, last))
      break
    case 'text':
      paintText(paint, mark.text, first)
      break
    case 'stamp':
      paintStamp(paint, mark.stamp, first)
      break
    default:
      assertNever(mark)
  }
}

/** The rim first, under the whole shape, so that crossing strokes of one mark stay clean. */
function rimmed({ context, colour, rim }: Paint, width: number, trace: () => void): void {
  for (const pass of ['rim', 'line'] as const) {
    context.strokeStyle = pass === 'rim' ? rim : colour
    context.lineWidth = pass === 'rim' ? width * 1.9 : width
    context.beginPath()
    trace()
    context.stroke()
  }
}

/** One path and no rim: print shows through, and where the stroke crosses itself it gets no darker. */
function paintHighlighter({ context, rect, colour }: Paint, places: readonly Place[]): void {
  context.globalAlpha = HIGHLIGHTER_ALPHA
  context.strokeStyle = colour
  context.lineWidth = highlighterWidth(rect)
  context.beginPath()
  tracePen(context, places)
  context.stroke()
  context.globalAlpha = 1
}

/** "Number three": a disc at the tail, so that the tip stays free. */
function paintNumber({ context, rect, colour, rim }: Paint, at: Place, number: number): void {
  const radius = numberRadius(rect)
  context.beginPath()
  context.arc(at.x, at.y, radius, 0, Math.PI * 2)
  context.fillStyle = colour
  context.fill()
  context.strokeStyle = rim
  context.lineWidth = Math.max(2, radius * 0.18)
  context.stroke()
  const sizePx = radius * (number < 10 ? 1.45 : number < 100 ? 1.15 : 0.85)
  context.font = markFont(sizePx)
  context.textAlign = 'center'
  context.fillStyle = rim
  // A digit's height is about 0.72 of its size; half of that below the middle stands upright in the disc.
  context.fillText(String(number), at.x, at.y + sizePx * 0.36)
  context.textAlign = 'left'
}

function paintText({ context, rect, colour, rim }: Paint, text: string, at: Place): void {
  const { x, y, sizePx } = fittedText(text, at, rect)
  context.font = markFont(sizePx)
  context.strokeStyle = rim
  context.lineWidth = Math.max(4, sizePx * 0.2)
  context.strokeText(text, x, y)
  context.fillStyle = colour
  context.fillText(text, x, y)
}

function paintStamp(paint: Paint, kind: keyof typeof STAMP_PATHS, middle: Place): void {
  const { context, rect, colour, rim } = paint
  const stamp = STAMP_PATHS[kind]
  const radius = stampRadius(rect)
  const at = (x: number, y: number) => [middle.x + x * radius, middle.y + y * radius] as const
  const width = Math.max(markWidth(rect), radius * 0.34)
  if (!stamp.filled) {
    rimmed(paint, width, () => stamp.trace(context, at, radius))
    return
  }
  context.beginPath()
  stamp.trace(context, at, radius)
  context.strokeStyle = rim
  context.lineWidth = radius * 0.32
  context.stroke()
  context.fillStyle = colour
  context.fill()
  const { detail } = stamp
  if (!detail) return
  if (!detail.on) {
    rimmed(paint, radius * 0.2, () => detail.trace(context, at, radius))
    return
  }
  context.beginPath()
  detail.trace(context, at, radius)
  context.lineWidth = radius * 0.24
  context.stroke()
}
