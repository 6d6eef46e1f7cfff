import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { runUsers } from '../../scripts/users.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { freePort } from '../harness/free-port.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { TonePhone } from '../harness/tone-phone.ts'
import { until } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

t.setTimeout(180_000)
const CALLER_HZ = 440
const PHONE_HZ = 800
type Test = { teardown(run: () => unknown): void }

/** A whole server, a caller and a desk phone that are raw peers, and an agent whose page speaks only when told to. */
async function open(t: Test, o: { phoneLaw?: 'PCMU' | 'PCMA' } = {}) {
  const sipPort = await freePort()
  const caller = await TonePhone.create({ serverPort: sipPort, hz: CALLER_HZ })
  const phone = await TonePhone.create({ serverPort: sipPort, hz: PHONE_HZ, law: o.phoneLaw ?? 'PCMA' })
  const server = await InnerServer.start({
    sip: { port: sipPort },
    calls: { deskPhones: ['sip:2*'], voiceLostMs: 2000 },
  })
  const said: string[] = []
  const env = { TONGPING_DATA_DIR: server.dataDir, TONGPING_DESK_PHONES: 'sip:2*' }
  const users = (...args: string[]) => runUsers(args, { env, say: line => said.push(line), account: 'operator' })
  await users('phone', 'agent', phone.address)
  const person = await server.person('agent')
  const agent = await SimulatedAgent.signIn(server.url, person)
  const entered = () => agent.signaling.request('desk.enter', {})
  await until('the phone to be known', async () => (await entered()).deskPhone !== undefined)
  let heard = 0
  agent.opensAll = true
  agent.onRtp = kind => {
    if (kind === 'audio') heard++
  }
  const talk = setInterval(() => agent.speak(), 20)
  t.teardown(async () => {
    clearInterval(talk)
    agent.close()
    caller.close()
    phone.close()
    await server.close()
  })
  const view = () => agent.calls.find(call => call.callId === agent.callId)
  return { server, caller, phone, agent, users, said, entered, view, heard: () => heard }
}
type World = Awaited<ReturnType<typeof open>>

/** Answered by the phone: returns its INVITE. */
async function talking({ caller, phone, agent, view }: World) {
  caller.call()
  await agent.answer('alice', 'phone')
  const invite = await phone.peer.nextRequest('INVITE', 8000)
  phone.answer(invite)
  await phone.peer.nextRequest('ACK')
  await caller.answered()
  await until('talking', () => view()?.phase === 'talking')
  return invite
}

t.test(
  '[DP1] [DP3] an agent takes a call on a phone of the other law: both hear each other, both are recorded',
  async t => {
    const world = await open(t, { phoneLaw: 'PCMU' })
    const { server, caller, phone, agent, view, entered } = world
    t.match((await entered()).deskPhone, { address: phone.address, by: 'browser' })
    await agent.signaling.request('desk.speakBy', { by: 'phone' })
    t.equal((await entered()).deskPhone?.by, 'phone', 'the choice is kept')

    caller.call()
    await agent.answer('alice')
    const invite = await phone.peer.nextRequest('INVITE', 8000)
    t.match(invite.get('from'), /alice/, 'the phone shows who calls')
    t.match(view(), { phase: 'answering', agentVoice: 'connecting', agentBy: { by: 'phone', phone: 'called' } })
    phone.answer(invite, { status: 180 })
    await until('ringing', () => view()?.agentBy?.phone === 'ringing')
    t.notOk(
      caller.peer.startLines.some(line => line.startsWith('SIP/2.0 200')),
      'the caller still hears ringing',
    )
    phone.answer(invite)
    await phone.peer.nextRequest('ACK')
    await caller.answered()
    await until('talking', () => view()?.phase === 'talking')
    t.match(view(), { agentVoice: 'connected', agentBy: { by: 'phone', phone: 'talking' } })
    await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])
    t.equal(agent.voicePacketsSent, 0, 'no microphone was used')
    await delay(1500)
    t.equal(view()?.agentVoice, 'connected')

    phone.within(invite, 'BYE', 5)
    caller.peer.respond(await caller.peer.nextRequest('BYE'), 200)
    const sealed = await sealedVoices(server, 'alice')
    t.match(sealed.end, { cause: 'agent-hung-up' }, 'putting the receiver down ends the call')
    const [callerTone, agentTone] = [
      await sealed.tone('caller-voice', CALLER_HZ),
      await sealed.tone('agent-voice', PHONE_HZ),
    ]
    t.ok(callerTone.share > 0.9 && callerTone.ms > 1500, `the caller: ${JSON.stringify(callerTone)}`)
    t.ok(agentTone.share > 0.9 && agentTone.ms > 1500, `the agent: ${JSON.stringify(agentTone)}`)
    t.same(sealed.findings, [])
    const entries = await readEntries(sealed.folder)
    t.match(
      entries.find(entry => entry.type === 'agent.speaks'),
      { by: 'phone' },
    )
    t.notMatch(JSON.stringify(entries), phone.peer.hostPort, "the record does not hold the phone's address")
  },
)

