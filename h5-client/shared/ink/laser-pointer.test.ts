import t from 'tap'
import { newId } from '../../../signaling/protocol/new-id.ts'
import { LaserPointer } from './laser-pointer.ts'

const CALL = newId('call')
const PAGE = newId('page')

function bench() {
  const sent: { on: string; points: readonly (readonly number[])[] }[] = []
  const timers = new Map<() => void, number>()
  const clock = { ms: 0 }
  const pointer = new LaserPointer({
    request: async (_, data) => {
      sent.push(data)
      throw new Error('not offered')
    },
    setTimer: (run, delayMs) => {
      timers.set(run, clock.ms + delayMs)
      return () => timers.delete(run)
    },
    nowMs: () => clock.ms,
  })
  const pass = (ms: number) => {
    const endMs = clock.ms + ms
    for (;;) {
      const due = [...timers].filter(([, atMs]) => atMs <= endMs).sort((a, b) => a[1] - b[1])[0]
      if (!due) break
      timers.delete(due[0])
      clock.ms = due[1]
      due[0]()
    }
    clock.ms = endMs
  }
  return { pointer, sent, timers, pass }
}

t.test('[INK47] points go thirty times a second, with their times; a refusal is nobody’s trouble', async t => {
  const { pointer, sent, pass } = bench()
  for (let step = 0; step < 10; step++) {
    pointer.move(CALL, PAGE, [step / 10, 0.5])
    pass(8)
  }
  t.ok(sent.length <= 3, `${sent.length} messages in 80 ms`)
  t.same(sent[0]?.points[0], [0, 0.5, 0])
  t.equal(sent[0]?.points[1]?.[2], 8)
})

t.test(
  '[INK48] a resting pointer says so before it fades, for some seconds; off the picture there is silence',
  async t => {
    const { pointer, sent, pass, timers } = bench()
    pointer.move(CALL, PAGE, [0.5, 0.5])
    pass(3_000)
    t.ok(sent.length >= 4 && sent.length <= 6, `${sent.length} messages`)
    pass(60_000)
    t.ok(sent.length < 16, `${sent.length} messages in a minute of rest`)
    t.equal(timers.size, 0)
    pointer.move(CALL, PAGE, [0.6, 0.5])
    pointer.leave()
    const told = sent.length
    t.equal(timers.size, 0)
    pass(5_000)
    t.equal(sent.length, told)
  },
)
