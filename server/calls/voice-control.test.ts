import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InfoRefused, OfferRefused, ReferRefused } from '../../signaling/sip/call-leg.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { Consultation } from './consultation.ts'
import { dialled, VoiceControl } from './voice-control.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never

async function talking(t: Test, o: { events?: boolean } = {}) {
  const { edge, phone } = await makeLeg(t, { answer: false })
  const leg = new HandLeg()
  edge.answer(phone.sdp(o.events === false ? { payloadTypes: '8' } : {}))
  edge.startSilence()
  const written: JournalEvent[] = []
  const seen = {
    held: [] as boolean[],
    stateWhenTold: [] as string[],
    muted: [] as boolean[],
    transferred: 0,
    hungUp: 0,
    keepsDigits: true,
  }
  const control = new VoiceControl({
    edge,
    leg,
    log: { write: (event: JournalEvent) => void written.push(event) } as never,
    logger: quiet,
    mute: on => seen.muted.push(on),
    held: on => {
      seen.held.push(on)
      seen.stateWhenTold.push(control.hold.state)
    },
    keepsDigits: () => seen.keepsDigits,
    changed: () => {},
    transferred: () => seen.transferred++,
    notTransferred: () => seen.hungUp++,
    ...{ transferMode: 'refer', bridge: () => ({}) as never, transferTold() {} },
    consultation: (hold, transfer) =>
      new Consultation({
        ...{
          hold,
          transfer,
          callerLeg: leg,
          callId: newId('call'),
          agent: newId('user'),
          log: { write: () => undefined },
        },
        media: { edge, divert() {} },
        deps: { dialler: () => undefined } as never,
        changed() {},
      }),
    mayReach: to => to !== '999',
  })
  const answer = (direction: string) => leg.offers.at(-1)?.answer(phone.sdp({ direction }))
  return { edge, phone, leg, control, written, seen, answer }
}
const offered = (leg: HandLeg) => leg.offers.at(-1)?.sdp ?? ''
const version = (sdp: string) => Number(/^o=\S+ \S+ (\d+)/m.exec(sdp)?.[1])
const turn = () => sleep(1)

t.test('[VC22] the agent holds: at once here, then by a re-INVITE the far end can answer; and takes back', async t => {
  const { edge, leg, control, written, seen, answer } = await talking(t)
  const held = control.hold.hold()
  t.same(edge.held, { byPeer: false, byUs: true }, 'before the far end knows')
  t.same(seen.held, [true])
  t.same(
    seen.stateWhenTold,
    ['asked'],
    'whoever is told and asks for the state finds it on hold: the picture pauses now',
  )
  t.equal(control.view.hold, 'asked')
  await turn()
  t.match(offered(leg), /a=sendonly/)
  const first = version(offered(leg))
  answer('recvonly')
  await held
  t.equal(control.view.hold, 'held')
  t.same(edge.held, { byPeer: false, byUs: true }, 'that it listens to music is no hold of its own')
  await control.hold.hold()
  t.equal(leg.offers.length, 1, 'pressed twice, asked once')

  const back = control.hold.retrieve()
  await turn()
  t.match(offered(leg), /a=sendrecv/)
  t.equal(version(offered(leg)), first + 1)
  t.equal(control.view.hold, 'retrieving')
  answer('sendrecv')
  await back
  t.same(edge.held, { byPeer: false, byUs: false })
  t.equal(control.view.hold, 'none')
  t.same(seen.held, [true, false])
  t.same(written, [
    { type: 'voice.held', by: 'agent' },
    { type: 'voice.retrieved', by: 'agent' },
  ])
})

t.test(
  '[VC23] a far end that refuses our hold hears music all the same; one that refuses the end of it keeps it',
  async t => {
    const { edge, leg, control, written, answer } = await talking(t)
    const held = control.hold.hold()
    await turn()
    leg.offers.at(-1)?.refuse(new OfferRefused(488))
    await held
    t.equal(control.view.hold, 'unsignalled')
    t.ok(edge.held.byUs, 'it is held here')

    const back = control.hold.retrieve()
    await turn()
    t.match(offered(leg), /a=sendrecv/, 'asked all the same: its answer to the hold may have been lost')
    leg.offers.at(-1)?.refuse(new OfferRefused(488))
    await back
    t.equal(control.view.hold, 'none', 'it takes no re-INVITE at all, and never agreed to be held')
    t.notOk(edge.held.byUs)

    const again = control.hold.hold()
    await turn()
    answer('recvonly')
    await again
    const refused = control.hold.retrieve()
    await turn()
    leg.offers.at(-1)?.refuse(new OfferRefused(408))
    await t.rejects(refused, { code: 'unavailable' })
    t.equal(control.view.hold, 'unsignalled')
    t.ok(edge.held.byUs)

    const last = control.hold.retrieve()
    await turn()
    answer('sendrecv')
    await last
    t.equal(control.view.hold, 'none')
    t.same(
      written.map(event => event.type),
      ['voice.held', 'voice.retrieved', 'voice.held', 'voice.retrieved'],
    )
  },
)

t.test('[VC23] taken back while the far end has not answered the hold yet: one exchange after the other', async t => {
  const { edge, leg, control, answer } = await talking(t)
  const held = control.hold.hold()
  await turn()
  const back = control.hold.retrieve()
  await turn()
  t.equal(leg.offers.length, 1)
  answer('recvonly')
  await held
  await turn()
  t.equal(leg.offers.length, 2)
  answer('sendrecv')
  await back
  t.equal(control.view.hold, 'none')
  t.same(edge.held, { byPeer: false, byUs: false })
})

