import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { ReferRefused } from '../../signaling/sip/call-leg.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { RtpParty } from '../../test/doubles/rtp-party.ts'
import { DialPolicy } from '../dialling/dial-policy.ts'
import { Dialler } from '../dialling/dialler.ts'
import { Consultation } from './consultation.ts'
import { VoiceControl } from './voice-control.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never
const turn = () => sleep(5)
const dial = { allow: ['1*'], maxCalls: 5, maxCallsPerAgent: 2, callsPerMinute: 9, callsPerMinutePerAgent: 9 }

/** A caller on the line and somebody else who has been asked and has answered: real endpoints, legs moved by hand. */
async function asking(t: Test, o: { events?: boolean } = {}) {
  const { edge, phone, ports } = await makeLeg(t, { answer: false })
  const other = await RtpParty.create({ ssrc: 0x4321 })
  t.teardown(() => other.close())
  const [leg, asked] = [new HandLeg(), new HandLeg({ direction: 'out' })]
  edge.answer(phone.sdp())
  edge.startSilence()
  const written: JournalEvent[] = []
  const log = { write: (event: JournalEvent) => void written.push(event) } as never
  const seen = { transferred: 0, hungUp: 0 }
  /** Where the agent's voice goes: undefined is the caller. */
  let diverted: unknown
  const deps = {
    ports,
    rtp: { host: '127.0.0.1', announcedAddress: '127.0.0.1' },
    voice: { codecs: undefined, srtp: 'off', holdMusic: undefined },
    rules: { voiceLostMs: 60_000 },
    logger: quiet,
    dialler: () =>
      new Dialler({
        trunk: { name: 'trunk', proxy: 'sip:127.0.0.1', fromNumber: '400' },
        policy: new DialPolicy(dial),
        call: async () => ({ leg: asked, answerSdp: other.sdp(o.events === false ? { payloadTypes: '8' } : {}) }),
      }),
  } as never
  const control = new VoiceControl({
    ...{ edge, leg, log, logger: quiet, mute() {}, held() {}, keepsDigits: () => true, changed() {} },
    ...{ transferMode: 'refer', bridge: () => ({}) as never, transferTold() {} },
    transferred: () => seen.transferred++,
    notTransferred: () => seen.hungUp++,
    consultation: (hold, transfer) =>
      new Consultation({
        ...{ callId: newId('call'), agent: newId('user'), callerLeg: leg, hold, transfer, log, deps, changed() {} },
        media: { edge, divert: to => (diverted = to) },
      }),
    mayReach: () => true,
  })
  const begun = control.consult('10086')
  await turn()
  leg.offers.at(-1)?.answer(phone.sdp({ direction: 'recvonly' }))
  await begun
  await turn()
  t.teardown(() => control.consultation.close())
  const types = () => written.map(event => ('with' in event ? `${event.type} ${event.with}` : event.type))
  return {
    leg,
    asked,
    phone,
    other,
    control,
    written,
    types,
    seen,
    agentSpeaksTo: () => (diverted ? 'asked' : 'caller'),
  }
}

t.test('[VC45] swapped to and fro: one is spoken with, the other waits, and nothing is asked twice', async t => {
  const { leg, asked, phone, other, control, types, agentSpeaksTo } = await asking(t)
  t.match(control.view, { hold: 'held', consult: { to: '10086', state: 'talking', speaking: 'consulted' } })
  t.equal(agentSpeaksTo(), 'asked')
  t.equal(asked.offers.length, 0)

  const swapped = control.consultation.speakTo('caller')
  await turn()
  t.equal(agentSpeaksTo(), 'caller')
  t.match(asked.offers.at(-1)?.sdp, 'a=sendonly', 'the other one is held')
  t.match(leg.offers.at(-1)?.sdp, 'a=sendrecv', 'the caller is taken back')
  asked.offers.at(-1)?.answer(other.sdp({ direction: 'recvonly' }))
  leg.offers.at(-1)?.answer(phone.sdp())
  await swapped
  t.match(control.view, { hold: 'none', consult: { speaking: 'caller' } })
  await control.consultation.speakTo('caller')
  t.same([leg.offers.length, asked.offers.length], [2, 1], 'pressed twice, asked once')

  const back = control.consultation.speakTo('consulted')
  await turn()
  t.match(leg.offers.at(-1)?.sdp, 'a=sendonly')
  t.match(asked.offers.at(-1)?.sdp, 'a=sendrecv')
  leg.offers.at(-1)?.answer(phone.sdp({ direction: 'recvonly' }))
  asked.offers.at(-1)?.answer(other.sdp())
  await back
  t.equal(agentSpeaksTo(), 'asked')
  t.match(control.view, { hold: 'held', consult: { speaking: 'consulted' } })
  t.same(
    types().filter(type => type.startsWith('consult')),
    ['consult.began', 'consult.answered', 'consult.speaking caller', 'consult.speaking consulted'],
  )
})

