import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import type { Size } from '../picture-rect.ts'

export type Snapped = { readonly shape: Extract<Mark['shape'], 'line' | 'circle' | 'box'>; readonly points: Point[] }
type Place = { readonly x: number; readonly y: number }

/** Smaller strokes are dots and hooks. */
const SMALLEST_PX = 16
const SAMPLES = 72
/** Ends nearer than this part of the stroke's diagonal close it. */
const CLOSED = 0.3
/** A line may leave its chord by this part of its length. */
const LINE_SLACK = 0.07
/** Mean distance from the shape's outline, as part of its half size, up to which a stroke is meant as that shape. */
const SHAPE_SLACK = 0.12
/** Sides that differ by less become equal: people who draw a circle mean a round one. */
const ROUND = 0.18

/**
 * The clean shape that a rough stroke means, or undefined for what is none. Points in 0..1 of a picture that is shown
 * with `size` (any unit): round is what looks round.
 */
export function snapped(points: readonly Point[], size: Size): Snapped | undefined {
  const places = evenly(points.map(([x, y]) => ({ x: x * size.width, y: y * size.height })))
  const [first, last] = [places[0], places[places.length - 1]]
  if (first === undefined || last === undefined) return undefined
  const xs = places.map(place => place.x)
  const ys = places.map(place => place.y)
  const box = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
  const diagonal = Math.hypot(box.right - box.left, box.bottom - box.top)
  if (diagonal < SMALLEST_PX) return undefined
  const unit = ({ x, y }: Place): Point => [clamp(x / size.width), clamp(y / size.height)]
  const gap = Math.hypot(last.x - first.x, last.y - first.y)
  if (gap > CLOSED * diagonal) {
    return farthest(places, first, last) <= LINE_SLACK * gap
      ? { shape: 'line', points: [unit(first), unit(last)] }
      : undefined
  }
  const [halfX, halfY] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2]
  // A line drawn to and fro is no flat circle.
  if (Math.min(halfX, halfY) < SMALLEST_PX / 4) return undefined
  const middle = { x: box.left + halfX, y: box.top + halfY }
  const offEllipse = mean(
    places.map(({ x, y }) => Math.abs(Math.hypot((x - middle.x) / halfX, (y - middle.y) / halfY) - 1)),
  )
  const offBox = mean(
    places.map(({ x, y }) => {
      const toSide = Math.min(x - box.left, box.right - x) / halfX
      return Math.min(toSide, Math.min(y - box.top, box.bottom - y) / halfY)
    }),
  )
  if (Math.min(offEllipse, offBox) > SHAPE_SLACK) return undefined
  const isBox = offBox < offEllipse
  if (isBox && !reachesCorners(places, box)) return undefined
  const same = Math.abs(halfX - halfY) / Math.max(halfX, halfY) < ROUND
  const [wideX, wideY] = same ? [(halfX + halfY) / 2, (halfX + halfY) / 2] : [halfX, halfY]
  return {
    shape: isBox ? 'box' : 'circle',
    points: [unit({ x: middle.x - wideX, y: middle.y - wideY }), unit({ x: middle.x + wideX, y: middle.y + wideY })],
  }
}

/** The same way in steps of equal length: a slow corner must not weigh more than a quick side. */
function evenly(places: readonly Place[]): Place[] {
  const lengths = places.slice(1).map((place, index) => distance(places[index] as Place, place))
  const step = lengths.reduce((sum, length) => sum + length, 0) / SAMPLES
  const first = places[0]
  if (first === undefined || step === 0) return [...places.slice(0, 1)]
  const result = [first]
  let walked = 0
  lengths.forEach((length, index) => {
    const [from, to] = [places[index] as Place, places[index + 1] as Place]
    while (length > 0 && result.length <= SAMPLES && result.length * step <= walked + length + 1e-9) {
      const part = (result.length * step - walked) / length
      result.push({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part })
    }
    walked += length
  })
  return result
}

function farthest(places: readonly Place[], from: Place, to: Place): number {
  const length = distance(from, to)
  return Math.max(
    ...places.map(
      place => Math.abs((to.x - from.x) * (place.y - from.y) - (to.y - from.y) * (place.x - from.x)) / length,
    ),
  )
}

function reachesCorners(
  places: readonly Place[],
  box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
): boolean {
  const near = 0.22 * Math.min(box.right - box.left, box.bottom - box.top)
  return [box.left, box.right].every(x =>
    [box.top, box.bottom].every(y => places.some(place => distance(place, { x, y }) < near)),
  )
}

function distance(one: Place, other: Place): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
function clamp(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
}
