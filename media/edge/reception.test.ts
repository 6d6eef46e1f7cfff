import t from 'tap'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { Reception } from './reception.ts'
import { readReport, writeReport } from './rtcp-packet.ts'

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

t.test('[ME71] one packet that is 16 ms late moves the jitter by a sixteenth of that', async t => {
  const reception = new Reception()
  for (const n of [0, 1, 2]) reception.packet(packet(n), n * 20, true)
  reception.packet(packet(3), 3 * 20 + 16, true)
  t.equal(reception.jitterMs, 1)
  reception.packet(packet(4), 4 * 20 + 16, true)
  t.equal(reception.jitterMs, 15 / 16)
  reception.packet(packet(5), 5000, false)
  t.equal(reception.jitterMs, 15 / 16, 'the repeats of a key say nothing')
})

t.test('[ME73] loss in a report is a signed number of 24 bits', async t => {
  for (const [lost, written] of [
    [-100, -100],
    [0x7f_ffff, 0x7f_ffff],
    [0x90_0000, 0x7f_ffff],
    [-0x90_0000, -0x80_0000],
  ] as const) {
    const block = { ssrc: 1, fractionLost: 0, cumulativeLost: lost, highestSequence: 2 ** 32 + 5, jitter: 1 }
    const times = { lastSenderReport: 0, delaySinceLast: 0 }
    const report = writeReport({ ssrc: 2, cname: 'c', sender: undefined, block: { ...block, ...times }, bye: false })
    t.match(readReport(report).blocks[0], { cumulativeLost: written, highestSequence: 5 })
  }
})

t.test('[ME72] a new source and a restarted one begin anew; reordering and repeats do not', async t => {
  const reception = new Reception()
  for (const n of [1, 2, 4, 3, 3]) reception.packet(packet(n), n * 20, true)
  t.equal(reception.lost, -1)
  for (const n of [50_000, 50_001]) reception.packet(packet(n), 0, true)
  t.equal(reception.lost, 0)
  for (const n of [7, 8]) reception.packet(packet(n, 2), 0, true)
  t.match(reception.report(0), { ssrc: 2, highestSequence: 8, cumulativeLost: 0, lastSenderReport: 0 })
})

t.test('[ME73] one stray packet of another stream or place changes no figure', async t => {
  const reception = new Reception()
  for (let n = 0; n < 100; n++) {
    if (n % 10 !== 9) reception.packet(packet(n), n * 20, true)
    if (n === 30) reception.packet(packet(40_000), n * 20, true)
    if (n === 50) reception.packet(packet(7, 2), n * 20, true)
    if (n === 70) reception.packet(packet(n - 3000), n * 20, true)
  }
  t.match(reception.report(0), { ssrc: 1, highestSequence: 98, cumulativeLost: 9, jitter: 0 })
})

t.test('[ME73] bursts of loss, repeats, and what is lost in all streams of a call', async t => {
  const reception = new Reception()
  for (let n = 0; n < 1000; n++) if (n % 200 < 120) reception.packet(packet(n), n * 20, true)
  t.equal(reception.lost, 4 * 80)
  t.match(reception.report(0), { cumulativeLost: 320, fractionLost: Math.floor((320 * 256) / 920) })
  for (let n = 1000; n < 1100; n++) reception.packet(packet(n), n * 20, true)
  const after = reception.report(0)!
  t.match(after, { cumulativeLost: 400, fractionLost: Math.floor((80 * 256) / 180) }, 'the burst at the end of before')
  for (let n = 0; n < 500; n++) reception.packet(packet(1099), 0, false)
  t.match(reception.report(0), { cumulativeLost: -100, fractionLost: 0 }, 'repeats count against it (RFC 3550 6.4.1)')
  const other = new Reception()
  for (let n = 0; n < 100; n++) if (n % 10 !== 5) other.packet(packet(n), n * 20, true)
  for (let n = 0; n < 100; n++) if (n % 10 !== 5) other.packet(packet(n + 5000, 2), n * 20, true)
  t.equal(other.lost, 20, 'of both streams')
  t.match(other.report(0), { ssrc: 2, cumulativeLost: 10 })
})

t.test(
  '[ME74] numbers left out while the source was to be silent are no loss; real loss before and after is',
  async t => {
    const reception = new Reception()
    for (const n of [0, 1, 3]) reception.packet(packet(n), n * 20, true)
    reception.allowGap()
    for (const n of [2900, 2901, 2903]) reception.packet(packet(n), n * 20, true)
    t.match(reception.report(0), { cumulativeLost: 2, highestSequence: 2903, fractionLost: Math.floor((2 * 256) / 8) })
    t.match(reception.report(0), { cumulativeLost: 2, fractionLost: 0 })
  },
)

t.test('[ME74] a sender report without a time is none', async t => {
  const reception = new Reception()
  for (const n of [0, 1]) reception.packet(packet(n), n * 20, true)
  reception.senderReport({ ssrc: 1, ntpMiddle: 0 }, 40)
  t.match(reception.report(1040), { lastSenderReport: 0, delaySinceLast: 0 })
  reception.senderReport({ ssrc: 2, ntpMiddle: 99 }, 40)
  t.match(reception.report(1040), { lastSenderReport: 0 }, 'of another source')
  reception.senderReport({ ssrc: 1, ntpMiddle: 77 }, 40)
  t.match(reception.report(1040), { lastSenderReport: 77, delaySinceLast: 65_536 })
})
