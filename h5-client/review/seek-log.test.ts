import t from 'tap'
import type { Seeks } from '../../signaling/protocol/review.ts'
import { SeekLog } from './seek-log.ts'

function logByHand() {
  const sent: Seeks[] = []
  const timers: (() => void)[] = []
  const state = { fails: false }
  const log = new SeekLog({
    send: async seeks => {
      if (state.fails) throw new Error('no network')
      sent.push(seeks)
    },
    setTimer: run => {
      timers.push(run)
      return () => undefined
    },
  })
  return { log, sent, timers, state }
}

t.test('[RC12] what was played and gone to is told in batches; of a dragged thumb only where it rests', async t => {
  const { log, sent, timers } = logByHand()
  log.add({ kind: 'played', fromMs: 0, toMs: 4_000, speed: 2 })
  for (const atMs of [5_000, 6_000, 7_000]) log.add({ kind: 'seek', atMs })
  log.add({ kind: 'played', fromMs: 7_000, toMs: 9_000, speed: 1 })
  t.same(sent, [])
  t.equal(timers.length, 1, 'one timer for all')
  timers[0]?.()
  t.same(sent, [
    {
      spans: [
        { fromMs: 0, toMs: 4_000, speed: 2 },
        { fromMs: 7_000, toMs: 7_000 },
        { fromMs: 7_000, toMs: 9_000, speed: 1 },
      ],
    },
  ])
})

t.test('[RC12] what did not arrive is told again; closing tells the rest', async t => {
  const { log, sent, state } = logByHand()
  log.add({ kind: 'seek', atMs: 1_000 })
  state.fails = true
  await log.flush()
  state.fails = false
  log.add({ kind: 'played', fromMs: 1_000, toMs: 2_000, speed: 1 })
  await log.close()
  t.equal(sent.length, 1)
  t.equal(sent[0]?.spans.length, 2)
})
