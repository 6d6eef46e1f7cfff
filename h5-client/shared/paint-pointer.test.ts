import t from 'tap'
import { freshSamples, POINTER_FADE_MS, type PointerContext, paintPointer } from './paint-pointer.ts'

const RECT = { x: 0, y: 0, width: 400, height: 300 }
function recording() {
  const calls: { what: string; args: readonly number[]; colour: string }[] = []
  const context = new Proxy({} as Record<string, unknown>, {
    get: (target, what: string) =>
      target[what] ??
      ((...args: number[]) =>
        calls.push({ what, args, colour: String(what === 'fill' ? target.fillStyle : target.strokeStyle) })),
    set: (target, what: string, value) => {
      target[what] = value
      return true
    },
  })
  return { context: context as unknown as PointerContext, calls }
}
const WAY = [
  { x: 0.1, y: 0.5, atMs: 0 },
  { x: 0.2, y: 0.5, atMs: 100 },
  { x: 0.5, y: 0.5, atMs: 200 },
]
const alphaOf = (colour: string) => Number(/([\d.]+)\)$/.exec(colour)?.[1])

t.test(
  '[INK45] the dot stands at the newest place, with a tail that shortens, pales and is gone after 1.5 s',
  async t => {
    const at = (nowMs: number) => {
      const { context, calls } = recording()
      paintPointer(context, WAY, RECT, nowMs)
      const dot = calls.filter(call => call.what === 'fill').at(1)
      return {
        tail: calls.filter(call => call.what === 'lineTo').length,
        dot,
        arc: calls.find(call => call.what === 'arc'),
      }
    }
    t.same(at(200).arc?.args.slice(0, 2), [200, 150])
    t.equal(at(200).tail, 2)
    t.equal(at(440).tail, 1)
    t.equal(at(600).tail, 0)
    t.equal(alphaOf(at(600).dot?.colour ?? ''), 1)
    t.ok(alphaOf(at(1_400).dot?.colour ?? '') < 0.6)
    t.equal(at(200 + POINTER_FADE_MS).dot, undefined)
    t.same(freshSamples(WAY, 200 + POINTER_FADE_MS), [])
  },
)

t.test('[INK46] with reduced motion there is a still dot: no tail, no fading, gone at the same time', async t => {
  for (const nowMs of [200, 1_600]) {
    const { context, calls } = recording()
    paintPointer(context, WAY, RECT, nowMs, true)
    t.notOk(calls.some(call => call.what === 'stroke'))
    t.equal(alphaOf(calls.filter(call => call.what === 'fill').at(1)?.colour ?? ''), 1)
  }
  const { context, calls } = recording()
  paintPointer(context, WAY, RECT, 200 + POINTER_FADE_MS, true)
  t.same(calls, [])
})
