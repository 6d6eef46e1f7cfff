import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty } from '../doubles/rtp-party.ts'
import { InnerServer } from '../harness/app.ts'
import { freePort } from '../harness/free-port.ts'
import { until } from '../harness/until.ts'

// Below 90 s nobody agrees to a session (RFC 4028 section 5): so long lasts the call that is never confirmed.
const SESSION_S = 90
t.setTimeout(200_000)

t.test('[SD22] a caller whose telephone stops confirming the call is let go: BYE, sealed, said in words', async t => {
  const sipPort = await freePort()
  const peer = await RawPeer.create(sipPort)
  const phone = await RtpParty.create()
  const server = await InnerServer.start({ sip: { port: sipPort } })
  const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
  let voicePort = 0
  const talk = setInterval(() => {
    agent.speak()
    if (voicePort > 0) phone.speak(voicePort)
  }, 20)
  t.teardown(async () => {
    clearInterval(talk)
    agent.close()
    peer.close()
    phone.close()
    await server.close()
  })
  peer.request('INVITE', {
    headers: ['Supported: timer', `Session-Expires: ${SESSION_S};refresher=uac`],
    body: phone.sdp(),
  })
  await agent.answer('alice')
  const ok = await peer.nextResponse(200, 'INVITE', 10_000)
  const answeredMs = performance.now()
  t.equal(ok.get('session-expires'), `${SESSION_S};refresher=uac`)
  t.match(ok.get('require'), /timer/)
  peer.inDialog('ACK', ok, 1)
  voicePort = Number(/m=audio (\d+)/.exec(ok.body.toString())?.[1])
  const view = () => agent.calls.find(call => call.callId === agent.callId)
  await until('talking', () => view()?.phase === 'talking')
  const ended: unknown[] = []
  agent.signaling.on('call.changed', ({ call }) => {
    if (call.phase === 'ended') ended.push(call.end)
  })
  const bye = await peer.nextRequest('BYE', (SESSION_S + 10) * 1000)
  const lastedS = (performance.now() - answeredMs) / 1000
  peer.respond(bye, 200)
  t.ok(lastedS > SESSION_S - 1 && lastedS < SESSION_S + 5, `after ${lastedS.toFixed(1)} s`)
  await until('the agent is told', () => ended.length > 0)
  t.same(ended.at(-1), { cause: 'line-lost', why: 'session-expired' })
  const folder = await server.sealedArchive()
  const journal = (await readFile(join(folder, 'journal.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(journal.at(-1), { type: 'call.ended', end: { cause: 'line-lost', why: 'session-expired' } })
  const voice = journal.find(entry => entry.type === 'track.closed' && entry.track === 'caller-voice')
  t.ok(voice?.packets > (SESSION_S - 2) * 40, `the whole call is in the record: ${voice?.packets} packets`)
})