t.test('[VC53] keys go to the one the agent speaks with, by what that one takes; no digit of them is kept', async t => {
  const { leg, asked, phone, other, control, written } = await asking(t, { events: false })
  await control.key('5')
  t.same([asked.infos, leg.infos], [[{ digit: '5', durationMs: 160 }], []])
  const swapped = control.consultation.speakTo('caller')
  await turn()
  t.throws(() => control.key('6'), { code: 'conflict' }, 'the caller is still on hold')
  asked.offers.at(-1)?.answer(other.sdp({ direction: 'recvonly' }))
  leg.offers.at(-1)?.answer(phone.sdp())
  await swapped
  await control.key('7')
  t.equal(asked.infos.length, 1)
  t.same(
    written.filter(event => event.type === 'voice.key'),
    [
      { type: 'voice.key', way: 'info', to: 'consulted' },
      { type: 'voice.key', way: 'rtp', digit: '7' },
    ],
  )
  control.consultation.connect()
  await t.rejects(control.consultation.cancel(), { code: 'conflict' }, 'not in the middle of a hand-over')
})

t.test('[VC50] the one asked hangs up: told by whom, and the caller is taken back', async t => {
  const { leg, asked, phone, control, written } = await asking(t)
  asked.peerEnds()
  await turn()
  t.match(control.view, { hold: 'retrieving', consultFailure: { to: '10086', why: 'hung-up' } })
  leg.offers.at(-1)?.answer(phone.sdp())
  await turn()
  t.match(control.view, { hold: 'none', consult: undefined })
  t.match(
    written.find(event => event.type === 'consult.ended'),
    { failure: 'hung-up' },
  )
})

t.test('[VC46] a hand-over that fails leaves both on the line, as they were, and may be tried again', async t => {
  const { leg, asked, control, written, seen, agentSpeaksTo } = await asking(t)
  control.consultation.connect()
  t.throws(() => control.consultation.connect(), { code: 'conflict' }, 'one at a time')
  await t.rejects(control.consultation.speakTo('caller'), { code: 'conflict' }, 'no swap meanwhile')
  await turn()
  t.same(leg.refers[0]?.target, { leg: asked })
  leg.refers[0]?.progress({ status: 100, reason: 'Trying' })
  leg.refers[0]?.refuse(new ReferRefused(486, 'tried'))
  await turn()
  t.match(control.view, {
    hold: 'held',
    consult: { state: 'talking', speaking: 'consulted' },
    transfer: { kind: 'attended', state: 'failed', failure: 'busy' },
  })
  t.equal(agentSpeaksTo(), 'asked')
  t.same([leg.gone.aborted, asked.gone.aborted], [false, false])
  t.match(written.at(-1), { type: 'transfer.failed', failure: 'busy' })
  control.consultation.connect()
  await turn()
  leg.refers[1]?.done()
  await turn()
  t.match(seen, { transferred: 1, hungUp: 0 })
})

t.test('[VC46] handed over while the caller is spoken with: failed, the caller is spoken with again', async t => {
  const { leg, asked, phone, other, control, agentSpeaksTo } = await asking(t)
  const swapped = control.consultation.speakTo('caller')
  await turn()
  asked.offers.at(-1)?.answer(other.sdp({ direction: 'recvonly' }))
  leg.offers.at(-1)?.answer(phone.sdp())
  await swapped
  control.consultation.connect()
  await turn()
  t.match(leg.offers.at(-1)?.sdp, 'a=sendonly', 'music meanwhile')
  leg.offers.at(-1)?.answer(phone.sdp({ direction: 'recvonly' }))
  await turn()
  leg.refers[0]?.refuse(new ReferRefused(405, 'asked'))
  await turn()
  t.match(leg.offers.at(-1)?.sdp, 'a=sendrecv', 'taken back')
  leg.offers.at(-1)?.answer(phone.sdp())
  await turn()
  t.match(control.view, { hold: 'none', consult: { speaking: 'caller' }, transfer: { failure: 'not-supported' } })
  t.equal(agentSpeaksTo(), 'caller')
  t.same([leg.gone.aborted, asked.gone.aborted], [false, false])
})

t.test('[VC46] the one asked left while a hand-over failed: the caller is taken back', async t => {
  const { leg, asked, phone, control, agentSpeaksTo, types } = await asking(t)
  control.consultation.connect()
  await turn()
  asked.peerEnds()
  await turn()
  t.ok(control.view.consult, 'it may have taken the place of the caller')
  leg.refers[0]?.refuse(new ReferRefused(500, 'tried'))
  await turn()
  leg.offers.at(-1)?.answer(phone.sdp())
  await turn()
  t.equal(control.view.consult, undefined)
  t.equal(control.view.hold, 'none')
  t.equal(agentSpeaksTo(), 'caller')
  t.ok(types().includes('consult.ended'))
  t.equal(leg.gone.aborted, false)
})
