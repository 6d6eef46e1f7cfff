import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { FrameTicker } from './frame-ticker.ts'

t.test('[ME76] fifty ticks a second for everybody, also when the process stands still in between', async t => {
  const ticker = new FrameTicker()
  let one = 0
  let two = 0
  const first = () => one++
  const second = () => two++
  ticker.add(first)
  ticker.add(second)
  const startMs = performance.now()
  await delay(200)
  const busyUntilMs = performance.now() + 70
  while (performance.now() < busyUntilMs); // one long task
  await delay(130)
  ticker.delete(first)
  ticker.delete(second)
  const expected = (performance.now() - startMs) / 20
  t.ok(Math.abs(one - expected) <= 2, `${one} ticks of ${expected}`)
  t.equal(one, two)
  await delay(50)
  t.ok(one - expected <= 2, 'it has stopped')
})

t.test('[ME77] after a long stop the missed ticks are given up', async t => {
  const ticker = new FrameTicker()
  let ticks = 0
  const tick = () => ticks++
  ticker.add(tick)
  const busyUntilMs = performance.now() + 400
  while (performance.now() < busyUntilMs);
  await delay(30)
  ticker.delete(tick)
  t.ok(ticks >= 1 && ticks <= 5, `${ticks}`)
})
