import { once } from 'node:events'
import t, { type Test } from 'tap'
import { answerSdp, offerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestRequest, TestSrf } from './testing/srf-types.ts'

async function setUp(t: Test): Promise<{ rig: SrfRig; srf: TestSrf; peer: RawPeer; other: RawPeer }> {
  const rig = await SrfRig.create({ timers: { t1Ms: 50 } })
  t.teardown(() => rig.close())
  return { rig, srf: await rig.srf(), peer: await rig.peer(), other: await rig.peer() }
}

t.test('[SIP50] CANCEL by the application: held until a 1xx, Reason goes along, 487 comes back', async t => {
  const { srf, peer } = await setUp(t)
  const sent = Promise.withResolvers<TestRequest>()
  const placed = srf.createUAC(
    `sip:bob@${peer.hostPort}`,
    { localSdp: offerSdp },
    { cbRequest: (_e, req) => sent.resolve(req) },
  )
  const refused = t.rejects(placed, new Error('Sip non-success response: 487'))
  const invite = await peer.nextRequest('INVITE')
  const request = await sent.promise
  request.cancel({ headers: { Reason: 'SIP;cause=200' } })
  await new Promise(resolve => setTimeout(resolve, 20))
  t.notOk(
    peer.waiting.some(message => message.kind === 'request' && message.method === 'CANCEL'),
    'held',
  )
  peer.respond(invite, 180, { toTag: 'p' })
  const cancel = await peer.nextRequest('CANCEL')
  t.equal(cancel.get('reason'), 'SIP;cause=200')
  t.equal(cancel.list('via')[0], invite.list('via')[0])
  t.equal(cancel.uri, invite.uri)
  t.equal(cancel.get('to'), invite.get('to'))
  peer.respond(cancel, 200)
  peer.respond(invite, 487, { toTag: 'p' })
  await peer.nextRequest('ACK')
  await refused
})

t.test('[SIP51] 200 in spite of CANCEL: acknowledged, then BYE by the stack and an unsolicited message', async t => {
  const { rig, srf, peer } = await setUp(t)
  const sent = Promise.withResolvers<TestRequest>()
  const placed = srf.createUAC(
    `sip:bob@${peer.hostPort}`,
    { localSdp: offerSdp },
    { cbRequest: (_e, req) => sent.resolve(req) },
  )
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 180, { toTag: 'p' })
  const request = await sent.promise
  await settled()
  request.cancel()
  await peer.nextRequest('CANCEL')
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  const dialog = await placed
  const ended = once(dialog, 'destroy')
  await peer.nextRequest('ACK')
  const bye = await peer.nextRequest('BYE')
  t.match(bye.get('reason'), 'ACK-BYE due to cancel race condition')
  peer.respond(bye, 200)
  await ended
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP52] CANCEL after our 200: 481, and the call goes on', async t => {
  const { srf, peer } = await setUp(t)
  srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answerSdp }))
  await settled()
  const made = peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.request('CANCEL', made)
  await peer.nextResponse(481, 'CANCEL')
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('INFO', ok, 2)
  await peer.nextResponse(200, 'INFO')
})

t.test('[SIP53] B2BUA: answered, re-INVITE passed by the application, BYE from B', async t => {
  const { rig, srf, peer, other } = await setUp(t)
  srf.invite(async (req, res) => {
    const { uas, uac } = await srf.createB2BUA(req, res, `sip:carol@${other.hostPort}`, { localSdpB: req.body })
    uas.on('destroy', () => void uac.destroy())
    uac.on('destroy', () => void uas.destroy())
  })
  await settled()
  peer.request('INVITE')
  const atB = await other.nextRequest('INVITE')
  t.equal(atB.body.toString(), offerSdp)
  other.respond(atB, 183, { toTag: 'b' })
  await peer.nextResponse(183)
  other.respond(atB, 200, { toTag: 'b', body: answerSdp })
  await other.nextRequest('ACK')
  const ok = await peer.nextResponse(200)
  t.equal(ok.body.toString(), answerSdp)
  peer.inDialog('ACK', ok, 1)
  await settled()
  other.send([
    `BYE sip:127.0.0.1:${rig.portOf('udp')} SIP/2.0`,
    other.via(),
    `From: ${atB.get('to')};tag=b`,
    `To: ${atB.get('from')}`,
    `Call-ID: ${atB.callId}`,
    'CSeq: 1 BYE',
  ])
  await other.nextResponse(200, 'BYE')
  const bye = await peer.nextRequest('BYE')
  peer.respond(bye, 200)
  await settled()
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP54] B2BUA: A cancels, B is cancelled', async t => {
  const { rig, srf, peer, other } = await setUp(t)
  const failed = Promise.withResolvers<number>()
  srf.invite((req, res) => {
    srf
      .createB2BUA(req, res, `sip:carol@${other.hostPort}`, { localSdpB: req.body })
      .catch((error: { status: number }) => failed.resolve(error.status))
  })
  await settled()
  const made = peer.request('INVITE')
  const atB = await other.nextRequest('INVITE')
  other.respond(atB, 180, { toTag: 'b' })
  await peer.nextResponse(180)
  peer.request('CANCEL', made)
  await peer.nextResponse(200, 'CANCEL')
  await peer.nextResponse(487)
  const cancel = await other.nextRequest('CANCEL')
  other.respond(cancel, 200)
  other.respond(atB, 487, { toTag: 'b' })
  await other.nextRequest('ACK')
  t.equal(await failed.promise, 487)
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP55] B2BUA: a refusal of B reaches A', async t => {
  const { srf, peer, other } = await setUp(t)
  srf.invite((req, res) => {
    srf.createB2BUA(req, res, `sip:carol@${other.hostPort}`, { localSdpB: req.body }).catch(() => {})
  })
  await settled()
  peer.request('INVITE')
  const atB = await other.nextRequest('INVITE')
  other.respond(atB, 486, { toTag: 'b' })
  await other.nextRequest('ACK')
  await peer.nextResponse(486)
})