t.test('[DP4] busy, refused or not there: said in words, the call rings on, and the browser can take it', async t => {
  const world = await open(t)
  const { caller, phone, agent, view } = world
  caller.call()
  for (const [status, why] of [
    [486, 'busy'],
    [603, 'rejected'],
    [480, 'no-answer'],
  ] as const) {
    await agent.answer('alice', 'phone')
    phone.answer(await phone.peer.nextRequest('INVITE', 8000), { status })
    await until(`${why} to be told`, () => view()?.agentBy?.failed?.why === why)
    t.match(view(), { phase: 'ringing', agentBy: { by: 'browser' } })
  }
  await agent.answer('alice', 'browser')
  await caller.answered()
  await until('talking', () => view()?.phase === 'talking')
  t.equal(view()?.agentBy, undefined, 'what failed is of no interest any more')
  t.ok(agent.voicePacketsSent > 0)
})

t.test('[DP5] while the phone still rings: the agent takes the call here instead, or the caller gives up', async t => {
  const { caller, phone, agent, view } = await open(t)
  caller.call()
  await agent.answer('alice', 'phone')
  const first = await phone.peer.nextRequest('INVITE', 8000)
  phone.answer(first, { status: 180 })
  await until('ringing', () => view()?.agentBy?.phone === 'ringing')
  await agent.takeHere()
  phone.peer.respond(await phone.peer.nextRequest('CANCEL', 4000), 200)
  phone.answer(first, { status: 487 })
  await phone.peer.nextRequest('ACK')
  const ok = await caller.answered()
  await until('talking', () => view()?.phase === 'talking')
  caller.peer.inDialog('BYE', ok, 2)
  await until('over', () => view() === undefined)

  const given = caller.peer.request('INVITE', { body: caller.sdp() })
  await agent.answer('alice', 'phone')
  const second = await phone.peer.nextRequest('INVITE', 8000)
  phone.answer(second, { status: 180 })
  await until('ringing', () => view()?.agentBy?.phone === 'ringing')
  caller.peer.send([
    `CANCEL sip:bob@127.0.0.1:${caller.peer.serverPort} SIP/2.0`,
    caller.peer.via(given.branch),
    `From: "Alice" <sip:alice@${caller.peer.hostPort}>;tag=${given.fromTag}`,
    `To: <sip:bob@127.0.0.1:${caller.peer.serverPort}>`,
    `Call-ID: ${given.callId}`,
    'CSeq: 1 CANCEL',
  ])
  phone.peer.respond(await phone.peer.nextRequest('CANCEL', 4000), 200)
  phone.answer(second, { status: 487 })
})

