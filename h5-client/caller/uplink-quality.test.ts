import t from 'tap'
import { adaptQuality, FIRST_QUALITY, QUALITIES, type QualitySample } from './uplink-quality.ts'
import { readStats } from './uplink-stats.ts'

function after(seconds: number, sample: Omit<QualitySample, 'atMs'>, from = { state: FIRST_QUALITY, atMs: 0 }) {
  let { state, atMs } = from
  for (let second = 0; second < seconds; second += 1) {
    atMs += 1_000
    state = adaptQuality(state, { atMs, ...sample })
  }
  return { state, atMs }
}
const room = { availableKbps: 5_000, lossPercent: 0, limitedBy: 'none' }

t.test('[NET12] video starts modest, grows with room, one level at a time, and shrinks without', async t => {
  t.same(QUALITIES[FIRST_QUALITY.level], { edgePx: 640, fps: 15, kbps: 600 })
  t.equal(after(3, room).state.level, 0, 'not at once')
  t.equal(after(4, room).state.level, 1)
  const full = after(20, room)
  t.same(QUALITIES[full.state.level], { edgePx: 1280, fps: 30, kbps: 2_000 })
  t.equal(after(30, { ...room, availableKbps: 200 }, full).state.level, 0)
  t.equal(after(3, { ...room, availableKbps: 200 }, full).state.level, full.state.level, 'a dip changes nothing')
  t.equal(after(30, { ...room, lossPercent: 6 }).state.level, 0, 'no growth while packets are lost')
  t.equal(after(30, { ...room, limitedBy: 'cpu' }, full).state.level, 0, 'a tired phone sends less')
})

t.test('[NET12] statistics are read from the chosen path, however a browser marks it', async t => {
  const outbound = { id: 'o', type: 'outbound-rtp', kind: 'video', framesEncoded: 90, qualityLimitationReason: 'none' }
  const remote = { id: 'r', type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.05 }
  const other = { id: 'p1', type: 'candidate-pair', state: 'succeeded', availableOutgoingBitrate: 1 }
  const pair = {
    id: 'p2',
    type: 'candidate-pair',
    state: 'succeeded',
    nominated: true,
    availableOutgoingBitrate: 800_000,
    currentRoundTripTime: 0.3,
    bytesReceived: 1234,
    localCandidateId: 'c',
  }
  const local = { id: 'c', type: 'local-candidate', protocol: 'udp', candidateType: 'relay' }
  const transport = { id: 't', type: 'transport', selectedCandidatePairId: 'p2' }
  const expected = {
    availableKbps: 800,
    lossPercent: 5,
    roundTripMs: 300,
    framesEncoded: 90,
    bytesReceived: 1234,
    limitedBy: 'none',
    path: 'udp relay',
  }
  t.same(readStats({ values: () => [other, pair, outbound, remote, local, transport] }), expected)
  t.same(readStats({ values: () => [other, pair, outbound, remote, local] }), expected)
  t.same(
    Object.values(readStats({ values: () => [] })).filter(value => value !== undefined),
    [],
  )
})
