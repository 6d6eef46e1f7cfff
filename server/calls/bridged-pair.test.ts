import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { VoiceCodec } from '../../media/edge/voice-codec.ts'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { type RtpParty, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { dominantHz } from '../../test/harness/tone.ts'
import { BridgedPair, type PairEnd } from './bridged-pair.ts'
import { followOffers } from './follow-offers.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never

type Side = Awaited<ReturnType<typeof makeLeg>> & { leg: HandLeg }

/** Two lines as the call gives them away: real endpoints and sockets, dialogs moved by hand. */
async function pair(
  t: Test,
  o: {
    caller?: Parameters<RtpParty['sdp']>[0]
    target?: Parameters<RtpParty['sdp']>[0]
    codecs?: readonly VoiceCodec[]
    inactivityMs?: number
    voiceLostEndMs?: number
    limitMs?: number
  } = {},
) {
  const side = async (direction: 'in' | 'out', sdp: Parameters<RtpParty['sdp']>[0] = {}): Promise<Side> => {
    const made = await makeLeg(t, {
      answer: false,
      ...(o.inactivityMs && { inactivityMs: o.inactivityMs }),
      ...(o.codecs && { codecs: o.codecs }),
    })
    if (direction === 'in') made.edge.answer(made.phone.sdp(sdp))
    else {
      made.edge.answer(undefined)
      made.edge.acceptAnswer(made.phone.sdp(sdp))
    }
    made.edge.startSilence()
    const leg = new HandLeg({ direction })
    followOffers({ callId: newId('call'), leg, edge: made.edge, deps: { logger: quiet, events: {} } as never })
    return { ...made, leg }
  }
  const caller = await side('in', o.caller)
  const target = await side('out', o.target)
  const ended: PairEnd[] = []
  const joined = new BridgedPair({
    ...{ callId: newId('call'), caller, target, logger: quiet },
    voiceLostEndMs: o.voiceLostEndMs ?? 60_000,
    limitMs: o.limitMs ?? 60_000,
    ended: why => void ended.push(why),
  })
  t.teardown(() => joined.end('server-stopped'))
  return { caller, target, joined, ended }
}

/** The party says a tone until the test is over. */
function speaks(t: Test, side: Side, o: { hz: number; law?: 'PCMA' | 'PCMU' }): () => void {
  const timer = setInterval(
    () => side.phone.tone(side.edge.rtpPort, { law: o.law ?? 'PCMA', packets: 1, hz: o.hz }),
    20,
  )
  t.teardown(() => clearInterval(timer))
  return () => clearInterval(timer)
}
const voiceAt = (side: Side, payloadType: number) =>
  side.phone.received.filter(packet => (packet[1]! & 0x7f) === payloadType).slice(-25)
const hears = (side: Side, hz: number, law: 'PCMA' | 'PCMU' = 'PCMA') =>
  until(`${hz} Hz`, () => {
    const packets = voiceAt(side, law === 'PCMA' ? 8 : 0)
    const samples = Int16Array.from(packets.flatMap(packet => [...decodeG711(law, packet.subarray(12))]))
    const heard = packets.length === 25 ? dominantHz(samples, 8000) : undefined
    return heard !== undefined && Math.abs(heard - hz) < 20
  })
/** Keys that arrived as RFC 4733 events, each once. */
const keysAt = (side: Side, payloadType = 101) => {
  const events = side.phone.received.filter(packet => (packet[1]! & 0x7f) === payloadType)
  return [...new Map(events.map(packet => [packet.readUInt32BE(4), packet[12]!])).values()]
}

t.test('[VC70] both hear each other, one stream each, and nothing of it is tapped', async t => {
  const { caller, target } = await pair(t)
  const tapped = () => caller.tapped.length + target.tapped.length
  const before = tapped()
  speaks(t, caller, { hz: 700 })
  speaks(t, target, { hz: 1200 })
  await Promise.all([hears(caller, 1200), hears(target, 700)])
  t.equal(tapped(), before, 'no tap hears a packet')
  const ssrcs = new Set(caller.phone.received.map(packet => packet.readUInt32BE(8)))
  t.equal(ssrcs.size, 1, 'the caller hears one stream, as before')
})

t.test('[VC70] one side in µ-law, the other in A-law: converted both ways', async t => {
  const { caller, target } = await pair(t, { target: { payloadTypes: '0 101' } })
  speaks(t, caller, { hz: 700, law: 'PCMA' })
  speaks(t, target, { hz: 1200, law: 'PCMU' })
  await Promise.all([hears(caller, 1200, 'PCMA'), hears(target, 700, 'PCMU')])
})

t.test('[VC70] G.722 goes through untouched; there is no other codec on the way', async t => {
  const g722 = { payloadTypes: '9 101' }
  const { caller, target } = await pair(t, { caller: g722, target: g722, codecs: ['G722'] })
  const payload = randomBytes(160)
  const say = (from: Side) => {
    for (let n = 0; n < 3; n++) {
      const at = { sequence: from.phone.sequence++, timestamp: from.phone.timestamp, ssrc: from.phone.ssrc }
      from.phone.timestamp += 160
      from.phone.send(rtpPacket({ ...at, payloadType: 9, payload }), from.edge.rtpPort)
    }
  }
  say(caller)
  say(target)
  for (const side of [caller, target])
    await until('the same octets', () => voiceAt(side, 9).some(packet => packet.subarray(12).equals(payload)))
  t.pass('both ways')
})

t.test('[VC70] one side encrypted (SDES), the other plain', async t => {
  const far = await makeLeg(t, { answer: false, srtp: 'required' })
  const near = await makeLeg(t, { answer: false, srtp: 'optional' })
  far.edge.acceptAnswer(near.edge.answer(far.edge.offer()))
  const plain = await makeLeg(t, { answer: false })
  plain.edge.answer(plain.phone.sdp())
  for (const { edge } of [far, near, plain]) edge.startSilence()
  const pair = new BridgedPair({
    ...{ callId: newId('call'), logger: quiet, voiceLostEndMs: 60_000, limitMs: 60_000, ended() {} },
    caller: { edge: near.edge, leg: new HandLeg() },
    target: { edge: plain.edge, leg: new HandLeg({ direction: 'out' }) },
  })
  t.teardown(() => pair.end('server-stopped'))
  t.same([near.edge.encrypted, plain.edge.encrypted], [true, false])
  const timer = setInterval(() => plain.phone.tone(plain.edge.rtpPort, { law: 'PCMA', packets: 1, hz: 1200 }), 20)
  t.teardown(() => clearInterval(timer))
  await until('the plain side at the encrypted one', () => {
    const packets = far.voice.slice(-25)
    const samples = Int16Array.from(packets.flatMap(packet => [...decodeG711('PCMA', packet.subarray(12))]))
    return packets.length === 25 && Math.abs((dominantHz(samples, 8000) ?? 0) - 1200) < 20
  })
  const payload = Buffer.alloc(160, 0x2a)
  for (let n = 1; n < 4; n++) far.edge.sendVoice(rtpPacket({ sequence: n, timestamp: n * 160, payload }))
  await until('the encrypted side at the plain one', () =>
    plain.phone.received.some(packet => packet.subarray(12).equals(payload)),
  )
})

t.test('[VC71] keys go on as events under the other side’s number, or by INFO, in their order', async t => {
  const { caller, target } = await pair(t, {
    target: { payloadTypes: '8 96', extra: ['a=rtpmap:96 telephone-event/8000'] },
  })
  caller.phone.key(caller.edge.rtpPort, 5)
  caller.phone.key(caller.edge.rtpPort, 11)
  await until('both keys', () => keysAt(target, 96).length === 2)
  t.same(keysAt(target, 96), [5, 11])
  caller.leg.peerPresses('7', 200)
  await until('the key by INFO', () => keysAt(target, 96).length === 3)
  t.equal(keysAt(target, 96).at(-1), 7)
  target.phone.key(target.edge.rtpPort, 1, { payloadType: 96 })
  await until('the key back', () => keysAt(caller).length === 1)
  t.same(keysAt(caller), [1])
})

t.test('[VC71] to a side without events keys go by INFO', async t => {
  const { caller, target } = await pair(t, { target: { payloadTypes: '8' } })
  caller.phone.key(caller.edge.rtpPort, 3)
  await until('the INFO', () => target.leg.infos.length === 1)
  t.match(target.leg.infos, [{ digit: '3' }])
})

t.test('[VC72] a hold of either side is answered; the other one hears that it waits, and both speak again', async t => {
  const { caller, target } = await pair(t)
  speaks(t, target, { hz: 1200 })
  const stop = speaks(t, caller, { hz: 700 })
  await Promise.all([hears(caller, 1200), hears(target, 700)])
  const held = await caller.leg.peerOffers(caller.phone.sdp({ direction: 'sendonly' }))
  t.match('sdp' in held && held.sdp, /a=recvonly/)
  stop()
  await sleep(300)
  const from = caller.phone.received.length
  await sleep(200)
  t.equal(caller.phone.received.length, from, 'nothing is sent to whoever holds')
  target.phone.received.length = 0
  await until(
    'a tone now and then at the one who waits',
    () => {
      const samples = target.phone.received.flatMap(packet => [...decodeG711('PCMA', packet.subarray(12))])
      return samples.some(sample => Math.abs(sample) > 300)
    },
    6000,
  )
  const music = speaks(t, caller, { hz: 880 })
  await hears(target, 880)
  music()
  const back = await caller.leg.peerOffers(caller.phone.sdp({ direction: 'sendrecv' }))
  t.match('sdp' in back && back.sdp, /a=sendrecv/)
  speaks(t, caller, { hz: 700 })
  await Promise.all([hears(caller, 1200), hears(target, 700)])
  t.same(await caller.leg.peerOffers(caller.phone.sdp({ direction: 'sendrecv' })), back, 'a refresh changes nothing')
  const other = await target.leg.peerOffers(target.phone.sdp({ direction: 'inactive' }))
  t.match('sdp' in other && other.sdp, /a=inactive/)
})

t.test('[VC72] an offer that cannot be carried is refused, and the pair stands', async t => {
  const { caller, target, ended } = await pair(t)
  t.match(await caller.leg.peerOffers(caller.phone.sdp({ payloadTypes: '9' })), { status: 488 })
  speaks(t, caller, { hz: 700 })
  await hears(target, 700)
  t.same(ended, [])
})

for (const [who, end] of [
  ['caller', 'caller-hung-up'],
  ['target', 'target-hung-up'],
] as const)
  t.test(`[VC73] the ${who} hangs up: BYE to the other one, with the cause it gave`, async t => {
    const made = await pair(t)
    const other = who === 'caller' ? made.target : made.caller
    made[who].leg.peerEnds({ by: 'peer', cancelled: false, reason: { protocol: 'Q.850', cause: 31, text: '' } })
    await until('the end', () => made.ended.length > 0)
    t.same(made.ended, [end])
    t.same(other.leg.said, ['BYE 31 the other side hung up'])
    t.same(made[who].leg.said, [])
    await made.joined.end('time-limit')
    t.same(made.ended, [end], 'ended once')
    t.equal(other.ports.stats().used, 0, 'the port is given back')
  })

t.test('[VC73] a line that is lost ends the other one as a temporary failure', async t => {
  const { caller, target, ended } = await pair(t)
  caller.leg.peerEnds({ by: 'session-expired', cancelled: false })
  await until('the end', () => ended.length > 0)
  t.same(ended, ['line-lost'])
  t.same(target.leg.said, ['BYE 41 the other line was lost'])
})

t.test('[VC73] one who was gone before they were joined ends it at once', async t => {
  const made = await Promise.all([makeLeg(t), makeLeg(t)])
  const [caller, target] = made.map(one => ({ ...one, leg: new HandLeg() }))
  if (!caller || !target) return
  target.leg.peerEnds()
  const ended: PairEnd[] = []
  new BridgedPair({
    ...{ callId: newId('call'), caller, target, logger: quiet, voiceLostEndMs: 60_000, limitMs: 60_000 },
    ended: why => void ended.push(why),
  })
  await until('the end', () => ended.length > 0)
  t.match(caller.leg.said, ['BYE 16 the other side hung up'])
})

t.test('[VC74] silence of one side ends both, but not while it holds', async t => {
  const { caller, target, ended } = await pair(t, { inactivityMs: 200, voiceLostEndMs: 900 })
  speaks(t, target, { hz: 1200 })
  await caller.leg.peerOffers(caller.phone.sdp({ direction: 'sendonly' }))
  await sleep(1500)
  t.same(ended, [], 'on hold silence is what was asked for')
  await caller.leg.peerOffers(caller.phone.sdp({ direction: 'sendrecv' }))
  await until('the end', () => ended.length > 0)
  t.same(ended, ['media-lost'])
  t.same(caller.leg.said, ['BYE 41 no voice came any more'])
  t.same(target.leg.said, ['BYE 41 no voice came any more'])
})

t.test('[VC74] however well they get on, there is a limit', async t => {
  const { caller, target, ended } = await pair(t, { limitMs: 300 })
  speaks(t, caller, { hz: 700 })
  speaks(t, target, { hz: 1200 })
  await until('the end', () => ended.length > 0)
  t.same(ended, ['time-limit'])
  t.same(caller.leg.said, ['BYE 16 the call was too long'])
})
