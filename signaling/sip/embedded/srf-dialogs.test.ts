import t, { type Test } from 'tap'
import { ControlClient } from './testing/control-client.ts'
import { answerSdp, offerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestDialog, TestSrf } from './testing/srf-types.ts'

async function setUp(t: Test): Promise<{ rig: SrfRig; srf: TestSrf; peer: RawPeer; other: RawPeer }> {
  const rig = await SrfRig.create({ timers: { t1Ms: 50 } })
  t.teardown(() => rig.close())
  return { rig, srf: await rig.srf(), peer: await rig.peer(), other: await rig.peer() }
}

t.test('[SIP140] UPDATE before the answer: same transaction id, own answer, a second one meanwhile 500', async t => {
  const { rig, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('route|invite')
  peer.request('INVITE')
  const invite = await app.nextSip()
  await app.ask(`sip|${invite.fields[8]}|`, 'SIP/2.0 183 Session Progress\r\n\r\n')
  const progress = await peer.nextResponse(183)
  peer.inDialog('UPDATE', progress, 2, [], offerSdp)
  const update = await app.nextSip()
  t.match(update.message, /^UPDATE /)
  t.equal(update.fields[8], invite.fields[8])
  peer.inDialog('UPDATE', progress, 3, [], offerSdp)
  await peer.nextResponse(500, 'UPDATE')
  await app.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\nCSeq: 2 UPDATE\r\n\r\n${answerSdp}`)
  t.equal((await peer.nextResponse(200, 'UPDATE')).body.toString(), answerSdp)
  await app.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n${answerSdp}`)
  peer.inDialog('ACK', await peer.nextResponse(200), 1)
  await app.nextSip()
})

t.test('[SIP141] UPDATE of the peer while our INVITE is in progress reaches the application', async t => {
  const { rig, srf, peer } = await setUp(t)
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp })
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 183, { toTag: 'p' })
  await settled()
  peer.send(
    [
      `UPDATE sip:127.0.0.1:${rig.portOf('udp')} SIP/2.0`,
      peer.via(),
      `From: ${invite.get('to')};tag=p`,
      `To: ${invite.get('from')}`,
      `Call-ID: ${invite.callId}`,
      'CSeq: 1 UPDATE',
      `Contact: <sip:peer@${peer.hostPort}>`,
      'Content-Type: application/sdp',
    ],
    answerSdp,
  )
  t.equal((await peer.nextResponse(200, 'UPDATE')).body.toString(), offerSdp)
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  await placed
  await peer.nextRequest('ACK')
})

