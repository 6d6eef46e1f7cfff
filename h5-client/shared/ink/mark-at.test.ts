import t from 'tap'
import type { Mark } from '../../../signaling/protocol/mark.ts'
import { markAt } from './mark-at.ts'

const SIZE = { width: 1000, height: 500 }
const mark = (more: object) =>
  ({
    id: 'mark_1',
    colour: 'red',
    points: [
      [0.2, 0.2],
      [0.6, 0.8],
    ],
    ...more,
  }) as unknown as Mark
const hits = (one: Mark, x: number, y: number) => markAt([one], [x, y], SIZE) === one

t.test('[INK43] the eraser touches a mark where it is seen, and nowhere else', async t => {
  const cases: [string, Mark, [number, number][], [number, number][]][] = [
    [
      'line',
      mark({ shape: 'line' }),
      [
        [0.4, 0.5],
        [0.2, 0.2],
      ],
      [
        [0.6, 0.2],
        [0.7, 0.95],
      ],
    ],
    ['arrow', mark({ shape: 'arrow' }), [[0.4, 0.5]], [[0.2, 0.5]]],
    ['its number', mark({ shape: 'arrow', number: 1 }), [[0.192, 0.19]], [[0.15, 0.2]]],
    [
      'circle',
      mark({ shape: 'circle' }),
      [
        [0.2, 0.5],
        [0.4, 0.2],
      ],
      [
        [0.4, 0.5],
        [0.2, 0.2],
      ],
    ],
    [
      'box',
      mark({ shape: 'box' }),
      [
        [0.2, 0.5],
        [0.2, 0.2],
        [0.4, 0.8],
      ],
      [[0.4, 0.5]],
    ],
    [
      'pen',
      mark({
        shape: 'pen',
        points: [
          [0.1, 0.1],
          [0.5, 0.1],
          [0.5, 0.6],
        ],
      }),
      [
        [0.3, 0.11],
        [0.5, 0.4],
      ],
      [[0.3, 0.4]],
    ],
    [
      'highlighter',
      mark({
        shape: 'highlighter',
        points: [
          [0.1, 0.1],
          [0.5, 0.1],
        ],
      }),
      [[0.3, 0.12]],
      [[0.3, 0.2]],
    ],
    [
      'text',
      mark({ shape: 'text', text: 'hello', points: [[0.5, 0.5]] }),
      [[0.54, 0.48]],
      [
        [0.54, 0.56],
        [0.46, 0.48],
      ],
    ],
    ['stamp', mark({ shape: 'stamp', stamp: 'tick', points: [[0.5, 0.5]] }), [[0.51, 0.52]], [[0.56, 0.5]]],
    ['dot', mark({ shape: 'pen', points: [[0.5, 0.5]] }), [[0.503, 0.5]], [[0.52, 0.5]]],
  ]
  for (const [name, one, inside, outside] of cases) {
    for (const [x, y] of inside) t.ok(hits(one, x, y), `${name} at ${x}, ${y}`)
    for (const [x, y] of outside) t.notOk(hits(one, x, y), `not ${name} at ${x}, ${y}`)
  }
})

t.test('[INK44] of two the upper one is touched', async t => {
  const [below, above] = [mark({ shape: 'line' }), mark({ shape: 'line', id: 'mark_2' })]
  t.equal(markAt([below, above], [0.4, 0.5], SIZE), above)
})
