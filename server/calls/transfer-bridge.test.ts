import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallFailed, type CallLeg, OfferRefused, ReferRefused } from '../../signaling/sip/call-leg.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { RtpParty } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { DialPolicy } from '../dialling/dial-policy.ts'
import { Dialler } from '../dialling/dialler.ts'
import { BridgedPairs } from './bridged-pairs.ts'
import type { TransferMode } from './call-transfer.ts'
import { Consultation } from './consultation.ts'
import { TransferBridge } from './transfer-bridge.ts'
import { VoiceControl } from './voice-control.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never
const agent: UserId = newId('user')
const turn = () => sleep(5)

type Placed = {
  readonly to: string
  readonly sdp: string
  readonly leg: HandLeg
  gaveUp: boolean
  progress(status: number): void
  answer(): void
  fail(error: Error): void
}

/** A call that is talked on, with a trunk whose calls the test answers; endpoints, pairs and policy are real. */
async function talking(
  t: Test,
  o: { mode?: TransferMode; allow?: string[]; ringMs?: number; payloadTypes?: string } = {},
) {
  const { edge, phone, ports } = await makeLeg(t, { answer: false })
  const other = await RtpParty.create({ ssrc: 0x4321 })
  const leg = new HandLeg()
  edge.answer(phone.sdp())
  edge.startSilence()
  const written: JournalEvent[] = []
  const log = { write: (event: JournalEvent) => void written.push(event) } as never
  const seen = { transferred: 0, hungUp: 0, parted: [] as boolean[], ended: [] as string[], told: [] as string[] }
  const placed: Placed[] = []
  const policy = new DialPolicy({
    ...{ allow: o.allow ?? ['1*'], maxCalls: 2, maxCallsPerAgent: 1, callsPerMinute: 99, callsPerMinutePerAgent: 99 },
  })
  const bridges = new BridgedPairs({
    ...{ voiceLostEndMs: 60_000, limitMs: 60_000, logger: quiet },
    events: { bridged() {}, bridgeEnded: (_, why) => void seen.ended.push(why) },
  })
  const deps = {
    ...{ ports, bridges, logger: quiet, rtp: { host: '127.0.0.1', announcedAddress: '127.0.0.1' } },
    voice: { codecs: undefined, srtp: 'off', holdMusic: undefined },
    rules: { voiceLostMs: 60_000, ringTimeoutMs: o.ringMs ?? 60_000 },
    dialler: () =>
      new Dialler({
        trunk: { name: 'trunk', proxy: 'sip:127.0.0.1', fromNumber: '400' },
        policy,
        call: ({ to, sdp, onProvisional, signal }) => {
          const { promise, resolve, reject } = Promise.withResolvers<{ leg: CallLeg; answerSdp: string }>()
          const far = new HandLeg({ direction: 'out' })
          const one: Placed = {
            ...{ to, sdp, leg: far, gaveUp: false, fail: reject },
            progress: status => onProvisional(status, undefined),
            answer: () => resolve({ leg: far, answerSdp: other.sdp({ payloadTypes: o.payloadTypes ?? '8 101' }) }),
          }
          signal.addEventListener('abort', () => {
            one.gaveUp = true
            reject(new CallFailed({ kind: 'cancelled', status: 487, reason: '' }))
          })
          placed.push(one)
          return promise
        },
      }),
  } as never
  let handedOver = false
  let isEnding = false
  const media = {
    edge,
    divert: (_: VoiceEdge | undefined) => {},
    part: (on: boolean) => void seen.parted.push(on),
  }
  const control = new VoiceControl({
    ...{ edge, leg, log, logger: quiet, mute() {}, held() {}, keepsDigits: () => true, changed() {} },
    transferred: () => seen.transferred++,
    notTransferred: () => seen.hungUp++,
    transferMode: o.mode ?? 'auto',
    transferTold: (kind, way, result) => void seen.told.push(`${kind} ${way} ${result}`),
    bridge: hold =>
      new TransferBridge({
        ...{ callId: newId('call'), agent, callerLeg: leg, hold, media, deps },
        handOver: () => {
          if (isEnding || leg.gone.aborted) return undefined
          handedOver = true
          return { leg, edge, place: undefined }
        },
      }),
    consultation: (hold, transfer) =>
      new Consultation({
        ...{ callId: newId('call'), agent, callerLeg: leg, hold, transfer, log, deps, media },
        changed() {},
      }),
    mayReach: to => to !== '199',
  })
  t.teardown(async () => {
    leg.peerEnds()
    await turn()
    await control.consultation.close()
    await bridges.close()
    other.close()
  })
  return {
    ...{ edge, phone, other, leg, control, written, seen, placed, policy, bridges, ports },
    handedOver: () => handedOver,
    callEnds: () => {
      isEnding = true
    },
    types: () => written.map(event => event.type),
    /** The caller's phone answers our last re-INVITE. */
    callerSays: (direction: string) => leg.offers.at(-1)?.answer(phone.sdp({ direction })),
    async held() {
      await turn()
      leg.offers.at(-1)?.answer(phone.sdp({ direction: 'recvonly' }))
      await turn()
    },
  }
}

