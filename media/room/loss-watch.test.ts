import t from 'tap'
import { KeyFramePolicy } from './key-frame-policy.ts'
import { LossWatch } from './loss-watch.ts'
import { TypedEmitter } from './typed-emitter.ts'

t.test('[MR20] reordering and retransmission in time are no loss, across the wrap too', async t => {
  const watch = new LossWatch()
  for (const [i, sequence] of [65_533, 65_535, 65_534, 1, 0, 3].entries()) watch.packet(sequence, i * 10)
  t.equal(watch.takeLoss(100), false)
  watch.packet(2, 300)
  t.equal(watch.takeLoss(2000), false)
  t.equal(watch.unrecovered, 0)
})

t.test('[MR20] a packet that stays away is reported once', async t => {
  const watch = new LossWatch()
  for (const sequence of [10, 11, 14]) watch.packet(sequence, 0)
  t.equal(watch.takeLoss(200), false, 'it may still be retransmitted')
  t.equal(watch.takeLoss(500), true)
  t.equal(watch.takeLoss(600), false)
  t.equal(watch.unrecovered, 2)
})

t.test('[MR20] a large gap is given up at once and needs no memory', async t => {
  const watch = new LossWatch()
  watch.packet(0, 0)
  watch.packet(30_000, 0)
  t.equal(watch.takeLoss(1), true)
  t.equal(watch.unrecovered, 29_999)
})

t.test('[MR21] key frames: at once when needed, at most one a second for loss, and one each period', async t => {
  let asked = 0
  const policy = new KeyFramePolicy(10_000, () => {
    asked++
  })
  policy.now(0)
  policy.onLoss(500)
  t.equal(asked, 1)
  policy.onLoss(1000)
  t.equal(asked, 2)
  policy.tick(10_999)
  t.equal(asked, 2, 'the period counts from the latest one')
  policy.tick(11_000)
  t.equal(asked, 3)
  policy.now(11_001)
  t.equal(asked, 4)
  const unlimited = new KeyFramePolicy(0, () => t.fail('no period was set'))
  unlimited.tick(1e9)
})

t.test('[MR22] a listener that throws, or leaves, hurts no other listener', async t => {
  const errors: unknown[] = []
  const emitter = new TypedEmitter<{ one: [number] }>((event, error) => errors.push([event, String(error)]))
  const heard: string[] = []
  const off = emitter.on('one', () => {
    off()
    throw new Error('first')
  })
  emitter.on('one', value => heard.push(`second ${value}`))
  emitter.emit('one', 1)
  emitter.emit('one', 2)
  t.same(heard, ['second 1', 'second 2'])
  t.same(errors, [['one', 'Error: first']])
  emitter.clear()
  emitter.emit('one', 3)
  t.equal(heard.length, 2)
})
