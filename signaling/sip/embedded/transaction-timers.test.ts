import t, { type Test } from 'tap'
import type { SipMessage } from './sip-message.ts'
import { ControlClient } from './testing/control-client.ts'
import { answerSdp, offerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig } from './testing/srf-rig.ts'

/** T1 of 20 ms: 64 * T1 is 1.28 s. */
const timers = { t1Ms: 20, t2Ms: 80, t4Ms: 50, appAnswerMs: 300 }

async function setUp(t: Test): Promise<{ rig: SrfRig; peer: RawPeer; app: ControlClient }> {
  const rig = await SrfRig.create({ timers })
  t.teardown(() => rig.close())
  const app = await ControlClient.authenticated(rig.server.controlPort)
  for (const verb of ['invite', 'info', 'message', 'register']) await app.ask(`route|${verb}`)
  return { rig, peer: await rig.peer(), app }
}

const isResponse = (status: number) => (message: SipMessage) => message.kind === 'response' && message.status === status
const isRequest = (method: string) => (message: SipMessage) => message.kind === 'request' && message.method === method

t.test('[SIP30] UAS: a 2xx is repeated until the ACK, and then no more', async t => {
  const { peer, app } = await setUp(t)
  peer.request('INVITE')
  const { fields } = await app.nextSip()
  await app.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  const ok = await peer.nextResponse(200)
  const repeated = await peer.count(isResponse(200), 150)
  t.ok(repeated >= 2 && repeated <= 4, `20, 60, 140 ms: ${repeated}`)
  peer.inDialog('ACK', ok, 1)
  const ack = await app.nextSip()
  t.equal(ack.fields[8], fields[8], 'the ACK comes under the id of the INVITE')
  t.equal(ack.fields[4], '', 'without a protocol')
  peer.inDialog('ACK', ok, 1)
  const before = peer.waiting.length
  t.equal((await peer.count(() => true, 150)) - before, 0)
  await t.rejects(
    app.next(reply => reply.fields[1] === 'sip', 50),
    /no such reply/,
    'a second ACK is not passed on',
  )
})

t.test('[SIP31] UAS: no ACK at all ends the call after 64 * T1 with BYE and an unsolicited message', async t => {
  const { rig, peer, app } = await setUp(t)
  peer.request('INVITE')
  const { fields } = await app.nextSip()
  const echo = await app.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  const bye = await peer.nextRequest('BYE', 3000)
  t.equal(bye.get('reason'), 'SIP;cause=200;text="ACK timeout"')
  peer.respond(bye, 200)
  const unsolicited = await app.nextSip()
  t.equal(unsolicited.fields[2], 'application')
  t.equal(unsolicited.fields[8], 'unsolicited')
  t.equal(unsolicited.fields[9], echo.fields[11])
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP32] UAS: a lost INVITE answer: copies of the INVITE are not new calls', async t => {
  const { peer, app } = await setUp(t)
  const { callId, fromTag, branch } = peer.request('INVITE')
  const { fields } = await app.nextSip()
  peer.request('INVITE', { callId, fromTag, branch })
  await app.ask(`sip|${fields[8]}|`, 'SIP/2.0 180 Ringing\r\n\r\n')
  await peer.nextResponse(180)
  peer.request('INVITE', { callId, fromTag, branch })
  await peer.nextResponse(180)
  await t.rejects(
    app.next(reply => reply.fields[1] === 'sip', 50),
    /no such reply/,
  )
})

t.test('[SIP33] UAS: a non-2xx is repeated until its ACK (timer G), the ACK is not passed on', async t => {
  const { peer, app, rig } = await setUp(t)
  const { callId, branch } = peer.request('INVITE')
  const { fields } = await app.nextSip()
  await app.ask(`sip|${fields[8]}|`, 'SIP/2.0 486 Busy Here\r\n\r\n')
  const busy = await peer.nextResponse(486)
  t.ok((await peer.count(isResponse(486), 110)) >= 2)
  peer.send([
    'ACK sip:bob@127.0.0.1 SIP/2.0',
    peer.via(branch),
    `From: ${busy.get('from')}`,
    `To: ${busy.get('to')}`,
    `Call-ID: ${callId}`,
    'CSeq: 1 ACK',
  ])
  await new Promise(resolve => setTimeout(resolve, 20))
  const before = peer.waiting.length
  t.equal((await peer.count(() => true, 120)) - before, 0)
  t.equal(rig.server.stats().transactions, 0, 'timer I has passed')
  await t.rejects(
    app.next(reply => reply.fields[1] === 'sip', 20),
    /no such reply/,
  )
})

