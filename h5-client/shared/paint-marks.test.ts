import t from 'tap'
import type { Mark } from '../../signaling/protocol/mark.ts'
import { MARK_COLOURS, STAMPS } from '../../signaling/protocol/mark-kinds.ts'
import { markTextSize, markWidth } from './mark-style.ts'
import { type MarkContext, paintMarks } from './paint-marks.ts'
import { containRect, fromUnit, isInside, toUnit } from './picture-rect.ts'

/** Writes down what is drawn; the pixels themselves are compared in a browser by the end-to-end tests. */
function recordingContext() {
  const calls: { what: string; args: readonly (number | string)[]; width: number; alpha: number; colour: string }[] = []
  const context = new Proxy({} as Record<string, unknown>, {
    get: (target, what: string) =>
      target[what] ??
      ((...args: (number | string)[]) =>
        calls.push({
          what,
          args,
          width: Number(target.lineWidth ?? 0),
          alpha: Number(target.globalAlpha ?? 1),
          colour: String(what === 'fill' || what === 'fillText' ? target.fillStyle : target.strokeStyle),
        })),
    set: (target, what: string, value) => {
      target[what] = value
      return true
    },
  })
  return { context: context as unknown as MarkContext, calls }
}
const mark = (more: object) =>
  ({ id: 'mark_00000000000000000000', colour: 'red', shape: 'pen', points: [[0.5, 0.5]], ...more }) as unknown as Mark
const rect = { x: 10, y: 20, width: 200, height: 100 }
const diagonal = [
  [0.2, 0.2],
  [0.4, 0.9],
  [0.6, 0.8],
] as const

t.test('[PG5] marks lie in 0..1 of the picture: places follow the rectangle, letterbox included', async t => {
  t.strictSame(containRect({ width: 400, height: 400 }, { width: 1280, height: 640 }), {
    x: 0,
    y: 100,
    width: 400,
    height: 200,
  })
  t.strictSame(fromUnit(rect, [0.5, 1]), { x: 110, y: 120 })
  t.strictSame(toUnit(rect, 110, 120), [0.5, 1])
  t.strictSame(toUnit(rect, -50, 999), [0, 1], 'outside is pulled to the edge')
  t.notOk(isInside(rect, 9, 50))
})

t.test('[PG6] every line is at least 4 px wide and stands on a wider rim', async t => {
  const { context, calls } = recordingContext()
  paintMarks(
    context,
    [
      mark({
        shape: 'circle',
        points: [
          [0.2, 0.2],
          [0.6, 0.8],
        ],
      }),
    ],
    rect,
  )
  const strokes = calls.filter(call => call.what === 'stroke')
  t.equal(strokes.length, 2)
  t.ok((strokes[1]?.width ?? 0) >= 4)
  t.ok((strokes[0]?.width ?? 0) >= (strokes[1]?.width ?? 0) + 3)
  t.ok(markWidth({ width: 1, height: 1 }) >= 4)
  const ellipse = calls.find(call => call.what === 'ellipse')
  t.match(ellipse?.args, [90, 70, 40, 30])
})

t.test(
  '[PG7] a pen tap is a dot, a pen line ends at its last point, an arrow has its head there, text its baseline',
  async t => {
    const { context, calls } = recordingContext()
    paintMarks(context, [mark({})], rect)
    t.ok(calls.some(call => call.what === 'lineTo' && Math.abs(Number(call.args[0]) - 110) < 0.1))
    calls.length = 0
    paintMarks(
      context,
      [
        mark({
          points: [
            [0, 0],
            [0.5, 0.5],
            [1, 1],
          ],
        }),
      ],
      rect,
    )
    t.match(calls.filter(call => call.what === 'lineTo').at(-1)?.args, [210, 120])
    calls.length = 0
    paintMarks(
      context,
      [
        mark({
          shape: 'arrow',
          points: [
            [0, 0.5],
            [0.3, 0.4],
            [1, 0.5],
          ],
        }),
      ],
      rect,
    )
    const moves = calls.filter(call => call.what === 'moveTo').map(call => call.args)
    t.match(
      moves.slice(0, 3),
      [
        [10, 70],
        [210, 70],
        [210, 70],
      ],
      'middle points of an arrow do not matter',
    )
    calls.length = 0
    paintMarks(context, [mark({ shape: 'text', text: '这里', points: [[0.25, 0.5]] })], rect)
    t.match(calls.find(call => call.what === 'fillText')?.args, ['这里', 60, 70])
  },
)

