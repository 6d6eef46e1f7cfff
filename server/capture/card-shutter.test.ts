import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import type { CallLog } from '../calls/call-log.ts'
import { CardShutter } from './card-shutter.ts'

function open(o: { maxMs?: number; none?: boolean } = {}) {
  const happened: string[] = []
  const log = {
    closed: false,
    write: (event: JournalEvent) => {
      happened.push('because' in event ? `${event.type} ${event.because}` : event.type)
    },
  } as unknown as CallLog
  const shutter = new CardShutter({
    log,
    policy: () => (o.none ? undefined : { maxMs: o.maxMs ?? 10_000 }),
    nowMs: () => performance.now(),
    parts: () => [{ shut: () => happened.push('shut'), unshut: () => happened.push('unshut') }],
    changed: () => {},
    settleMs: 40,
  })
  t.teardown(() => shutter.close())
  return { shutter, happened }
}
const paused = { code: 'paused' }

t.test('[CS10] everything is shut before the entry says so, and opened after it', async t => {
  const { shutter, happened } = open()
  shutter.pause({ trigger: 'agent' })
  t.same(happened, ['shut', 'capture.paused'])
  t.match(shutter.view, { trigger: 'agent', limitMs: 10_000 })
  await shutter.resume({ because: 'api' })
  t.same(happened.slice(2), ['capture.resumed api', 'unshut'])
  t.equal(shutter.view, undefined)
})

t.test(
  '[CS11] it stays closed until nothing from behind it can arrive, and a second pause keeps it closed',
  async t => {
    const { shutter, happened } = open()
    shutter.pause({ trigger: 'api' })
    const opened = shutter.resume({ because: 'api' })
    t.throws(() => shutter.assertOpen(), paused)
    shutter.pause({ trigger: 'agent' })
    await opened
    await delay(80)
    t.ok(shutter.isClosed)
    t.same(happened, ['shut', 'capture.paused'], 'one pause, one entry')
    await shutter.resume({ because: 'agent' })
    t.notOk(shutter.isClosed)
  },
)

t.test('[CS12] at the limit it opens by itself, never later', async t => {
  const { shutter, happened } = open({ maxMs: 120 })
  const startedMs = performance.now()
  shutter.pause({ trigger: 'agent', limitMs: 5_000_000 })
  while (shutter.isClosed) await delay(5)
  t.ok(performance.now() - startedMs < 300)
  t.equal(happened.at(-2), 'capture.resumed limit')
})

t.test('[CS12] what began behind it is refused also after it has opened', async t => {
  const { shutter } = open()
  shutter.pause({ trigger: 'agent' })
  const startedAtMs = performance.now()
  await shutter.resume({ because: 'agent' })
  t.throws(() => shutter.assertOpenSince(startedAtMs), paused)
  shutter.assertOpenSince(performance.now())
})

t.test('[CS10] a kind of call without the policy has none; a call that is over leaves no timer', async t => {
  const { shutter } = open({ none: true })
  t.throws(() => shutter.pause({ trigger: 'agent' }), { code: 'forbidden' })
  const other = open()
  other.shutter.pause({ trigger: 'agent' })
  const opened = other.shutter.resume({ because: 'agent' })
  other.shutter.close()
  await opened
  t.same(other.happened, ['shut', 'capture.paused'])
})
