import t from 'tap'
import type { NetworkMeasure, Rung } from '../../signaling/protocol/phone.ts'
import { until } from '../../test/harness/until.ts'
import type { Reason } from './ladder.ts'
import { LadderDriver } from './ladder-driver.ts'
import type { UplinkStats } from './uplink-stats.ts'

/** A driver over a path of this test's own: what it says of itself can be changed at any time. */
function driven() {
  const path: { connected: boolean; needed: boolean; stats: UplinkStats } = { connected: true, needed: true, stats: {} }
  const told: [Rung, Reason, NetworkMeasure][] = []
  const measured: NetworkMeasure[] = []
  let noProgress = 0
  const driver = new LadderDriver({
    isNeeded: () => path.needed,
    isConnected: () => path.connected,
    stats: async () => path.stats,
    onRung: () => {},
    onStats: () => {},
    onNoProgress: () => {
      noProgress += 1
    },
    tellRung: (...news) => told.push(news),
    tellMeasured: network => measured.push(network),
  })
  t.teardown(() => driver.close())
  return { path, told, measured, driver, noProgress: () => noProgress }
}

t.test('[NET7] a page that begins anew says that it sends video, whatever the one before it sent', async t => {
  const { driver, told } = driven()
  driver.tellAgain()
  t.same(told, [['live', 'recovered', {}]])
})

t.test('[NET7] a change is told with whole figures, and again when the server may have missed it', async t => {
  const { driver, told } = driven()
  driver.prefer('slow-scan')
  driver.stillSent({ ok: true, bytes: 10_000, tookMs: 900, kbps: 88.8888 })
  driver.prefer('photo')
  driver.tellAgain()
  t.same(told, [
    ['slow-scan', 'agent', {}],
    ['photo', 'agent', { kbps: 89 }],
    ['photo', 'agent', { kbps: 89 }],
  ])
})

t.test('[NET2] a path on which nothing comes back is trouble, though it says that it stands', async t => {
  const { path, noProgress, measured } = driven()
  let bytes = 0
  const alive = setInterval(() => {
    bytes += 100
    path.stats = { bytesReceived: bytes, roundTripMs: 40.4 }
  }, 100)
  await until('a measurement to be told', () => measured.length > 0)
  t.same(measured[0], { roundTripMs: 40 })
  t.equal(noProgress(), 0)
  clearInterval(alive)
  await until('trouble', () => noProgress() > 0)
})

t.test('[NET2] while no picture is wanted nothing is measured', async t => {
  const { path, noProgress, measured, told } = driven()
  path.needed = false
  path.connected = false
  await new Promise(done => setTimeout(done, 5_500))
  t.same([noProgress(), measured, told], [0, [], []])
})
