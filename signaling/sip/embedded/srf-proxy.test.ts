import t, { type Test } from 'tap'
import { answerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { ProxyResults, TestSrf } from './testing/srf-types.ts'

type Setting = {
  rig: SrfRig
  srf: TestSrf
  caller: RawPeer
  bob: RawPeer
  carol: RawPeer
  results: Promise<ProxyResults>
}

async function setUp(t: Test, options: (bob: RawPeer, carol: RawPeer) => Record<string, unknown>): Promise<Setting> {
  const rig = await SrfRig.create({ timers: { t1Ms: 50 } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const [caller, bob, carol] = [await rig.peer(), await rig.peer(), await rig.peer()]
  const results = Promise.withResolvers<ProxyResults>()
  results.promise.catch(() => {}) // some tests want it to fail
  srf.invite(req => void req.proxy(options(bob, carol)).then(results.resolve, results.reject))
  await settled()
  return { rig, srf, caller, bob, carol, results: results.promise }
}

const uri = (peer: RawPeer): string => `sip:x@${peer.hostPort}`

t.test('[SIP100] one target, Record-Route: the whole call passes, the application hears the result', async t => {
  const { rig, caller, bob, results } = await setUp(t, b => ({ destination: [uri(b)], recordRoute: true }))
  caller.request('INVITE')
  const invite = await bob.nextRequest('INVITE')
  t.equal(invite.uri, uri(bob), 'our own name in the request uri is replaced')
  t.equal(invite.list('via').length, 2)
  t.equal(invite.get('max-forwards'), '69')
  const own = `<sip:127.0.0.1:${rig.portOf('udp')};lr>`
  t.same(invite.list('record-route'), [own])
  const headers = [`Record-Route: ${own}`, `Contact: <sip:bob@${bob.hostPort}>`]
  bob.respond(invite, 180, { toTag: 'b', headers })
  t.equal((await caller.nextResponse(180)).list('via').length, 1)
  bob.respond(invite, 200, { toTag: 'b', headers, body: answerSdp })
  const ok = await caller.nextResponse(200)
  bob.respond(invite, 200, { toTag: 'b', headers, body: answerSdp })
  await caller.nextResponse(200)
  caller.inDialog('ACK', ok, 1, [`Route: ${own}`])
  const ack = await bob.nextRequest('ACK')
  t.equal(ack.list('via').length, 2)
  t.notOk(ack.has('route'))
  caller.inDialog('BYE', ok, 2, [`Route: ${own}`])
  const bye = await bob.nextRequest('BYE')
  bob.respond(bye, 200)
  t.equal((await caller.nextResponse(200, 'BYE')).list('via').length, 1)
  const { connected, finalStatus, responses } = await results
  t.ok(connected)
  t.equal(finalStatus, 200)
  t.equal(responses[0]?.port, bob.port)
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP101] serial: the next target after a failure, the best answer goes up', async t => {
  const { caller, bob, carol, results } = await setUp(t, (b, c) => ({ destination: [uri(b), uri(c)] }))
  caller.request('INVITE')
  const first = await bob.nextRequest('INVITE')
  t.notOk(first.has('record-route'))
  t.notOk(carol.waiting.length, 'not yet')
  bob.respond(first, 503, { toTag: 'b' })
  await bob.nextRequest('ACK')
  carol.respond(await carol.nextRequest('INVITE'), 404, { toTag: 'c' })
  await carol.nextRequest('ACK')
  await caller.nextResponse(404)
  const { finalStatus, responses } = await results
  t.equal(finalStatus, 404)
  t.equal(responses.flatMap(response => response.msgs).length, 2)
})

t.test('[SIP102] simultaneous: the first 2xx wins, the others are cancelled', async t => {
  const { caller, bob, carol, results } = await setUp(t, (b, c) => ({
    destination: [uri(b), uri(c)],
    forking: 'simultaneous',
  }))
  caller.request('INVITE')
  const [atBob, atCarol] = [await bob.nextRequest('INVITE'), await carol.nextRequest('INVITE')]
  carol.respond(atCarol, 180, { toTag: 'c' })
  await caller.nextResponse(180)
  bob.respond(atBob, 200, { toTag: 'b', body: answerSdp })
  await caller.nextResponse(200)
  carol.respond(await carol.nextRequest('CANCEL'), 200)
  carol.respond(atCarol, 487, { toTag: 'c' })
  await carol.nextRequest('ACK')
  t.ok((await results).connected)
  t.notOk(caller.waiting.some(message => message.kind === 'response' && message.status === 487))
})

t.test('[SIP103] the caller cancels: 200 and 487 at once, the target is cancelled', async t => {
  const { caller, bob, results } = await setUp(t, b => ({ destination: [uri(b)] }))
  const made = caller.request('INVITE')
  const invite = await bob.nextRequest('INVITE')
  bob.respond(invite, 180, { toTag: 'b' })
  await caller.nextResponse(180)
  caller.request('CANCEL', made)
  await caller.nextResponse(200, 'CANCEL')
  await caller.nextResponse(487)
  bob.respond(await bob.nextRequest('CANCEL'), 200)
  bob.respond(invite, 487, { toTag: 'b' })
  await bob.nextRequest('ACK')
  t.notOk((await results).connected)
})

t.test('[SIP104] 407 ends the search; a redirect is followed where asked; a silent target is left', async t => {
  const challenged = await setUp(t, (b, c) => ({ destination: [uri(b), uri(c)] }))
  challenged.caller.request('INVITE')
  challenged.bob.respond(await challenged.bob.nextRequest('INVITE'), 407, {
    toTag: 'b',
    headers: ['Proxy-Authenticate: Digest realm="x"'],
  })
  t.match((await challenged.caller.nextResponse(407)).get('proxy-authenticate'), 'Digest')
  t.equal((await challenged.results).finalStatus, 407)

  const redirected = await setUp(t, b => ({ destination: [uri(b)], followRedirects: true }))
  redirected.caller.request('INVITE')
  const moved = [`Contact: <${uri(redirected.carol)}>`]
  redirected.bob.respond(await redirected.bob.nextRequest('INVITE'), 302, { toTag: 'b', headers: moved })
  redirected.carol.respond(await redirected.carol.nextRequest('INVITE'), 486, { toTag: 'c' })
  await redirected.caller.nextResponse(302)

  const silent = await setUp(t, (b, c) => ({ destination: [uri(b), uri(c)], provisionalTimeout: '80ms' }))
  silent.caller.request('INVITE')
  await silent.bob.nextRequest('INVITE')
  silent.carol.respond(await silent.carol.nextRequest('INVITE'), 200, { toTag: 'c', body: answerSdp })
  await silent.caller.nextResponse(200)
  t.ok((await silent.results).connected)
})

t.test('[SIP105] no hops left: 483; no usable target: 500', async t => {
  for (const target of ['sip:%%%', 'sip:bob@127.0.0.1:9;transport=tls']) {
    const { caller, results } = await setUp(t, () => ({ destination: [target] }))
    const refused = t.rejects(results)
    caller.request('INVITE')
    await caller.nextResponse(500)
    await refused
  }
  const exhausted = await setUp(t, b => ({ destination: [uri(b)] }))
  exhausted.results.catch(() => {})
  exhausted.caller.send([
    'INVITE sip:bob@127.0.0.1 SIP/2.0',
    exhausted.caller.via(),
    'Max-Forwards: 0',
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>',
    'Call-ID: hops',
    'CSeq: 1 INVITE',
    'Contact: <sip:a@127.0.0.1>',
  ])
  await exhausted.caller.nextResponse(483)
})

t.test('[SIP106] nobody can bounce messages off us with a Via of their own', async t => {
  const { caller, bob, rig } = await setUp(t, b => ({ destination: [uri(b)] }))
  caller.send([
    'SIP/2.0 200 OK',
    `Via: SIP/2.0/UDP 127.0.0.1:${rig.portOf('udp')};branch=z9hG4bK.guess`,
    `Via: SIP/2.0/UDP ${bob.hostPort};branch=z9hG4bKx`,
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>;tag=2',
    'Call-ID: bounce',
    'CSeq: 1 INVITE',
  ])
  t.equal(await bob.count(() => true, 50), 0)
})
