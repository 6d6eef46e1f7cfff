import t from 'tap'
import { DtmfOut, DtmfUnsent } from './dtmf-out.ts'

function drain(keys: DtmfOut, ticks: number) {
  return Array.from({ length: ticks }, () => keys.next())
}

t.test('[ME84] one key: duration counts up from its start, the end comes three times, then a pause', async t => {
  const keys = new DtmfOut()
  const sent = keys.push('5', 100)
  const packets = drain(keys, 12)
  await sent
  t.same(
    packets.map(p => p && [p.payload[0], p.payload[1]! >> 7, p.payload.readUInt16BE(2), p.first, p.ticks]),
    [
      [5, 0, 160, true, 160],
      [5, 0, 320, false, 320],
      [5, 0, 480, false, 480],
      [5, 0, 640, false, 640],
      [5, 1, 800, false, 800],
      [5, 1, 800, false, 960],
      [5, 1, 800, false, 1120],
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ],
  )
  t.equal(packets[0]!.payload[1]! & 0x3f, 10)
})

t.test('[ME85] keys wait for each other; odd ones are refused; a cancelled one is told', async t => {
  const keys = new DtmfOut()
  const all = Promise.all(['1', 'a', '#', '*'].map(key => keys.push(key, 40)))
  const events = drain(keys, 40).flatMap(p => (p?.first ? [p.payload[0]] : []))
  t.same(events, [1, 12, 11, 10])
  await all
  await t.rejects(keys.push('12', 100), RangeError)
  await t.rejects(keys.push('x', 100), RangeError)
  await t.rejects(keys.push('', 100), RangeError)
  const cut = keys.push('1', 100)
  keys.next()
  keys.cancel('the call is over')
  await t.rejects(cut, DtmfUnsent)
  t.equal(keys.next(), undefined)
})

t.test('[ME86] at 48 kHz the duration counts in that clock and stays inside its 16 bits', async t => {
  const keys = new DtmfOut()
  keys.ticksPerMs = 48
  void keys.push('0', 100)
  t.equal(drain(keys, 5).at(-1)?.payload.readUInt16BE(2), 4800)
  drain(keys, 20)
  void keys.push('0', 5000)
  const long = drain(keys, 100).flatMap(p => (p ? [p.payload.readUInt16BE(2)] : []))
  t.ok(Math.max(...long) > 60_000 && Math.max(...long) <= 65_535)
  t.ok(long.every((n, i) => i === 0 || n >= long[i - 1]!))
})