t.test('[SIP34] UAS: the final answer of a non-INVITE is repeated when its copy comes', async t => {
  const { peer, app } = await setUp(t)
  const made = peer.request('MESSAGE')
  const { fields } = await app.nextSip()
  await app.ask(`sip|${fields[8]}|`, 'SIP/2.0 202 Accepted\r\n\r\n')
  await peer.nextResponse(202, 'MESSAGE')
  peer.request('MESSAGE', made)
  await peer.nextResponse(202, 'MESSAGE')
})

t.test('[SIP35] UAS: an application that says nothing: INVITE gets 408, others nothing; all is forgotten', async t => {
  const { peer, app, rig } = await setUp(t)
  peer.request('INVITE')
  peer.request('MESSAGE')
  await app.nextSip()
  await app.nextSip()
  await peer.nextResponse(408)
  t.equal(await peer.count(isResponse(408), 0), 0)
  t.ok(rig.server.stats().transactions <= 1)
})

t.test('[SIP36] UAC: INVITE is repeated with doubling intervals, then 408 of the stack', async t => {
  const { peer, app, rig } = await setUp(t)
  const echo = await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const timeout = await app.next(reply => reply.fields[1] === 'sip', 3000)
  t.match(timeout.message, /^SIP\/2.0 408 /)
  t.equal(timeout.fields[8], echo.fields[10])
  t.same(timeout.fields.slice(2, 7), ['network', '0', 'udp', '', '0'])
  const copies = await peer.count(isRequest('INVITE'), 0)
  t.ok(copies === 6 || copies === 7, `at 0, 20, 60, 140, 300, 620 and, just before the end, 1260 ms: ${copies}`)
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP37] UAC: 1xx stops INVITE copies; a repeated 2xx is not passed on and gets the same ACK again', async t => {
  const { peer, app } = await setUp(t)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 100)
  await new Promise(resolve => setTimeout(resolve, 10))
  const copies = await peer.count(isRequest('INVITE'), 120)
  t.ok(copies <= 1)
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  const ok = await app.nextSip()
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  t.equal(await peer.count(isRequest('ACK'), 30), 0, 'before the application has acknowledged: nothing')
  await app.ask(`sip||${ok.fields[9]}`, `ACK sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n`)
  const ack = await peer.nextRequest('ACK')
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  const again = await peer.nextRequest('ACK')
  t.equal(again.toBuffer().toString(), ack.toBuffer().toString())
  await t.rejects(
    app.next(reply => reply.fields[1] === 'sip', 30),
    /no such reply/,
  )
})

t.test('[SIP38] UAC: a 2xx of another fork is acknowledged and ended by the stack', async t => {
  const { peer, app } = await setUp(t)
  const fork = peer
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 200, { toTag: 'one', body: answerSdp })
  await app.nextSip()
  fork.respond(invite, 200, { toTag: 'two', body: answerSdp })
  t.match((await fork.nextRequest('ACK')).get('to'), /tag=two$/)
  const bye = await fork.nextRequest('BYE')
  t.match(bye.get('to'), /tag=two$/)
  fork.respond(bye, 200)
})

t.test('[SIP39] UAC: non-INVITE copies at T1, 2 T1, .. up to T2 (timer E), 408 at the end (timer F)', async t => {
  const { peer, app } = await setUp(t)
  await app.ask('sip||', `OPTIONS sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n`)
  t.match((await app.next(reply => reply.fields[1] === 'sip', 3000)).message, /^SIP\/2.0 408 /)
  const copies = await peer.count(isRequest('OPTIONS'), 0)
  t.ok(copies >= 14 && copies <= 19, `20, 60, 140, then every 80 ms until 1280: ${copies}`)
})

t.test('[SIP40] UAC: non-2xx repeated gets its ACK again; the application hears it once', async t => {
  const { peer, app } = await setUp(t)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  for (let copy = 0; copy < 2; copy++) {
    peer.respond(invite, 603, { toTag: 'p' })
    const ack = await peer.nextRequest('ACK')
    t.equal(ack.list('via')[0], invite.list('via')[0], 'same branch')
    t.equal(ack.uri, invite.uri)
    t.match(ack.get('to'), /tag=p$/)
  }
  await app.nextSip()
  await t.rejects(
    app.next(reply => reply.fields[1] === 'sip', 30),
    /no such reply/,
  )
})

t.test('[SIP41] nothing is left after close, whatever was open', async t => {
  const { peer, app, rig } = await setUp(t)
  peer.request('INVITE')
  const { fields } = await app.nextSip()
  await app.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  await Promise.all([rig.server.close(), rig.server.close()])
  t.same(
    { ...rig.server.stats(), received: 0, sent: 0 },
    { ...rig.server.stats(), received: 0, sent: 0, dialogs: 0, transactions: 0, controlConnections: 0 },
  )
  const before = peer.waiting.length
  t.equal((await peer.count(() => true, 100)) - before <= 2, true)
})
