import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { until } from '../../test/harness/until.ts'
import { RECOVERY, Recovery } from './recovery.ts'

/** A hundred milliseconds for each second. */
const TIMES = { ...RECOVERY, againMs: 200, patienceMs: 300, longestPatienceMs: 1_200 }

function path(restart: (count: number) => Promise<boolean>) {
  const seen = { restarts: 0, replaced: 0, connected: false, reachable: true }
  const recovery = new Recovery(
    {
      restart: async () => {
        seen.restarts += 1
        return restart(seen.restarts)
      },
      replace: () => {
        seen.replaced += 1
      },
      isConnected: () => seen.connected,
      canAsk: () => seen.reachable,
    },
    TIMES,
  )
  t.teardown(() => recovery.close())
  return { seen, recovery }
}

t.test('[NET9] trouble restarts at once, and not twice for the same trouble', async t => {
  const { seen, recovery } = path(async () => true)
  recovery.trouble()
  recovery.trouble()
  recovery.trouble()
  t.equal(seen.restarts, 1)
  await sleep(50)
  seen.connected = true
  recovery.connected()
  await sleep(500)
  t.equal(seen.restarts, 1, 'what is repaired is left alone')
})

t.test('[NET9] without the server it waits for the socket, and then does not wait any longer', async t => {
  const { seen, recovery } = path(async () => true)
  seen.reachable = false
  recovery.trouble()
  await sleep(100)
  t.equal(seen.restarts, 0)
  seen.reachable = true
  recovery.reachable()
  t.equal(seen.restarts, 1)
})

t.test('[NET9] a transport that the server does not know is replaced', async t => {
  const { seen, recovery } = path(async () => {
    throw new Error('unknown transport')
  })
  recovery.trouble()
  await until('a new transport', () => seen.replaced === 1)
  t.equal(seen.restarts, 1)
})

t.test('[NET9] precautions on a path that stands never end in a new transport', async t => {
  const { seen, recovery } = path(async () => true)
  seen.connected = true
  for (let change = 0; change < 5; change += 1) {
    recovery.trouble()
    await sleep(TIMES.againMs + 20)
  }
  t.equal(seen.restarts, 5)
  t.equal(seen.replaced, 0)
})

t.test('[NET9] restarts that bring nothing end in a new transport; those that were not heard do not count', async t => {
  const { seen, recovery } = path(async count => count > 1)
  recovery.trouble()
  await sleep(20)
  t.equal(seen.restarts, 1, 'not heard')
  await sleep(TIMES.againMs)
  recovery.reachable()
  await until('a new transport', () => seen.replaced === 1, { timeoutMs: 30_000 })
  t.equal(seen.restarts, 4, 'three that were heard')
})