t.test('[DP6] hold, mute and keys: by the workbench, and by the keys of the phone itself', async t => {
  const world = await open(t)
  const { server, caller, phone, agent, view } = world
  const invite = await talking(world)
  const { callId } = agent
  await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])

  await agent.signaling.request('voice.mute', { callId, on: true })
  await until('silence', () => caller.share(PHONE_HZ) < 0.1)
  await agent.signaling.request('voice.mute', { callId, on: false })
  await caller.hears(PHONE_HZ)

  const held = agent.signaling.request('voice.hold', { callId })
  caller.answer(await caller.peer.nextRequest('INVITE', 4000), { direction: 'recvonly' })
  await held
  await until('nothing of the caller', () => phone.share(CALLER_HZ) < 0.1)
  const back = agent.signaling.request('voice.retrieve', { callId })
  caller.answer(await caller.peer.nextRequest('INVITE', 4000))
  await back
  await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])

  phone.within(invite, 'INVITE', 10, phone.sdp('sendonly'))
  await phone.peer.nextResponse(200)
  const music = await caller.peer.nextRequest('INVITE', 4000)
  t.match(music.body.toString(), 'a=sendonly', 'the hold key of the phone holds the caller')
  caller.answer(music, { direction: 'recvonly' })
  await until('held', () => view()?.control?.hold === 'held')
  await until('no agent at the caller', () => caller.share(PHONE_HZ) < 0.1)
  await delay(1000)
  t.equal(view()?.agentVoice, 'connected', 'a hold is no absence')
  phone.within(invite, 'INVITE', 11, phone.sdp('sendrecv'))
  const again = await caller.peer.nextRequest('INVITE', 4000)
  caller.answer(again)
  await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])

  phone.party.key(Number(/m=audio (\d+)/.exec(invite.body.toString())?.[1]), 5)
  await until('the key at the caller', () => caller.keys === 1)
  await delay(500) // it goes out to its end, and is written down then
  phone.within(invite, 'BYE', 12)
  caller.peer.respond(await caller.peer.nextRequest('BYE'), 200)
  const sealed = await sealedVoices(server, 'alice')
  t.same(sealed.holds, ['voice.held agent', 'voice.retrieved agent', 'voice.held agent', 'voice.retrieved agent'])
  t.match(
    (await readEntries(sealed.folder)).find(entry => entry.type === 'voice.key'),
    { digit: '5' },
  )
})

t.test(
  '[DP7] the phone falls silent: the caller hears that, the agent takes the voice here, and goes back',
  async t => {
    const world = await open(t)
    const { server, caller, phone, agent, view, heard } = world
    await talking(world)
    await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])
    phone.speaks = false
    await until('away', () => view()?.agentVoice === 'away', { timeoutMs: 8000 })
    await agent.takeHere()
    const bye = await phone.peer.nextRequest('BYE', 8000)
    phone.peer.respond(bye, 200)
    await until('here', () => view()?.agentBy === undefined && view()?.agentVoice === 'connected')
    const before = heard()
    await until('the caller in the browser', () => heard() > before + 25)
    const { callId } = agent
    phone.speaks = true
    await agent.signaling.request('voice.speakBy', { callId, by: 'phone' })
    const second = await phone.peer.nextRequest('INVITE', 8000)
    phone.answer(second)
    await phone.peer.nextRequest('ACK')
    await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])
    t.match(view(), { agentVoice: 'connected', agentBy: { by: 'phone', phone: 'talking' } })

    await agent.hangUp()
    phone.peer.respond(await phone.peer.nextRequest('BYE'), 200)
    caller.peer.respond(await caller.peer.nextRequest('BYE'), 200)
    const { folder, findings } = await sealedVoices(server, 'alice')
    t.same(findings, [])
    t.same(
      (await readEntries(folder)).flatMap(entry => (entry.type === 'agent.speaks' ? entry.by : [])),
      ['phone', 'browser', 'phone'],
    )
  },
)