t.test(
  '[VC75] a far end without REFER: the other one is called by us, and when it answers both are joined',
  async t => {
    for (const status of [405, 501, 403, 603, 420, 400, 404, 408, 503]) {
      const c = await talking(t)
      c.control.blindTransfer('10086')
      await c.held()
      c.leg.refers[0]?.refuse(new ReferRefused(status, 'asked'))
      await until('the call', () => c.placed.length === 1)
      t.match(c.control.view, { hold: 'held', transfer: { to: '10086', way: 'bridge', state: 'trying' } })
      c.placed[0]?.progress(180)
      t.equal(c.control.view.transfer?.state, 'ringing')
      t.equal(c.leg.offers.length, 1, 'the caller still hears music')
      c.placed[0]?.answer()
      await turn()
      t.match(c.leg.offers.at(-1)?.sdp, /a=sendrecv/, 'taken back from hold')
      t.same(c.seen.parted, [true], 'and the agent hears nobody any more')
      t.equal(c.bridges.size, 0)
      c.callerSays('sendrecv')
      await until('the end of the call', () => c.seen.transferred === 1)
      t.equal(c.bridges.size, 1)
      t.ok(c.handedOver())
      t.same([c.leg.gone.aborted, c.placed[0]?.leg.gone.aborted], [false, false])
      t.same(c.types(), ['transfer.asked', 'voice.held', 'transfer.bridging', 'voice.retrieved', 'transfer.done'])
      t.match(c.written.at(-1), { way: 'bridge' })
      t.same(c.seen.told, ['blind bridge done'])
      const from = c.phone.received.length
      c.other.tone(Number(/m=audio (\d+)/.exec(c.placed[0]?.sdp ?? '')?.[1]), { law: 'PCMA', packets: 5 })
      await until('the voice of the other one at the caller', () => c.phone.received.length > from + 4)
      c.placed[0]?.leg.peerEnds()
      await until('the end of the pair', () => c.seen.ended.length === 1)
      t.same(c.leg.said, ['BYE 16 the other side hung up'])
    }
  },
)

t.test('[VC75] what the far end tells later of its own call: carried out here only where it could not', async t => {
  for (const [status, bridged] of [
    [405, true],
    [501, true],
    [503, true],
    [403, true],
    [404, false],
    [480, false],
    [486, false],
    [603, false],
    [408, false],
  ] as const) {
    const c = await talking(t)
    c.control.blindTransfer('10086')
    await c.held()
    c.leg.refers[0]?.progress({ status: 100, reason: '' })
    c.leg.refers[0]?.refuse(new ReferRefused(status, 'tried'))
    await turn()
    await turn()
    t.equal(c.placed.length, bridged ? 1 : 0, `${status}`)
    t.equal(c.control.view.transfer?.state, bridged ? 'trying' : 'failed')
  }
})