t.test('[INK20] line, circle and box go from the first point to the last, whatever lies between', async t => {
  const { context, calls } = recordingContext()
  const args = (what: string) => calls.filter(call => call.what === what).map(call => call.args)
  paintMarks(context, [mark({ shape: 'line', points: diagonal })], rect)
  t.same(args('lineTo'), [
    [130, 100],
    [130, 100],
  ])
  calls.length = 0
  paintMarks(context, [mark({ shape: 'box', points: diagonal })], rect)
  t.same(args('moveTo')[0], [50, 40])
  t.same(args('lineTo').slice(0, 3), [
    [130, 40],
    [130, 100],
    [50, 100],
  ])
  calls.length = 0
  paintMarks(context, [mark({ shape: 'circle', points: diagonal })], rect)
  t.match(args('ellipse')[0], [90, 70, 40, 30])
})

t.test(
  '[INK21] a highlighter is one wide translucent stroke without a rim, and what comes after is opaque',
  async t => {
    const { context, calls } = recordingContext()
    paintMarks(context, [mark({ shape: 'highlighter', colour: 'yellow', points: diagonal }), mark({})], rect)
    const [wide, ...others] = calls.filter(call => call.what === 'stroke')
    t.ok((wide?.width ?? 0) >= markWidth(rect) * 3)
    t.ok((wide?.alpha ?? 1) < 0.6)
    t.equal(others.length, 2, 'rim and line of the pen')
    t.ok(others.every(call => call.alpha === 1))
  },
)

t.test('[INK22] an arrow with a number has it in a disc at its tail; without a number there is no disc', async t => {
  const { context, calls } = recordingContext()
  paintMarks(context, [mark({ shape: 'arrow', points: diagonal })], rect)
  t.notOk(calls.some(call => call.what === 'arc' || call.what === 'fillText'))
  calls.length = 0
  paintMarks(context, [mark({ shape: 'arrow', number: 12, points: diagonal })], rect)
  t.match(calls.find(call => call.what === 'arc')?.args, [50, 40])
  const text = calls.find(call => call.what === 'fillText')
  t.same(text?.args.slice(0, 2), ['12', 50])
})

t.test('[INK23] stamps are vector paths around their place, each its own, without any font', async t => {
  const seen = new Set<string>()
  for (const stamp of STAMPS) {
    const { context, calls } = recordingContext()
    paintMarks(context, [mark({ shape: 'stamp', stamp })], rect)
    t.notOk(
      calls.some(call => /Text/.test(call.what)),
      `${stamp} needs no font`,
    )
    const places = calls.filter(call => /To$/.test(call.what)).map(call => call.args.slice(-2).map(Number))
    t.ok(places.length >= 3, `${stamp} has a shape`)
    t.ok(
      places.every(([x = 0, y = 0]) => Math.abs(x - 110) < 24 && Math.abs(y - 70) < 48),
      `${stamp} lies around its place`,
    )
    seen.add(JSON.stringify(places))
  }
  t.equal(seen.size, STAMPS.length)
})

t.test('[INK24] every colour has a value and a rim that differs from it', async t => {
  for (const colour of MARK_COLOURS) {
    const { context, calls } = recordingContext()
    paintMarks(context, [mark({ colour, shape: 'line', points: diagonal })], rect)
    const [rim, line] = calls.filter(call => call.what === 'stroke').map(call => call.colour)
    t.match(rim, /^#[0-9a-f]{6}$/)
    t.match(line, /^#[0-9a-f]{6}$/)
    t.not(rim, line)
  }
})

t.test(
  '[INK25] a text is never cut: it moves away from the right edge, and one that is too long gets smaller',
  async t => {
    const { context, calls } = recordingContext()
    const textAt = (text: string, x: number) => {
      calls.length = 0
      paintMarks(context, [mark({ shape: 'text', text, points: [[x, 0.5]] })], rect)
      return Number(calls.find(call => call.what === 'fillText')?.args[1])
    }
    t.equal(textAt('序列号', 0.25), 60, 'where it was put')
    const moved = textAt('序列号', 0.95)
    t.ok(moved < 200 && moved + 3 * markTextSize(rect) <= 210, `begins at ${moved}`)
    t.equal(textAt('很长的一段话很长的一段话很长的一段话', 0.5), 10)
    t.match((context as { font: string }).font, /^700 (1\d(\.\d+)?)px/)
  },
)