t.test('[VC23] the far end hangs up while our offer is open: nothing is left waiting', async t => {
  const { leg, control } = await talking(t)
  const held = control.hold.hold()
  await turn()
  leg.peerEnds()
  await held
  await control.hold.retrieve()
  t.pass('both ended')
})

t.test('[VC24] the microphone is switched off here, once a press, and the record says so', async t => {
  const { control, seen, written } = await talking(t)
  control.mute(true)
  control.mute(true)
  t.equal(control.view.muted, true)
  control.mute(false)
  t.same(seen.muted, [true, false])
  t.same(written, [
    { type: 'voice.muted', on: true },
    { type: 'voice.muted', on: false },
  ])
})

t.test('[VC25] keys go out as RFC 4733 events, one after the other; without events by INFO', async t => {
  const { control, phone, written, seen } = await talking(t)
  seen.keepsDigits = true
  await Promise.all([control.key('1'), control.key('#')])
  const events = phone.received.filter(packet => (packet[1]! & 0x7f) === 101).map(packet => packet[12])
  t.same([...new Set(events)], [1, 11])
  seen.keepsDigits = false
  await control.key('7')
  t.same(written, [
    { type: 'voice.key', way: 'rtp', digit: '1' },
    { type: 'voice.key', way: 'rtp', digit: '#' },
    { type: 'voice.key', way: 'rtp' },
  ])

  const plain = await talking(t, { events: false })
  t.equal(plain.control.view.keys, 'info')
  await plain.control.key('5')
  t.match(plain.leg.infos, [{ digit: '5' }])
  plain.leg.info = async () => {
    throw new InfoRefused(415)
  }
  await t.rejects(plain.control.key('6'), { code: 'unavailable' })
  t.equal(plain.written.length, 1, 'what did not go out is not in the record')
})

t.test('[VC25] no keys into our own hold', async t => {
  const { control } = await talking(t)
  void control.hold.hold()
  t.throws(() => control.key('1'), AppError)
})

t.test('[VC26] a blind transfer: held, asked, told, and the call ends when the other one has answered', async t => {
  const { leg, control, written, seen, answer } = await talking(t)
  control.blindTransfer('(010) 8888-0001')
  t.throws(() => control.blindTransfer('8002'), AppError, 'one at a time')
  await turn()
  answer('recvonly')
  await turn()
  t.same(leg.refers[0]?.target, { to: '01088880001' })
  leg.refers[0]?.progress({ status: 100, reason: 'Trying' })
  t.equal(control.view.transfer?.state, 'trying')
  leg.refers[0]?.progress({ status: 180, reason: 'Ringing' })
  t.equal(control.view.transfer?.state, 'ringing')
  leg.refers[0]?.done()
  await turn()
  t.equal(seen.transferred, 1)
  t.same(written.slice(1), [
    { type: 'voice.held', by: 'agent' },
    { type: 'transfer.done', way: 'refer' },
  ])
})

t.test('[VC26] a transfer that fails takes the caller back and says why', async t => {
  for (const [error, failure] of [
    [new ReferRefused(405, 'asked'), 'not-supported'],
    [new ReferRefused(403, 'asked'), 'not-allowed'],
    [new ReferRefused(486, 'tried'), 'busy'],
    [new ReferRefused(480, 'tried'), 'no-answer'],
  ] as const) {
    const { leg, control, written, seen, answer } = await talking(t)
    control.blindTransfer('8001')
    await turn()
    answer('recvonly')
    await turn()
    leg.refers[0]?.refuse(error)
    await turn()
    t.same(control.view.transfer, { kind: 'blind', to: '8001', way: 'refer', state: 'failed', failure })
    answer('sendrecv')
    await turn()
    t.equal(control.view.hold, 'none', 'taken back')
    t.equal(seen.transferred, 0)
    t.match(written.at(-1), { type: 'voice.retrieved' })
  }
})

t.test(
  '[VC27] what may be reached: numbers without their separators, addresses, and what the operator allows',
  async t => {
    const { control } = await talking(t)
    t.throws(() => control.blindTransfer('call my friend'), { code: 'bad-request' })
    t.throws(() => control.blindTransfer('999'), { code: 'forbidden' })
    t.equal(dialled('+86 (10) 8888-0001'), '+861088880001')
    t.equal(dialled('tel:8001'), '8001')
    t.equal(dialled('sip:desk@pbx.example'), 'sip:desk@pbx.example')
    for (const wrong of ['', '1', 'abc', 'sip:a b@c', '1'.repeat(33), '80<01>'])
      t.equal(dialled(wrong), undefined, wrong)
  },
)

t.test('[VC28] a caller who hangs up before the transfer was taken has hung up', async t => {
  const { leg, control, seen, answer } = await talking(t)
  control.blindTransfer('10086')
  await turn()
  answer('recvonly')
  await turn()
  t.equal(leg.refers.length, 1)
  t.equal(control.transfer.underWay, true, 'whoever sees the leg go waits for the outcome')
  leg.peerEnds()
  await turn()
  t.match(seen, { transferred: 0, hungUp: 1 })
})

t.test('[VC29] without a trunk nobody can be asked', async t => {
  const { control } = await talking(t)
  t.equal(control.view.mayConsult, false)
  await t.rejects(control.consult('10086'), { code: 'unavailable' })
  t.throws(() => control.consultation.connect(), { code: 'conflict' })
})