t.test('[VC76] whom it is for is not reached: the caller is taken back and the agent told why', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => c.placed.length === 1)
  c.placed[0]?.fail(new CallFailed({ kind: 'busy', status: 486, reason: 'Busy' }))
  await turn()
  t.match(c.control.view.transfer, { state: 'failed', failure: 'busy', way: 'bridge' })
  t.match(c.leg.offers.at(-1)?.sdp, /a=sendrecv/)
  c.callerSays('sendrecv')
  await turn()
  t.equal(c.control.view.hold, 'none')
  t.same(c.seen.parted, [], 'nobody was joined')
  t.match(c.seen, { transferred: 0, hungUp: 0 })
  t.equal(c.ports.stats().used, 1, 'the port of that call is given back')
  c.policy.begin(agent, '10086').release()
  t.pass('and its place among the calls out')
})

t.test('[VC76] nobody answers in time, or with a codec that cannot be carried: the call is given up', async t => {
  const slow = await talking(t, { ringMs: 50 })
  slow.control.blindTransfer('10086')
  await slow.held()
  slow.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the end', () => slow.control.view.transfer?.state === 'failed')
  t.equal(slow.control.view.transfer?.failure, 'no-answer')
  t.ok(slow.placed[0]?.gaveUp)
  const strange = await talking(t, { payloadTypes: '9' })
  strange.control.blindTransfer('10086')
  await strange.held()
  strange.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => strange.placed.length === 1)
  strange.placed[0]?.answer()
  await until('the end', () => strange.control.view.transfer?.state === 'failed')
  t.equal(strange.control.view.transfer?.failure, 'not-acceptable')
  t.ok(strange.placed[0]?.leg.gone.aborted, 'hung up before anybody was joined')
  t.equal(strange.bridges.size, 0)
})

t.test('[VC76] the agent takes the caller back while the other one is being called', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await t.rejects(c.control.takeBack(), { code: 'conflict' }, 'a REFER cannot be taken back')
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => c.placed.length === 1)
  await c.control.takeBack()
  await turn()
  t.ok(c.placed[0]?.gaveUp)
  t.match(c.control.view.transfer, { state: 'failed', failure: 'cancelled' })
  c.callerSays('sendrecv')
  await turn()
  t.equal(c.control.view.hold, 'none')
})

t.test('[VC76] its answer crosses the wish to have the caller back: hung up, nobody is joined', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => c.placed.length === 1)
  c.placed[0]?.answer()
  await c.control.takeBack()
  await turn()
  t.match(c.control.view.transfer, { state: 'failed', failure: 'cancelled' })
  t.same(c.placed[0]?.leg.said, ['BYE given up before the answer'])
  t.equal(c.bridges.size, 0)
})

t.test('[VC76] the caller hangs up meanwhile: the other call is given up, and the call has ended so', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => c.placed.length === 1)
  c.leg.peerEnds()
  await turn()
  t.match(c.seen, { transferred: 0, hungUp: 1 })
  t.ok(c.placed[0]?.gaveUp)
  c.policy.begin(agent, '10086').release()
})

t.test('[VC76] the call ends in the very moment of the joining: nobody is joined', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await until('the call', () => c.placed.length === 1)
  c.placed[0]?.answer()
  await turn()
  c.callEnds()
  c.callerSays('sendrecv')
  await turn()
  t.equal(c.bridges.size, 0)
  t.ok(c.placed[0]?.leg.gone.aborted)
})

t.test(
  '[VC76] a caller’s line that refuses the end of the hold: not joined, the other one hung up, the agent told',
  async t => {
    const c = await talking(t)
    c.control.blindTransfer('10086')
    await c.held()
    c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
    await until('the call', () => c.placed.length === 1)
    c.placed[0]?.answer()
    await turn()
    c.leg.offers.at(-1)?.refuse(new OfferRefused(488))
    await turn()
    t.match(c.control.view, { hold: 'retrieving', transfer: { state: 'failed', failure: 'failed' } })
    t.ok(c.placed[0]?.leg.gone.aborted)
    t.same(c.seen.parted, [true, false], 'the agent is there again')
  },
)

