import t from 'tap'
import { EMPTY_INK, foldInk, type InkEntry } from '../../../signaling/protocol/ink.ts'
import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { Homography } from '../tracking/homography.ts'
import { boxOf, placed, recordedMarks } from './placed-marks.ts'

/** A quarter turn to the right about the middle of the picture. */
const TURN: Homography = [0, -1, 1, 1, 0, 0, 0, 0, 1]
const mark = (shape: 'pen' | 'circle' | 'box' | 'stamp', points: Point[]): Mark =>
  ({ id: newId('mark'), colour: 'red', shape, points, ...(shape === 'stamp' && { stamp: 'tick' }) }) as Mark
const near = (points: readonly Point[], [x, y]: Point) =>
  Math.min(...points.map(point => Math.hypot(point[0] - x, point[1] - y)))

t.test('[TRK40] a mark keeps its kind; circles and boxes become the line round what they mark', async t => {
  const line = placed(
    mark('pen', [
      [0.2, 0.4],
      [0.3, 0.4],
    ]),
    TURN,
  )
  t.equal(line.shape, 'pen')
  t.same(
    line.points.map(point => point.map(value => Number(value.toFixed(6)))),
    [
      [0.6, 0.2],
      [0.6, 0.3],
    ],
  )
  t.equal(placed(mark('stamp', [[0.5, 0.5]]), TURN).shape, 'stamp')
  const box = placed(
    mark('box', [
      [0.2, 0.4],
      [0.4, 0.5],
    ]),
    TURN,
  )
  t.equal(box.shape, 'pen')
  for (const corner of [
    [0.6, 0.2],
    [0.6, 0.4],
    [0.5, 0.2],
    [0.5, 0.4],
  ] as Point[])
    t.ok(near(box.points, corner) < 1e-9, `a corner at ${corner}`)
  t.ok(near(box.points, [0.55, 0.3]) > 0.04, 'and nothing in its middle')
  const round = placed(
    mark('circle', [
      [0.2, 0.4],
      [0.4, 0.5],
    ]),
    TURN,
  )
  for (const point of round.points) {
    const onIt = ((point[0] - 0.55) / 0.05) ** 2 + ((point[1] - 0.3) / 0.1) ** 2
    t.ok(Math.abs(onIt - 1) < 1e-6)
  }
})

t.test('[TRK40] what marks cover, with room for stamps', async t => {
  const box = boxOf([
    mark('pen', [
      [0.2, 0.3],
      [0.6, 0.35],
    ]),
  ])
  t.ok(box.x === 0.2 && box.width > 0.39 && box.height >= 0.079)
  t.ok(boxOf([mark('stamp', [[0.5, 0.5]])]).width > 0.07)
})

t.test('[TRK41] the replay shows live marks where the record says they were, and lost ones not at all', async t => {
  const one = mark('pen', [[0.2, 0.4]])
  const common = { atMs: 0, prev: '', by: newId('part') }
  const entries = [
    { ...common, seq: 1, type: 'mark.begun', on: 'live', mark: one },
    {
      ...common,
      seq: 2,
      type: 'marks.posed',
      poses: [{ markId: one.id, rtpTimestamp: 1, state: 'tracking', homography: [...TURN] }],
    },
    { ...common, seq: 3, type: 'marks.posed', poses: [{ markId: one.id, rtpTimestamp: 2, state: 'lost' }] },
  ] as unknown as InkEntry[]
  const shown = entries.map((_, index) => recordedMarks(entries.slice(0, index + 1).reduce(foldInk, EMPTY_INK)))
  t.same(shown[0]?.[0]?.points, [[0.2, 0.4]], 'just begun: where it was drawn')
  t.same(shown[1]?.[0]?.points, [[0.6, 0.2]], 'posed: on its object')
  t.same(shown[2], [], 'lost: not shown')
})
