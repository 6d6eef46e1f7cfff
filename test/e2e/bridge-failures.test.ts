import t, { type Test } from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { runUsers } from '../../scripts/users.ts'
import { SipServer } from '../../signaling/sip/embedded/sip-server.ts'
import { TcpWire } from '../doubles/tcp-wire.ts'
import { InnerServer } from '../harness/app.ts'
import { longestGapMs, phoneHears } from '../harness/call-up.ts'
import { ConsultLine, OTHER_HZ } from '../harness/consult-line.ts'
import { childrenOfThis, openHandles } from '../harness/left-open.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { CALLER_HZ, SimulatedTalk } from '../harness/simulated-talk.ts'
import { TonePhone } from '../harness/tone-phone.ts'
import { until, within } from '../harness/until.ts'

// Two who were joined here, and what breaks around them: a SIP phone that lists no REFER, a simulated agent, a raw peer as trunk.
t.setTimeout(120_000)

const calls = { transfer: 'auto' }

async function joined(t: Test, line: ConsultLine, server: InnerServer) {
  const talk = await SimulatedTalk.start(server, {
    sip: { transport: 'udp', host: '127.0.0.1', port: line.sipPort },
  })
  t.teardown(() => talk.close())
  await talk.bothHear()
  await talk.agent.signaling.request('voice.transfer', { callId: talk.callId, to: '10086' })
  line.answer(await line.called('other'))
  await until('the end of the call', () => talk.view?.phase === 'ended')
  t.match(talk.view?.end, { cause: 'transferred' })
  const bothHear = () =>
    Promise.all([phoneHears(talk.call, OTHER_HZ, { windowMs: 400 }), line.hears('other', CALLER_HZ)])
  await bothHear()
  return { talk, bothHear }
}

t.test('[VC80] the control connection breaks for a while: both go on, and a hang-up still ends both', async t => {
  const line = await ConsultLine.create()
  const sip = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: 'bridge-test' },
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: line.sipPort }],
  })
  const wire = await TcpWire.lay(() => sip.controlPort)
  const server = await InnerServer.start({
    ...line.settings,
    calls,
    sip: { kind: 'drachtio', host: '127.0.0.1', port: wire.port, secret: 'bridge-test' },
  })
  t.teardown(async () => {
    line.close()
    await sip.close()
    await server.close()
    await wire.close()
  })
  const { talk, bothHear } = await joined(t, line, server)
  const cutAtMs = wallClockMs()
  wire.cut({ closed: true })
  await bothHear()
  await new Promise(resolve => setTimeout(resolve, 1200))
  wire.mend()
  await until('another connection', () => wire.count >= 2, { timeoutMs: 10_000 })
  await bothHear()
  t.ok(longestGapMs(talk.call, cutAtMs, wallClockMs()) < 500, 'the caller had a packet at least every half second')
  // The peers are asked whether their calls are still there (FA10).
  for (let asked = 0; asked < 1; asked++) line.peer.respond(await line.peer.nextRequest('OPTIONS', 5000), 200)
  t.equal(await within('the confirmation of the BYE', 5000, talk.call.hangUp()), 200)
  t.equal(await line.hungUpOn(), 'other')
})

t.test('[VC76] an agent on a desk phone puts the receiver down meanwhile: the two are joined all the same', async t => {
  const line = await ConsultLine.create()
  const desk = await TonePhone.create({ serverPort: line.sipPort, hz: 800, law: 'PCMU' })
  const server = await InnerServer.start({ ...line.settings, calls: { ...calls, deskPhones: ['sip:2*'] } })
  const env = { TONGPING_DATA_DIR: server.dataDir, TONGPING_DESK_PHONES: 'sip:2*' }
  await runUsers(['phone', 'agent', desk.address], { env, say() {}, account: 'operator' })
  const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
  const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138001' })
  t.teardown(async () => {
    for (const one of [agent, phone, desk, line]) one.close()
    await server.close()
  })
  const known = async () => (await agent.signaling.request('desk.enter', {})).deskPhone !== undefined
  await until('the phone to be known', known)
  const call = await phone.call('4008001234', { says: tone(CALLER_HZ), codecs: ['PCMU'] })
  await within('the ringing', 10_000, call.rings)
  await agent.answer('13800138001', 'phone')
  const invite = await desk.peer.nextRequest('INVITE', 8000)
  desk.answer(invite)
  await desk.peer.nextRequest('ACK')
  await within('the answer', 10_000, call.answered)
  await Promise.all([desk.hears(CALLER_HZ), phoneHears(call, 800, { windowMs: 400 })])
  await agent.signaling.request('voice.transfer', { callId: agent.callId, to: '10086' })
  const other = await line.called('other')
  desk.within(invite, 'BYE', 5)
  await desk.peer.nextResponse(200, 'BYE')
  line.answer(other)
  await Promise.all([phoneHears(call, OTHER_HZ, { windowMs: 400 }), line.hears('other', CALLER_HZ)])
  t.same((await sealedVoices(server, '13800138001')).end, { cause: 'transferred' })
})

t.test('[VC79] the server is closed: BYE to both, and nothing is left of them', async t => {
  const before = { children: await childrenOfThis(), open: openHandles().length }
  const line = await ConsultLine.create()
  const server = await InnerServer.start({ ...line.settings, calls })
  const { talk } = await joined(t, line, server)
  const closed = server.close()
  t.equal(await line.hungUpOn(), 'other')
  t.match(await within('the BYE', 5000, talk.call.ended), {
    by: 'peer',
    reason: /cause=41;text="the server was stopped"/,
  })
  await within('closing', 20_000, closed)
  talk.close()
  line.close()
  await until(
    'only what was there before',
    async () => (await childrenOfThis()).length === before.children.length && openHandles().length <= before.open,
    { timeoutMs: 10_000 },
  ).catch(() => t.same(openHandles(), before.open))
})
