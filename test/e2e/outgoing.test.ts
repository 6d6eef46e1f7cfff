import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import type { SipRequest } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty } from '../doubles/rtp-party.ts'
import { InnerServer } from '../harness/app.ts'
import { freePort } from '../harness/free-port.ts'
import { until } from '../harness/until.ts'

t.setTimeout(120_000)

type Test = { teardown(run: () => unknown): void }

/** A whole server with a trunk that is a raw peer, and an agent without a browser. */
async function open(t: Test) {
  const sipPort = await freePort()
  const peer = await RawPeer.create(sipPort)
  const phone = await RtpParty.create()
  const server = await InnerServer.start({
    sip: { port: sipPort },
    trunk: {
      trunk: { name: 'trunk', proxy: `sip:${peer.hostPort}`, fromNumber: '4008001234' },
      line: {},
      dial: { allow: ['1*'], maxCalls: 5, maxCallsPerAgent: 2, callsPerMinute: 20, callsPerMinutePerAgent: 20 },
    },
  })
  const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
  agent.opensAll = true
  let heard = 0
  agent.onRtp = kind => {
    if (kind === 'audio') heard++
  }
  const talk = setInterval(() => agent.speak(), 20)
  t.teardown(async () => {
    clearInterval(talk)
    agent.close()
    peer.close()
    phone.close()
    await server.close()
  })
  const answer = (invite: SipRequest, status: number, sdp?: string) =>
    peer.respond(invite, status, {
      toTag: 'far',
      headers: [`Contact: <sip:far@${peer.hostPort}>`, 'Allow: INVITE, ACK, BYE, CANCEL, REFER'],
      ...(sdp !== undefined && { body: sdp }),
    })
  const view = () => agent.calls.find(call => call.callId === agent.callId)
  return { server, agent, peer, phone, answer, view, heard: () => heard }
}
type World = Awaited<ReturnType<typeof open>>

const portOf = (sdp: string) => Number(/m=audio (\d+)/.exec(sdp)?.[1])

async function talking(world: World) {
  const dialled = world.agent.dial('13800138000')
  const invite = await world.peer.nextRequest('INVITE', 8000)
  world.answer(invite, 200, world.phone.sdp())
  await world.peer.nextRequest('ACK')
  await dialled
  await until('talking', () => world.view()?.phase === 'talking')
  return invite
}

