import t from 'tap'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { Reception } from './reception.ts'

const packet = (sequence: number, ssrc = 1) =>
  rtpPacket({ sequence: sequence & 0xffff, timestamp: sequence * 160, ssrc })

t.test('[ME70] loss and highest sequence over a wrap-around, interval by interval', async t => {
  const reception = new Reception()
  t.equal(reception.report(0), undefined)
  for (let n = 65_500; n < 65_600; n++) if (n % 10 !== 0) reception.packet(packet(n), n * 20, true)
  const first = reception.report(0)!
  t.equal(first.highestSequence, 65_599)
  t.equal(first.cumulativeLost, 9, 'the one before the first packet does not count')
  t.equal(first.fractionLost, Math.floor((9 * 256) / 99))
  for (let n = 65_600; n < 65_650; n++) reception.packet(packet(n), n * 20, true)
  const second = reception.report(0)!
  t.match(second, { highestSequence: 65_649, cumulativeLost: 9, fractionLost: 0 })
})

t.test('[ME71] jitter as in RFC 3550 A.8: none for steady arrival, known for a known pattern', async t => {
  const steady = new Reception()
  for (let n = 0; n < 200; n++) steady.packet(packet(n), n * 20, true)
  t.equal(steady.jitterMs, 0)
  const shaky = new Reception()
  for (let n = 0; n < 2000; n++) shaky.packet(packet(n), n * 20 + (n % 2 === 0 ? 0 : 5), true)
  t.ok(Math.abs(shaky.jitterMs - 5) < 0.01, `${shaky.jitterMs} ms`)
  t.equal(shaky.report(0)!.jitter, 39)
})

t.test('[ME72] a new source and a restarted one begin anew; reordering and repeats do not', async t => {
  const reception = new Reception()
  for (const n of [1, 2, 4, 3, 3]) reception.packet(packet(n), n * 20, true)
  t.equal(reception.lost, -1)
  reception.packet(packet(50_000), 0, true)
  t.equal(reception.lost, 0)
  reception.packet(packet(7, 2), 0, true)
  t.match(reception.report(0), { ssrc: 2, highestSequence: 7, cumulativeLost: 0, lastSenderReport: 0 })
})