t.test('[VC75] a line that takes neither REFER nor re-INVITE is bridged all the same', async t => {
  const c = await talking(t)
  c.control.blindTransfer('10086')
  await turn()
  c.leg.offers.at(-1)?.refuse(new OfferRefused(488))
  await turn()
  c.leg.refers[0]?.refuse(new ReferRefused(501, 'asked'))
  await until('the call', () => c.placed.length === 1)
  c.placed[0]?.answer()
  await turn()
  c.leg.offers.at(-1)?.refuse(new OfferRefused(488))
  await until('the end of the call', () => c.seen.transferred === 1)
  t.equal(c.bridges.size, 1)
})

t.test(
  '[OC28] the call to the other one passes the same door: numbers, caps, and a place until it is over',
  async t => {
    const foreign = await talking(t, { allow: ['2*'] })
    foreign.control.blindTransfer('10086')
    await foreign.held()
    foreign.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
    await turn()
    t.match(
      foreign.control.view.transfer,
      { state: 'failed', failure: 'not-supported' },
      'it stays at what the line said',
    )
    t.equal(foreign.placed.length, 0)
    const none = await talking(t, { allow: [] })
    none.control.blindTransfer('10086')
    await none.held()
    none.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
    await turn()
    t.match(none.control.view.transfer, { state: 'failed', failure: 'not-supported' })

    const c = await talking(t)
    c.control.blindTransfer('10086')
    await c.held()
    c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
    await until('the call', () => c.placed.length === 1)
    t.throws(() => c.policy.begin(agent, '10086'), { code: 'too-many' }, 'it is the agent’s while it rings')
    c.placed[0]?.answer()
    await turn()
    c.callerSays('sendrecv')
    await until('the end of the call', () => c.seen.transferred === 1)
    const next = c.policy.begin(agent, '10086')
    t.throws(() => c.policy.begin(newId('user'), '10086'), { code: 'too-many' }, 'the house still counts the pair')
    c.leg.peerEnds()
    await until('the end of the pair', () => c.seen.ended.length === 1)
    c.policy.begin(newId('user'), '10086').release()
    next.release()
  },
)

t.test('[VC77] by setting: never by us, or always', async t => {
  const never = await talking(t, { mode: 'refer' })
  never.control.blindTransfer('10086')
  await never.held()
  never.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await turn()
  t.match(never.control.view.transfer, { way: 'refer', state: 'failed', failure: 'not-supported' })
  const always = await talking(t, { mode: 'bridge' })
  t.throws(() => always.control.blindTransfer('20086'), { code: 'forbidden' }, 'said at once')
  always.control.blindTransfer('10086')
  await always.held()
  await until('the call', () => always.placed.length === 1)
  t.equal(always.leg.refers.length, 0)
  always.placed[0]?.answer()
  await turn()
  always.callerSays('sendrecv')
  await until('the end of the call', () => always.seen.transferred === 1)
  t.same(always.seen.told, ['blind bridge done'])
})

/** Somebody was asked and has answered. */
async function asking(t: Test) {
  const c = await talking(t)
  const begun = c.control.consult('10086')
  await c.held()
  await begun
  c.placed[0]?.answer()
  await until('the answer', () => c.control.view.consult?.state === 'talking')
  return { ...c, asked: c.placed[0]!.leg }
}