t.test(
  '[OC21] an agent calls out: early media is heard and not recorded, the answer begins the record, BYE seals it',
  async t => {
    const world = await open(t)
    const { server, agent, peer, phone, answer, view, heard } = world
    const dialled = agent.dial('13800138000')
    const invite = await peer.nextRequest('INVITE', 8000)
    t.match(invite.get('from'), /4008001234/)
    await dialled
    answer(invite, 183, phone.sdp())
    await until('early media', () => view()?.dialling === 'early-media')
    for (let n = 0; n < 50 && heard() < 5; n++) {
      phone.speak(portOf(invite.body.toString()), 1)
      await delay(20)
    }
    t.ok(heard() >= 5, 'the agent hears the network')
    answer(invite, 200, phone.sdp())
    await peer.nextRequest('ACK')
    await until('talking', () => view()?.phase === 'talking')
    t.match(view(), { direction: 'out', from: '4008001234', to: '13800138000' })
    await until(
      'the agent is heard',
      () => phone.received.filter(p => p.subarray(12).every(b => b === 0xd5)).length > 5,
    )
    for (let n = 0; n < 20; n++) {
      phone.speak(portOf(invite.body.toString()), 1)
      await delay(20)
    }
    await agent.hangUp()
    peer.respond(await peer.nextRequest('BYE'), 200)
    const folder = await server.sealedArchive()
    const journal = (await readFile(join(folder, 'journal.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    t.match(journal[0], { type: 'call.answered', to: '13800138000' })
    for (const track of ['caller-voice', 'agent-voice']) {
      const closed = journal.find(entry => entry.type === 'track.closed' && entry.track === track)
      t.ok(closed?.packets > 10 && closed.packets < 400, `${track} from the answer on: ${closed?.packets}`)
    }
    t.match(journal.at(-1), { type: 'call.ended', end: { cause: 'agent-hung-up' } })
  },
)

t.test(
  '[OC22] busy is said as busy, a forbidden number is refused before it leaves, giving up is a CANCEL',
  async t => {
    const { agent, peer, answer, view } = await open(t)
    await t.rejects(agent.dial('900123'), /forbidden this number may not be called/)
    const busy = agent.dial('13800138000')
    answer(await peer.nextRequest('INVITE', 8000), 486)
    await busy.catch(() => {})
    const ended: unknown[] = []
    agent.signaling.on('call.changed', ({ call }) => {
      if (call.phase === 'ended') ended.push(call.end)
    })
    const ringing = agent.dial('13900139000')
    const invite = await peer.nextRequest('INVITE', 8000)
    answer(invite, 180)
    await ringing
    await until('ringing', () => view()?.dialling === 'ringing')
    await agent.hangUp()
    peer.respond(await peer.nextRequest('CANCEL'), 200)
    answer(invite, 487)
    await until('ended', () => ended.length > 0)
    t.match(ended.at(-1), { cause: 'agent-hung-up' })
    const refused = agent.dial('13900139001')
    const third = await peer.nextRequest('INVITE', 8000)
    await refused
    answer(third, 486)
    await until('told', () => ended.length > 1)
    t.match(ended.at(-1), { cause: 'not-reached', failure: 'busy', sipStatus: 486 })
  },
)

t.test(
  '[VC29] asking somebody else: the caller is held, the agent speaks with the other, then hands over by Replaces',
  async t => {
    const world = await open(t)
    const { server, agent, peer, phone, answer, view } = world
    const first = await talking(world)
    const other = await RtpParty.create()
    t.teardown(() => other.close())
    const consulted = agent.signaling.request('voice.consult', { callId: agent.callId, to: '10086' })
    const hold = await peer.nextRequest('INVITE', 4000)
    t.match(hold.body.toString(), 'a=sendonly')
    answer(hold, 200, phone.sdp({ direction: 'recvonly' }))
    await consulted
    const point = { callId: agent.callId, on: 'live' as const, points: [[0.5, 0.5, 0]] as [number, number, number][] }
    await t.rejects(agent.signaling.request('pointer.move', point), /conflict/, '[VC54] on a picture that stands')
    const second = await peer.nextRequest('INVITE', 4000)
    t.match(second.uri, '10086')
    answer(second, 200, other.sdp())
    await until('asked', () => view()?.control?.consult?.state === 'talking')
    const isAgent = (p: Buffer) => p.subarray(12).every(b => b === 0xd5)
    const before = phone.received.filter(isAgent).length
    await until('the other hears the agent', () => other.received.length > 10)
    t.ok(phone.received.filter(isAgent).length - before < 5, 'the caller does not')
    await agent.signaling.request('voice.connect', { callId: agent.callId })
    const refer = await peer.nextRequest('REFER', 4000)
    t.equal(refer.callId, first.callId)
    t.match(decodeURIComponent(refer.get('refer-to') ?? ''), `Replaces=${second.callId}`)
    peer.respond(refer, 202)
    peer.send([
      `BYE sip:127.0.0.1:${server.sipPort} SIP/2.0`,
      peer.via(),
      `From: ${first.get('to')};tag=far`,
      `To: ${first.get('from')}`,
      `Call-ID: ${first.callId}`,
      'CSeq: 9 BYE',
    ])
    const folder = await server.sealedArchive()
    const journal = (await readFile(join(folder, 'journal.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    t.match(journal.at(-1), { type: 'call.ended', end: { cause: 'transferred' } })
    t.ok(journal.some(entry => entry.type === 'consult.began'))
  },
)
