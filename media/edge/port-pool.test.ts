import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { PortPool, PortsExhausted } from './port-pool.ts'

/** Three pairs, somewhere else in each run: another run of this test may be going on. */
const FIRST = 10_000 + 2 * Math.floor(Math.random() * 4000)
const RANGE = { minPort: FIRST - 1, maxPort: FIRST + 5 }

t.test('[ME60] pairs are even/odd, inside the range, never twice; then a typed error', async t => {
  const pool = new PortPool(RANGE)
  t.teardown(() => pool.close())
  const pairs = [await pool.open('127.0.0.1'), await pool.open('127.0.0.1'), await pool.open('127.0.0.1')]
  t.teardown(() => {
    for (const pair of pairs) pool.release(pair)
  })
  t.same(pairs.map(p => p.rtpPort).sort(), [FIRST, FIRST + 2, FIRST + 4])
  t.ok(pairs.every(p => p.rtp.address().port === p.rtpPort && p.rtcp.address().port === p.rtpPort + 1))
  await t.rejects(pool.open('127.0.0.1'), PortsExhausted)
})

t.test('[ME61] a port taken by another program is passed over', async t => {
  const other = createSocket('udp4')
  other.bind(FIRST + 1, '127.0.0.1')
  await once(other, 'listening')
  const pool = new PortPool(RANGE)
  const pairs = [await pool.open('127.0.0.1'), await pool.open('127.0.0.1')]
  t.teardown(() => {
    for (const pair of pairs) pool.release(pair)
    pool.close()
    other.close()
  })
  t.same(pairs.map(p => p.rtpPort).sort(), [FIRST + 2, FIRST + 4])
  await t.rejects(pool.open('127.0.0.1'), PortsExhausted)
})

t.test('[ME62] a released pair is drained, and taken again only when nothing else is left', async t => {
  const pool = new PortPool(RANGE)
  t.teardown(() => pool.close())
  const first = await pool.open('127.0.0.1')
  let leaked = 0
  first.rtp.on('message', () => leaked++)
  pool.release(first)
  pool.release(first)
  t.same(pool.stats(), { pairs: 3, used: 0, draining: 1 })
  const stale = createSocket('udp4')
  t.teardown(() => stale.close())
  await new Promise(resolve => stale.send('late voice', first.rtpPort, '127.0.0.1', resolve))
  const others = [await pool.open('127.0.0.1'), await pool.open('127.0.0.1')]
  t.notOk(others.some(p => p.rtpPort === first.rtpPort))
  const again = await pool.open('127.0.0.1')
  t.equal(again.rtpPort, first.rtpPort)
  t.equal(leaked, 0)
  t.equal(again.rtp.listenerCount('message'), 0)
  for (const pair of [...others, again]) pool.release(pair)
})

t.test('[ME63] pairs given back after close are closed at once; a closed pool opens nothing', async t => {
  const pool = new PortPool(RANGE)
  const pair = await pool.open('127.0.0.1')
  pool.close()
  pool.release(pair)
  t.throws(() => pair.rtp.address(), 'closed')
  t.throws(() => pair.rtcp.address(), 'closed')
  await t.rejects(pool.open('127.0.0.1'), PortsExhausted)
})

t.test('[ME64] a range without a pair, and an address of another machine, are errors of their own', async t => {
  t.throws(() => new PortPool({ minPort: 9001, maxPort: 9002 }), RangeError)
  t.throws(() => new PortPool({ minPort: 65_000, maxPort: 70_000 }), RangeError)
  const pool = new PortPool(RANGE)
  t.teardown(() => pool.close())
  await t.rejects(pool.open('192.0.2.1'), { code: 'EADDRNOTAVAIL' })
  t.equal(pool.stats().used, 0)
})