t.test('[SIP56] PRACK: our reliable 1xx is repeated until the PRACK, which the application sees', async t => {
  const { srf, peer } = await setUp(t)
  const pracked = Promise.withResolvers<string>()
  srf.invite((req, res) => {
    res.send(
      183,
      { headers: { Require: '100rel' }, body: answerSdp },
      () => {},
      prack => {
        pracked.resolve(prack.method)
        void srf.createUAS(req, res, { localSdp: answerSdp })
      },
    )
  })
  await settled()
  peer.request('INVITE', { headers: ['Supported: 100rel'] })
  const progress = await peer.nextResponse(183)
  t.match(progress.get('require'), '100rel')
  t.match(progress.get('rseq'), /^\d+$/)
  t.ok(progress.has('contact'))
  await peer.nextResponse(183)
  peer.inDialog('PRACK', progress, 2, [`RAck: ${progress.get('rseq')} 1 INVITE`])
  await peer.nextResponse(200, 'PRACK')
  t.equal(await pracked.promise, 'PRACK')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('PRACK', progress, 3, ['RAck: 1 1 INVITE'])
  await peer.nextResponse(481, 'PRACK')
})

t.test('[SIP57] PRACK is not forced on a peer that does not know it; one that requires it always gets it', async t => {
  const { srf, peer } = await setUp(t)
  const errors: unknown[] = []
  srf.invite((req, res) => {
    res.send(183, req.get('Subject') === 'plain' ? { headers: { Require: '100rel' } } : {}, error => {
      if (error) errors.push(error)
      res.send(486)
    })
  })
  await settled()
  peer.request('INVITE', { headers: ['Subject: plain'] })
  await peer.nextResponse(486)
  t.same(errors, ['Remote endpoint does not support 100rel'])
  t.notOk(peer.waiting.some(message => message.kind === 'response' && message.status === 183))
  peer.request('INVITE', { headers: ['Require: 100rel'] })
  t.match((await peer.nextResponse(183)).get('rseq'), /^\d+$/)
})

t.test('[SIP58] PRACK by the application for a reliable 1xx of the peer', async t => {
  const { srf, peer } = await setUp(t)
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp, headers: { Supported: '100rel' } })
  const invite = await peer.nextRequest('INVITE')
  const reliable = { toTag: 'p', headers: ['Require: 100rel', 'RSeq: 7', `Contact: <sip:peer@${peer.hostPort}>`] }
  peer.respond(invite, 183, reliable)
  peer.respond(invite, 183, reliable)
  const prack = await peer.nextRequest('PRACK')
  t.equal(prack.get('rack'), `7 ${invite.cseq.number} INVITE`)
  t.equal(prack.cseq.number, invite.cseq.number + 1)
  peer.respond(prack, 200)
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp })
  const dialog = await placed
  t.equal((await peer.nextRequest('ACK')).cseq.number, invite.cseq.number)
  t.notOk(
    peer.waiting.some(message => message.kind === 'request' && message.method === 'PRACK'),
    'one PRACK for two copies',
  )
  const gone = dialog.destroy()
  const bye = await peer.nextRequest('BYE')
  t.equal(bye.cseq.number, invite.cseq.number + 2)
  peer.respond(bye, 200)
  await gone
})