t.test('[VC78] who was asked and the caller are joined where REFER with Replaces is refused', async t => {
  for (const refusal of [
    new ReferRefused(405, 'asked'),
    new ReferRefused(481, 'tried'),
    new ReferRefused(486, 'tried'),
  ]) {
    const c = await asking(t)
    c.control.consultation.connect()
    await turn()
    c.leg.refers[0]?.refuse(refusal)
    await turn()
    t.match(c.control.view.transfer, { kind: 'attended', way: 'bridge', state: 'trying' })
    t.equal(c.placed.length, 1, 'nobody is called again')
    t.equal(c.asked.offers.length, 0, 'who was spoken with is not on hold')
    c.callerSays('sendrecv')
    await until('the end of the call', () => c.seen.transferred === 1)
    t.equal(c.bridges.size, 1)
    t.equal(c.control.view.consult, undefined)
    await c.control.consultation.close()
    t.equal(c.asked.gone.aborted, false, 'the end of the call leaves it')
    t.same(
      c.types().filter(type => !type.startsWith('voice')),
      ['transfer.asked', 'transfer.bridging', 'transfer.done']
        .toSpliced(0, 0, 'consult.began', 'consult.answered')
        .toSpliced(4, 0, 'consult.ended'),
    )
    const from = c.phone.received.length
    c.other.tone(Number(/m=audio (\d+)/.exec(c.placed[0]?.sdp ?? '')?.[1]), { law: 'PCMA', packets: 5 })
    await until('the voice of the other one at the caller', () => c.phone.received.length > from + 4)
    c.leg.peerEnds()
    await until('the end of the pair', () => c.seen.ended.length === 1)
    t.same(c.asked.said, ['BYE 16 the other side hung up'])
  }
})

t.test('[VC78] joined while the agent speaks with the caller: both are taken back from hold', async t => {
  const c = await asking(t)
  const swapped = c.control.consultation.speakTo('caller')
  await turn()
  c.asked.offers.at(-1)?.answer(c.other.sdp({ direction: 'recvonly' }))
  c.callerSays('sendrecv')
  await swapped
  c.control.consultation.connect()
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await turn()
  t.match(c.asked.offers.at(-1)?.sdp, /a=sendrecv/)
  t.match(c.leg.offers.at(-1)?.sdp, /a=sendrecv/)
  c.callerSays('sendrecv')
  t.equal(c.seen.transferred, 0, 'not before both')
  c.asked.offers.at(-1)?.answer(c.other.sdp())
  await until('the end of the call', () => c.seen.transferred === 1)
  t.equal(c.bridges.size, 1)
})

t.test('[VC78] the caller’s line refuses the end of the hold: who was asked hears music again, as before', async t => {
  const c = await asking(t)
  const swapped = c.control.consultation.speakTo('caller')
  await turn()
  c.asked.offers.at(-1)?.answer(c.other.sdp({ direction: 'recvonly' }))
  c.callerSays('sendrecv')
  await swapped
  c.control.consultation.connect()
  await c.held()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await turn()
  c.asked.offers.at(-1)?.answer(c.other.sdp())
  await turn()
  c.leg.offers.at(-1)?.refuse(new OfferRefused(488))
  await turn()
  t.match(c.control.view, { consult: { speaking: 'caller' }, transfer: { state: 'failed' } })
  t.match(c.asked.offers.at(-1)?.sdp, /a=sendonly/)
  t.equal(c.bridges.size, 0)
})

t.test('[VC78] the one asked hangs up in the joining: failed, and the caller is back', async t => {
  const c = await asking(t)
  c.control.consultation.connect()
  await turn()
  c.leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await turn()
  c.asked.peerEnds()
  c.callerSays('sendrecv')
  await turn()
  t.match(c.control.view, { hold: 'none', transfer: { state: 'failed', failure: 'failed' } })
  t.equal(c.control.view.consult, undefined)
  t.equal(c.bridges.size, 0)
  t.same(c.seen.parted, [true, false])
})

t.test('[VC79] the node is emptied: a pair is waited for, and ended where it takes too long', async t => {
  const c = await talking(t, { mode: 'bridge' })
  c.control.blindTransfer('10086')
  await c.held()
  await until('the call', () => c.placed.length === 1)
  c.placed[0]?.answer()
  await turn()
  c.callerSays('sendrecv')
  await until('the pair', () => c.bridges.size === 1)
  let drained = false
  const draining = c.bridges.drain(5000).then(() => {
    drained = true
  })
  await sleep(50)
  t.notOk(drained)
  await c.bridges.close()
  await draining
  t.same(c.seen.ended, ['server-stopped'])
  t.same([c.leg.said, c.placed[0]?.leg.said], [['BYE 41 the server was stopped'], ['BYE 41 the server was stopped']])
  t.equal(c.ports.stats().used, 0)
})