t.test('[SIP142] no offer in the INVITE: the ACK carries the answer, both ways', async t => {
  const { rig, srf, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n`)
  const invite = await peer.nextRequest('INVITE')
  t.notOk(invite.has('content-type'))
  peer.respond(invite, 200, { toTag: 'p', body: offerSdp })
  const ok = await app.nextSip()
  await app.ask(`sip||${ok.fields[9]}`, `ACK sip:x@y SIP/2.0\r\n\r\n${answerSdp}`)
  const ack = await peer.nextRequest('ACK')
  t.equal(ack.body.toString(), answerSdp)
  t.equal(ack.get('content-type'), 'application/sdp')
  t.equal(ack.uri, `sip:peer@${peer.hostPort}`, 'always the remote target')

  const acked = Promise.withResolvers<string>()
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: offerSdp })
    dialog.once('ack', message => acked.resolve(message.body))
  })
  await settled()
  peer.request('INVITE', { body: '' })
  peer.inDialog('ACK', await peer.nextResponse(200), 1, [], answerSdp)
  t.equal(await acked.promise, answerSdp)
})

t.test('[SIP143] SUBSCRIBE in: 202, NOTIFY of ours, terminated ends the dialog', async t => {
  const { rig, srf, peer } = await setUp(t)
  const subscribed = Promise.withResolvers<TestDialog>()
  srf.subscribe(async (req, res) => subscribed.resolve(await srf.createUAS(req, res, {})))
  await settled()
  peer.request('SUBSCRIBE', { headers: ['Event: presence', 'Expires: 60'] })
  const accepted = await peer.nextResponse(202, 'SUBSCRIBE')
  t.ok(accepted.has('contact'))
  const dialog = await subscribed.promise
  const notified = dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'active' } })
  peer.respond(await peer.nextRequest('NOTIFY'), 200)
  await notified
  t.equal(rig.server.stats().dialogs, 1)
  void dialog.destroy()
  const last = await peer.nextRequest('NOTIFY')
  t.equal(last.get('subscription-state'), 'terminated')
  peer.respond(last, 200)
  await settled()
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP144] SUBSCRIBE out: a NOTIFY may overtake the 200; terminated ends the dialog', async t => {
  const { rig, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('sip||', `SUBSCRIBE sip:bob@${peer.hostPort} SIP/2.0\r\nEvent: presence\r\n\r\n`)
  const subscribe = await peer.nextRequest('SUBSCRIBE')
  t.ok(subscribe.has('contact'))
  const notify = (cseq: number, state: string): void =>
    peer.send([
      `NOTIFY sip:127.0.0.1:${rig.portOf('udp')} SIP/2.0`,
      peer.via(),
      `From: ${subscribe.get('to')};tag=n`,
      `To: ${subscribe.get('from')}`,
      `Call-ID: ${subscribe.callId}`,
      `CSeq: ${cseq} NOTIFY`,
      `Contact: <sip:peer@${peer.hostPort}>`,
      'Event: presence',
      `Subscription-State: ${state}`,
    ])
  notify(1, 'active')
  const first = await app.nextSip()
  t.match(first.message, /^NOTIFY /)
  await app.ask(`sip|${first.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  await peer.nextResponse(200, 'NOTIFY')
  peer.respond(subscribe, 200, { toTag: 'n' })
  const ok = await app.nextSip()
  t.equal(ok.fields[9], first.fields[9], 'one dialog id')
  notify(2, 'terminated;reason=timeout')
  const last = await app.nextSip()
  await app.ask(`sip|${last.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP145] REFER both ways in a dialog', async t => {
  const { srf, peer } = await setUp(t)
  const referred = Promise.withResolvers<string>()
  const made = Promise.withResolvers<TestDialog>()
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('refer', (request, response) => {
      referred.resolve(request.get('Refer-To'))
      response.send(202)
    })
    made.resolve(dialog)
  })
  await settled()
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('REFER', ok, 2, ['Refer-To: <sip:carol@example.com>'])
  await peer.nextResponse(202, 'REFER')
  t.equal(await referred.promise, '<sip:carol@example.com>')
  const sent = (await made.promise).request({ method: 'REFER', headers: { 'Refer-To': 'sip:dave@example.com' } })
  const refer = await peer.nextRequest('REFER')
  t.ok(refer.has('contact'))
  peer.respond(refer, 202)
  t.equal((await sent).status, 202)
})

t.test(
  '[SIP146] what belongs to no dialog: 481, INVITE after a 100; a stray ACK nothing; unknown methods 501',
  async t => {
    const { rig, peer } = await setUp(t)
    const to = `To: <sip:bob@127.0.0.1>;tag=unknown`
    for (const method of ['BYE', 'UPDATE', 'PRACK']) {
      peer.request(method, { to })
      await peer.nextResponse(481, method)
    }
    peer.request('BYE')
    await peer.nextResponse(481, 'BYE')
    peer.request('INVITE', { to })
    await peer.nextResponse(100)
    await peer.nextResponse(481)
    peer.request('CANCEL')
    await peer.nextResponse(481, 'CANCEL')
    peer.request('ACK', { to })
    peer.request('FROBNICATE')
    await peer.nextResponse(501, 'FROBNICATE')
    t.same(peer.waiting, [])
    t.equal(rig.server.stats().received.other, 1)
  },
)

t.test('[SIP147] a BYE while an INVITE is open: 487 for the INVITE; a wrong From tag does not match', async t => {
  const { srf, peer } = await setUp(t)
  const ended = Promise.withResolvers<void>()
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('modify', () => {})
    dialog.on('destroy', () => ended.resolve())
  })
  await settled()
  const { callId } = peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.request('BYE', { to: `To: ${ok.get('to')}`, callId, fromTag: 'forged', cseq: 9 })
  await peer.nextResponse(481, 'BYE')
  peer.inDialog('INVITE', ok, 2, [], offerSdp)
  await peer.nextResponse(100)
  peer.inDialog('BYE', ok, 3)
  await peer.nextResponse(200, 'BYE')
  await peer.nextResponse(487)
  await ended.promise
})

t.test('[SIP148] an application gone while its call rings: the 200 is acknowledged and ended by the stack', async t => {
  const { rig, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  app.socket.destroy()
  await app.closed
  await settled()
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  await peer.nextRequest('ACK')
  peer.respond(await peer.nextRequest('BYE'), 200)
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP149] UTF-8 and long bodies pass unharmed both ways', async t => {
  const { srf, peer } = await setUp(t)
  const text = `同屏 – ${'ж'.repeat(20_000)}`
  srf.message((req, res) => {
    t.equal(req.body, text)
    t.match(req.get('From'), '王')
    res.send(200, { headers: { 'Content-Type': 'text/plain', 'X-Grüße': 'no', Subject: '你好' }, body: text })
  })
  await settled()
  peer.send(
    [
      'MESSAGE sip:bob@127.0.0.1 SIP/2.0',
      peer.via(),
      'From: "王" <sip:wang@127.0.0.1>;tag=1',
      'To: <sip:bob@127.0.0.1>',
      'Call-ID: utf8',
      'CSeq: 1 MESSAGE',
      'Content-Type: text/plain;charset=utf-8',
    ],
    text,
  )
  const ok = await peer.nextResponse(200, 'MESSAGE')
  t.equal(ok.body.toString(), text)
  t.equal(ok.get('subject'), '你好')
  t.notOk(ok.toBuffer().toString().includes('Grüße'), 'a name that is no token is dropped')
})

t.test('[SIP150] an application cannot smuggle headers or lines', async t => {
  const { rig, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask(
    'sip||',
    `OPTIONS sip:bob@${peer.hostPort} SIP/2.0\r\nSubject: a\r\n\tX-Evil: 1\r\nX-A: b\rX-Evil: 2\r\n\r\n`,
  )
  const options = await peer.nextRequest('OPTIONS')
  t.notOk(options.has('x-evil'))
  t.equal(options.get('subject'), 'a X-Evil: 1')
})

t.test('[SIP151] a PRACK that crosses our 200 still reaches the application', async t => {
  const { rig, peer } = await setUp(t)
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('route|invite')
  peer.request('INVITE', { headers: ['Supported: 100rel'] })
  const invite = await app.nextSip()
  await app.ask(`sip|${invite.fields[8]}|`, 'SIP/2.0 180 Ringing\r\nRequire: 100rel\r\n\r\n')
  await app.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  const ringing = await peer.nextResponse(180)
  const ok = await peer.nextResponse(200)
  peer.inDialog('PRACK', ringing, 2, [`RAck: ${ringing.get('rseq')} 1 INVITE`])
  t.match((await app.nextSip()).message, /^PRACK /)
  peer.inDialog('ACK', ok, 1)
  t.match((await app.nextSip()).message, /^ACK /)
})