t.test('[DP8] the media worker dies: voices do not pass it, and nobody who speaks by a phone notices', async t => {
  const world = await open(t)
  const { caller, phone, view } = world
  await talking(world)
  await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])
  caller.forget()
  phone.forget()
  const [pid = 0] = await workerPids()
  process.kill(pid, 'SIGKILL')
  await until('the old worker to be gone', async () => !(await workerPids()).includes(pid))
  await delay(2000)
  for (const [who, hz] of [
    [caller, PHONE_HZ],
    [phone, CALLER_HZ],
  ] as const) {
    t.ok(who.party.received.length > 80, `${who.party.received.length} packets`)
    t.ok(who.share(hz) > 0.8)
    const sequences = who.party.received.map(packet => packet.readUInt16BE(2))
    const jumps = sequences.slice(1).filter((sequence, at) => ((sequence - sequences[at]!) & 0xffff) !== 1)
    t.same(jumps, [], 'every packet in its place')
  }
  t.match(view(), { phase: 'talking', agentVoice: 'connected' })
})

t.test("[DP9] the caller hangs up: the phone gets its BYE; a phone that is not allowed is nobody's", async t => {
  const world = await open(t)
  const { server, caller, phone, agent, users, said, entered } = world
  caller.call()
  await agent.answer('alice', 'phone')
  const invite = await phone.peer.nextRequest('INVITE', 8000)
  phone.answer(invite)
  await phone.peer.nextRequest('ACK')
  const ok = await caller.answered()
  await phone.hears(CALLER_HZ)
  caller.peer.inDialog('BYE', ok, 2)
  const bye = await phone.peer.nextRequest('BYE', 4000)
  t.match(bye.get('reason'), /the call is over/)
  phone.peer.respond(bye, 200)
  t.match((await sealedVoices(server, 'alice')).end, { cause: 'caller-hung-up' })

  t.equal(await users('phone', 'agent', '13800138000'), 1)
  t.match(said.at(-1), /does not allow/)
  t.equal(await users('phone', 'agent', '<script>'), 1)
  t.equal(await users('phone', 'reviewer', 'sip:201@127.0.0.1'), 1)
  t.equal(await users('phone', 'agent'), 0)
  await until('no phone any more', async () => (await entered()).deskPhone === undefined)
  await t.rejects(agent.signaling.request('desk.speakBy', { by: 'phone' }), /no desk phone/)
})

t.test(
  '[DP7] a receiver put down in a transfer ends nothing; the phone is called anew, and left for the browser',
  async t => {
    const world = await open(t)
    const { server, caller, phone, agent, view } = world
    const invite = await talking(world)
    const { callId } = agent
    await phone.hears(CALLER_HZ)

    const moved = agent.signaling.request('voice.transfer', { callId, to: '8002' })
    caller.answer(await caller.peer.nextRequest('INVITE', 4000), { direction: 'recvonly' })
    await moved
    const refer = await caller.peer.nextRequest('REFER', 4000)
    phone.within(invite, 'BYE', 5)
    await phone.peer.nextResponse(200, 'BYE')
    await delay(300)
    t.equal(view()?.phase, 'talking')
    caller.peer.respond(refer, 403)
    const back = await caller.peer.nextRequest('INVITE', 4000)
    caller.answer(back)
    await until('the transfer to have failed', () => view()?.control?.transfer?.state === 'failed')
    await until('away', () => view()?.agentVoice === 'away')
    t.equal(view()?.agentBy?.phone, 'lost')

    await agent.signaling.request('voice.speakBy', { callId, by: 'phone' })
    const again = await phone.peer.nextRequest('INVITE', 8000)
    phone.answer(again)
    await phone.peer.nextRequest('ACK')
    await Promise.all([caller.hears(PHONE_HZ), phone.hears(CALLER_HZ)])
    t.match(view(), { agentVoice: 'connected', agentBy: { phone: 'talking' } })
    await agent.takeHere()
    phone.peer.respond(await phone.peer.nextRequest('BYE', 8000), 200)
    await agent.hangUp()
    caller.peer.respond(await caller.peer.nextRequest('BYE'), 200)
    const { findings, end } = await sealedVoices(server, 'alice')
    t.match(end, { cause: 'agent-hung-up' })
    t.same(findings, [])
  },
)
