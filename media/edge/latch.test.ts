import t from 'tap'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { Latch } from './latch.ts'

const voice = (type: number) => type === 8
const PHONE = { address: '203.0.113.5', port: 4000 }

/** Gives a latch `packets` packets in a row from one source; the last verdict counts. */
function give(latch: Latch, from: { address: string; port: number }, nowMs: number, packets = 2, ssrc = 1): boolean {
  let accepted = false
  for (let n = 0; n < packets; n++) {
    const packet = rtpPacket({ sequence: 50 + n, timestamp: n * 160, ssrc })
    accepted = latch.accepts(packet, from.address, from.port, voice, nowMs)
  }
  return accepted
}

t.test('[ME20] starts from the SDP address and takes its packets at once', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  t.equal(latch.destination, undefined)
  latch.announce(PHONE, 0)
  t.same(latch.destination, PHONE)
  t.ok(give(latch, PHONE, 10, 1))
  t.ok(give(latch, PHONE, 10))
  t.equal(latch.rank, 'as-announced')
})

t.test('[ME21] a public SDP address: a stranger is refused, the signalling address is learned', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  latch.announce(PHONE, 0)
  t.notOk(give(latch, { address: '198.51.100.1', port: 1 }, 10, 9))
  t.equal(latch.refused, 9)
  t.ok(give(latch, { address: '203.0.113.9', port: 7 }, 20))
  t.same(latch.destination, { address: '203.0.113.9', port: 7 })
  t.equal(latch.rank, 'signalling-address')
})

t.test('[ME22] a private SDP address: anyone may be learned inside the window, nobody after it', async t => {
  const home = { address: '192.168.1.7', port: 4000 }
  const nat = { address: '198.51.100.1', port: 61_000 }
  const early = new Latch({ signallingAddress: '203.0.113.9' })
  early.announce(home, 0)
  t.ok(give(early, nat, 2999))
  t.same(early.destination, nat)
  const late = new Latch({ signallingAddress: '203.0.113.9' })
  late.announce(home, 0)
  t.notOk(give(late, nat, 3001, 20))
  t.same(late.destination, home)
})

t.test('[ME23] it takes two packets in a row: payload type, SSRC and sequence must fit', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  latch.announce({ address: '10.0.0.1', port: 4000 }, 0)
  const from = (sequence: number, ssrc: number, payloadType: number) =>
    latch.accepts(rtpPacket({ sequence, timestamp: 0, ssrc, payloadType }), '198.51.100.1', 9, voice, 5)
  t.notOk(from(1, 1, 8))
  t.notOk(from(2, 2, 8), 'other SSRC')
  t.notOk(from(900, 2, 8), 'far away')
  t.notOk(from(901, 2, 33), 'payload type never negotiated')
  t.ok(from(901, 2, 8))
})

t.test('[ME24] a better source beats a worse one inside the window, never the other way round', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  const home = { address: '10.0.0.1', port: 4000 }
  latch.announce(home, 0)
  t.ok(give(latch, { address: '198.51.100.1', port: 9 }, 5))
  t.ok(give(latch, { address: '203.0.113.9', port: 9 }, 6))
  t.equal(latch.rank, 'signalling-address')
  t.notOk(give(latch, { address: '198.51.100.1', port: 9 }, 7, 20))
  t.ok(give(latch, home, 8))
  t.same(latch.destination, home)
})

t.test('[ME25] locked: another port of the same peer is refused until the next exchange, then followed', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.5' })
  latch.announce(PHONE, 0)
  t.ok(give(latch, PHONE, 10))
  const rebound = { address: PHONE.address, port: 5000 }
  t.notOk(give(latch, rebound, 100, 20))
  t.notOk(give(latch, rebound, 60_000, 20))
  latch.announce(PHONE, 60_000)
  t.ok(give(latch, rebound, 60_100))
  t.same(latch.destination, rebound)
  t.notOk(give(latch, PHONE, 63_200, 20), 'after the window the old port is the stranger')
  t.same(latch.destination, rebound)
})

t.test('[ME26] an exchange without news keeps the learned source; a moved address replaces it', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  latch.announce({ address: '10.0.0.1', port: 4000 }, 0)
  const nat = { address: '203.0.113.9', port: 61_000 }
  give(latch, nat, 5)
  latch.announce({ address: '10.0.0.1', port: 4000 }, 10_000)
  t.same(latch.destination, nat)
  latch.announce({ address: '10.0.0.2', port: 4000 }, 20_000)
  t.same(latch.destination, { address: '10.0.0.2', port: 4000 })
})

t.test('[ME27] a caller who is silent at first is still learned late, from the signalling address only', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  latch.announce({ address: '10.0.0.1', port: 4000 }, 0)
  t.notOk(give(latch, { address: '198.51.100.1', port: 9 }, 30_000, 20))
  t.ok(give(latch, { address: '203.0.113.9', port: 9 }, 30_000))
  t.notOk(give(latch, { address: '203.0.113.9', port: 10 }, 30_100, 20))
})

t.test(
  '[ME28] right after a refresh nobody takes the place of a source that speaks, but of one that is silent',
  async t => {
    const latch = new Latch({ signallingAddress: '203.0.113.9' })
    const home = { address: '192.168.1.7', port: 4000 }
    const nat = { address: '198.51.100.1', port: 61_000 }
    const attacker = { address: '198.51.100.66', port: 5 }
    latch.announce(home, 0)
    t.ok(give(latch, nat, 10))
    latch.announce(home, 60_000)
    latch.accepts(rtpPacket({ sequence: 900, timestamp: 0 }), nat.address, nat.port, voice, 59_990)
    t.notOk(give(latch, attacker, 60_001, 20, 66))
    t.ok(give(latch, nat, 60_010, 1))
    t.notOk(give(latch, attacker, 60_020, 20, 66), 'between its packets')
    t.ok(give(latch, nat, 60_030))
    t.notOk(give(latch, attacker, 60_400, 20, 66), 'locked again')
    latch.announce(home, 120_000)
    t.ok(give(latch, { address: '198.51.100.1', port: 61_001 }, 120_050), 'the network has given it another port')
    t.ok(give(latch, { address: '203.0.113.9', port: 8 }, 120_060), 'a better one may')
  },
)

t.test('[ME29] probes from any number of sources do not crowd out the peer that is learned late', async t => {
  const latch = new Latch({ signallingAddress: '203.0.113.9' })
  latch.announce({ address: '10.0.0.1', port: 4000 }, 0)
  const phone = { address: '203.0.113.9', port: 61_000 }
  const from = (source: { address: string; port: number }, sequence: number) =>
    latch.accepts(rtpPacket({ sequence, timestamp: 0 }), source.address, source.port, voice, 10)
  t.notOk(from(phone, 1))
  for (let n = 0; n < 5000; n++) t.notOk(from({ address: '198.51.100.1', port: 1024 + n }, 7))
  t.ok(from(phone, 2))
  t.same(latch.destination, phone)
  t.equal(latch.refused, 5001)
})
