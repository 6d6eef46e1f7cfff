import { type Ink, visibleInk } from '../../../signaling/protocol/ink.ts'
import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import { apply, type Box, type Homography, IDENTITY } from '../tracking/homography.ts'

const ROUND_POINTS = 40
const EDGE_POINTS = 10

/**
 * A mark as it looks through a pose: the same kind of mark with its points moved; a circle or box, which may be tilted now,
 * becomes the line around it. Texts, stamps and numbers stay upright and readable.
 */
export function placed(mark: Mark, h: Homography): Mark {
  const at = ([x, y]: Point): Point => {
    const to = apply(h, x, y)
    return [to.x, to.y]
  }
  const first = mark.points[0]
  const last = mark.points.at(-1)
  if ((mark.shape !== 'circle' && mark.shape !== 'box') || first === undefined || last === undefined)
    return { ...mark, points: mark.points.map(at) }
  const outline = mark.shape === 'circle' ? circle(first, last) : box(first, last)
  return { id: mark.id, colour: mark.colour, shape: 'pen', points: outline.map(at) }
}

function circle(one: Point, other: Point): Point[] {
  const [x, y] = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]
  const [rx, ry] = [Math.abs(other[0] - one[0]) / 2, Math.abs(other[1] - one[1]) / 2]
  return Array.from({ length: ROUND_POINTS + 1 }, (_, index) => {
    const angle = (2 * Math.PI * index) / ROUND_POINTS
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)]
  })
}

/** Many points along each edge: a pen's line is round between its points, and a box shall have corners. */
function box(one: Point, other: Point): Point[] {
  const corners: Point[] = [one, [other[0], one[1]], other, [one[0], other[1]], one]
  return corners.flatMap((corner, index): Point[] => {
    const next = corners[index + 1]
    if (next === undefined) return [corner]
    return Array.from({ length: EDGE_POINTS }, (_, step): Point => {
      const share = step / EDGE_POINTS
      return [corner[0] + share * (next[0] - corner[0]), corner[1] + share * (next[1] - corner[1])]
    })
  })
}

/** A text or stamp covers more than its point. */
const AROUND = 0.04

/** What marks cover together, 0..1 of their anchor frame. */
export function boxOf(marks: readonly Mark[]): Box {
  let [left, top, right, bottom] = [1, 1, 0, 0]
  for (const { points } of marks) {
    for (const [x, y] of points) {
      left = Math.min(left, x)
      top = Math.min(top, y)
      right = Math.max(right, x)
      bottom = Math.max(bottom, y)
    }
  }
  if (right < left) return { x: 0.4, y: 0.4, width: 0.2, height: 0.2 }
  const grow = (size: number) => Math.max(0, AROUND - size / 2)
  const [sideways, upwards] = [grow(right - left), grow(bottom - top)]
  return {
    x: left - sideways,
    y: top - upwards,
    width: right - left + 2 * sideways,
    height: bottom - top + 2 * upwards,
  }
}

/**
 * Marks of the moving picture where the record says they were. One that has just been begun has no pose yet: it lies where
 * it was drawn. A lost one was not shown to anybody then, and is not shown now.
 */
export function recordedMarks(ink: Ink): readonly Mark[] {
  return visibleInk(ink).flatMap(({ mark, pose }) => {
    if (pose === undefined) return [placed(mark, IDENTITY)]
    const h = pose.state === 'tracking' ? pose.homography : undefined
    return h?.length === 9 ? [placed(mark, h as unknown as Homography)] : []
  })
}
