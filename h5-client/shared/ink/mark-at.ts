import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import { highlighterWidth, markWidth, numberRadius, stampRadius, textBox } from '../mark-style.ts'
import { fromUnit, isInside, type Size } from '../picture-rect.ts'

type Place = { readonly x: number; readonly y: number }
/** A mouse is steadier than a finger, but nobody hits a line of 4 px. */
const REACH_PX = 9

/** The uppermost of these marks that a pointer touches on a picture shown with `size`; the place in 0..1 of it. */
export function markAt(marks: readonly Mark[], at: Point, size: Size): Mark | undefined {
  const rect = { x: 0, y: 0, ...size }
  const place = fromUnit(rect, at)
  return [...marks].reverse().find(mark => touches(mark, place, rect))
}

function touches(mark: Mark, at: Place, rect: Size & Place): boolean {
  const places = mark.points.map(point => fromUnit(rect, point))
  const [first, last] = [places[0], places[places.length - 1]]
  if (first === undefined || last === undefined) return false
  const reach = Math.max(REACH_PX, markWidth(rect) * 1.2)
  switch (mark.shape) {
    case 'pen':
      return toLine(at, places) <= reach
    case 'highlighter':
      return toLine(at, places) <= highlighterWidth(rect) / 2
    case 'line':
      return toLine(at, [first, last]) <= reach
    case 'arrow':
      if (mark.number !== undefined && distance(at, first) <= numberRadius(rect)) return true
      return toLine(at, [first, last]) <= reach
    case 'circle': {
      const [halfX, halfY] = [Math.abs(last.x - first.x) / 2 || 1, Math.abs(last.y - first.y) / 2 || 1]
      const middle = { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 }
      const part = Math.hypot((at.x - middle.x) / halfX, (at.y - middle.y) / halfY)
      return Math.abs(part - 1) * Math.min(halfX, halfY) <= reach
    }
    case 'box':
      return toLine(at, [first, { x: last.x, y: first.y }, last, { x: first.x, y: last.y }, first]) <= reach
    case 'text':
      return isInside(textBox(mark.text, first, rect), at.x, at.y)
    case 'stamp':
      return distance(at, first) <= stampRadius(rect) * 1.15
  }
}

function distance(one: Place, other: Place): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}

/** To the nearest place of a way of straight parts. */
function toLine(at: Place, places: readonly Place[]): number {
  let nearest = distance(at, places[0] as Place)
  for (let index = 1; index < places.length; index++) {
    const [from, to] = [places[index - 1] as Place, places[index] as Place]
    const length = distance(from, to)
    const along =
      length === 0 ? 0 : ((at.x - from.x) * (to.x - from.x) + (at.y - from.y) * (to.y - from.y)) / length ** 2
    const part = Math.min(1, Math.max(0, along))
    nearest = Math.min(
      nearest,
      distance(at, { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }),
    )
  }
  return nearest
}
