import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { until } from '../../test/harness/until.ts'
import { SlowScan, type StillSent } from './slow-scan.ts'
import { FIRST_SIZE, nextSize, rateOf, STILL_SIZES, sizeWithin } from './slow-scan-size.ts'

t.test('[NET5] the size follows the time a still took, net of the round trip, within its bounds', async t => {
  const sent = (tookMs: number, roundTripMs = 50, ok = true) => ({ ok, tookMs, roundTripMs })
  t.equal(nextSize(1, sent(200)), 2)
  t.equal(nextSize(1, sent(1_100, 800)), 2, 'a long round trip is no reason to be small')
  t.equal(nextSize(2, sent(1_500)), 2)
  t.equal(nextSize(3, sent(3_000)), 2)
  t.equal(nextSize(4, sent(6_000)), 2)
  t.equal(nextSize(1, sent(12_000, 50, false)), 0)
  t.equal(nextSize(STILL_SIZES.length - 1, sent(10)), STILL_SIZES.length - 1)
})

t.test('[NET5] a photo is as large as the measured rate carries in its time', async t => {
  const sent = { size: FIRST_SIZE, bytes: 12_000 }
  t.equal(sizeWithin({ kbps: 10_000, ms: 5_000, sent }), STILL_SIZES.length - 1)
  const at100 = sizeWithin({ kbps: 100, ms: 5_000, sent })
  t.ok(at100 > FIRST_SIZE && at100 < STILL_SIZES.length - 1, `size ${at100} at 100 kbit/s`)
  t.equal(sizeWithin({ kbps: 1, ms: 5_000, sent }), 0)
  t.equal(Math.round(rateOf(10_000, 1_800, 800)), 80, 'the round trip is not counted')
})

/** A scan over a wire of this test: what is posted waits until it is let through. */
function scanOver(post: (jpeg: Blob) => Promise<void>) {
  const sent: StillSent[] = []
  const taken: number[] = []
  let reachable = true
  const scan = new SlowScan({
    take: async edgePx => {
      taken.push(edgePx)
      return new Blob([new Uint8Array(edgePx * 20)])
    },
    post,
    roundTripMs: () => 0,
    onSent: still => sent.push(still),
    isReachable: () => reachable,
  })
  t.teardown(() => scan.close())
  return { scan, sent, taken, reach: (now: boolean) => (reachable = now) }
}

t.test('[NET5] one on its way at a time, and the next one is of the moment when the way is free', async t => {
  let underWay = 0
  let most = 0
  const gates: (() => void)[] = []
  const { scan, taken, sent } = scanOver(async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise<void>(done => gates.push(done))
    underWay -= 1
  })
  scan.run('scan')
  await until('the first to leave', () => gates.length === 1)
  await sleep(1_300)
  t.equal(taken.length, 1, 'no picture is taken for a queue')
  gates[0]?.()
  await until('the second to leave', () => gates.length === 2)
  t.equal(most, 1)
  t.ok(sent[0]?.ok && sent[0].tookMs >= 1_300)
  scan.run('off')
  gates[1]?.()
  await sleep(100)
  t.equal(taken.length, 2, 'off is off')
})

t.test('[NET5] without the server nothing is tried, and a failure then is no measurement', async t => {
  let tries = 0
  const { scan, sent, reach } = scanOver(async () => {
    tries += 1
    reach(false)
    throw new Error('the radio is off')
  })
  scan.run('scan')
  await until('one try', () => tries === 1)
  await sleep(900)
  t.equal(tries, 1)
  t.same(sent, [])
})

t.test('[NET5] a photo is tried again, smaller, until the server has it', async t => {
  let tries = 0
  const { scan, taken } = scanOver(async () => {
    tries += 1
    if (tries < 3) throw new Error('lost')
  })
  t.equal(await scan.shoot(), true)
  t.equal(tries, 3)
  t.ok((taken[2] ?? 0) < (taken[0] ?? 0), taken.join(', '))
  const { scan: hopeless } = scanOver(async () => {
    throw new Error('lost')
  })
  t.equal(await hopeless.shoot(), false)
})
