import t from 'tap'
import type { Point } from '../../../signaling/protocol/mark.ts'
import { seededRandom } from '../../../test/harness/seeded-random.ts'
import { snapped } from './snap.ts'

const SIZE = { width: 800, height: 600 }
type Px = readonly [number, number]
const unit = (places: readonly Px[]): Point[] => places.map(([x, y]) => [x / SIZE.width, y / SIZE.height])
/** A hand: slow trembling rather than noise, and uneven speed. */
function byHand(places: readonly Px[], seed: number, tremblePx = 4): Px[] {
  const random = seededRandom(seed)
  let [dx, dy] = [0, 0]
  return places
    .filter((_, index) => index === 0 || index === places.length - 1 || random() < 0.8)
    .map(([x, y]) => {
      dx = dx * 0.85 + (random() - 0.5) * tremblePx
      dy = dy * 0.85 + (random() - 0.5) * tremblePx
      return [x + dx, y + dy]
    })
}
const round = (rx: number, ry: number, turns = 1, from = 0.7): Px[] =>
  Array.from({ length: 60 }, (_, step) => {
    const angle = from + (step / 59) * Math.PI * 2 * turns
    return [400 + rx * Math.cos(angle), 300 + ry * Math.sin(angle)]
  })
function along(corners: readonly Px[], perSide = 14): Px[] {
  return corners.slice(1).flatMap((to, index) => {
    const from = corners[index] as Px
    return Array.from({ length: perSide }, (_, step): Px => {
      const part = step / (perSide - 1)
      return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
    })
  })
}
const box = (w: number, h: number): Px[] =>
  along([
    [200, 150],
    [200 + w, 150],
    [200 + w, 150 + h],
    [200, 150 + h],
    [204, 154],
  ])

t.test('[INK40] circles, boxes and lines drawn by an unsteady hand become clean ones', async t => {
  const wanted: [string, readonly Px[]][] = [
    ['circle', round(80, 80)],
    ['circle', round(200, 90)],
    ['circle', round(60, 60, 1.12)],
    ['circle', round(70, 75, 0.93)],
    ['box', box(260, 160)],
    ['box', box(90, 100)],
    [
      'line',
      along(
        [
          [100, 100],
          [500, 300],
        ],
        40,
      ),
    ],
    [
      'line',
      along(
        [
          [600, 100],
          [600, 420],
        ],
        40,
      ),
    ],
  ]
  for (const [shape, places] of wanted) {
    for (let seed = 1; seed <= 12; seed++)
      t.equal(snapped(unit(byHand(places, seed)), SIZE)?.shape, shape, `${shape} ${seed}`)
  }
})

t.test('[INK41] what is none of them stays as it was drawn', async t => {
  const triangle = along(
    [
      [300, 100],
      [420, 320],
      [180, 320],
      [300, 100],
    ],
    20,
  )
  const zigzag = along(
    [
      [100, 100],
      [200, 300],
      [300, 100],
      [400, 300],
    ],
    12,
  )
  const hook = along(
    [
      [100, 100],
      [300, 100],
      [300, 300],
    ],
    20,
  )
  const toAndFro = along(
    [
      [100, 100],
      [400, 100],
      [102, 101],
    ],
    20,
  )
  const spiral = Array.from({ length: 90 }, (_, step): Px => {
    const angle = step / 7
    return [400 + step * 1.2 * Math.cos(angle), 300 + step * 1.2 * Math.sin(angle)]
  })
  for (const [name, places] of Object.entries({ triangle, zigzag, hook, toAndFro, spiral })) {
    for (let seed = 1; seed <= 8; seed++) t.equal(snapped(unit(byHand(places, seed, 3)), SIZE), undefined, name)
  }
  t.equal(snapped([[0.5, 0.5]], SIZE), undefined, 'a dot')
  t.equal(
    snapped(
      unit([
        [100, 100],
        [104, 103],
        [101, 105],
        [100, 100],
      ]),
      SIZE,
    ),
    undefined,
    'a hook of a few pixels',
  )
})

t.test('[INK42] the clean shape lies where the rough one lay; nearly round is round as it is seen', async t => {
  const circle = snapped(unit(byHand(round(80, 86), 3)), SIZE)
  const [from = [0, 0], to = [0, 0]] = circle?.points ?? []
  const [width, height] = [(to[0] - from[0]) * SIZE.width, (to[1] - from[1]) * SIZE.height]
  t.ok(Math.abs(width - height) < 0.5, `${width} by ${height}`)
  t.ok(Math.abs(width - 166) < 20)
  t.ok(Math.abs(((from[0] + to[0]) / 2) * SIZE.width - 400) < 12)
  const long = snapped(unit(byHand(box(300, 120), 3)), SIZE)
  const [left = [0, 0], right = [0, 0]] = long?.points ?? []
  t.ok(Math.abs(left[0] * SIZE.width - 200) < 12 && Math.abs(right[0] * SIZE.width - 500) < 12)
})
