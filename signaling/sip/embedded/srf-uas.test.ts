import { once } from 'node:events'
import t from 'tap'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

t.test('[SIP1] INVITE, 180, 200, ACK, re-INVITE, INFO, BYE of the peer', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const acked = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  srf.invite(async (req, res) => {
    t.match(req.source_address, '127.0.0.1')
    t.equal(req.callingNumber, 'alice')
    res.send(180)
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('ack', () => acked.resolve())
    dialog.on('destroy', () => ended.resolve())
    dialog.on('modify', (_req, response) => response.send(200, { body: answerSdp }))
    dialog.on('info', (_req, response) => response.send(200, { headers: { 'X-Info': 'seen' } }))
  })
  await settled()
  peer.request('INVITE')
  await peer.nextResponse(100)
  const ringing = await peer.nextResponse(180)
  const ok = await peer.nextResponse(200)
  t.equal(ok.get('to'), ringing.get('to'), 'one To tag for all responses')
  t.equal(ok.body.toString(), answerSdp)
  t.match(ok.get('contact'), `127.0.0.1:${rig.portOf('udp')}`)
  peer.inDialog('ACK', ok, 1)
  await acked.promise
  peer.inDialog('INVITE', ok, 2, [], offerSdp)
  const again = await peer.nextResponse(200)
  peer.inDialog('ACK', again, 2)
  peer.inDialog('INFO', ok, 3)
  t.equal((await peer.nextResponse(200, 'INFO')).get('x-info'), 'seen')
  peer.inDialog('BYE', ok, 4)
  await peer.nextResponse(200, 'BYE')
  await ended.promise
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP2] CANCEL before the answer: 200, 487 and the application hears of it', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const cancelled = Promise.withResolvers<void>()
  srf.invite((req, res) => {
    req.on('cancel', () => cancelled.resolve())
    res.send(180)
  })
  await settled()
  const { callId, fromTag, branch } = peer.request('INVITE')
  const ringing = await peer.nextResponse(180)
  peer.request('CANCEL', { callId, fromTag, branch })
  await peer.nextResponse(200, 'CANCEL')
  const terminated = await peer.nextResponse(487)
  t.equal(terminated.get('to'), ringing.get('to'))
  peer.send([
    `ACK sip:bob@127.0.0.1:${rig.portOf('udp')} SIP/2.0`,
    peer.via(branch),
    `From: ${terminated.get('from')}`,
    `To: ${terminated.get('to')}`,
    `Call-ID: ${callId}`,
    'CSeq: 1 ACK',
  ])
  await cancelled.promise
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP3] BYE and re-INVITE of the application', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const done = Promise.withResolvers<string>()
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    await once(dialog, 'ack')
    const sdp = await dialog.modify(answerSdp)
    await dialog.destroy()
    done.resolve(String(sdp))
  })
  await settled()
  peer.request('INVITE', { cseq: 5 })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 5)
  const reInvite = await peer.nextRequest('INVITE')
  t.equal(reInvite.cseq.number, 6, 'first request of a UAS continues from the INVITE')
  t.equal(reInvite.uri, `sip:alice@${peer.hostPort}`)
  peer.respond(reInvite, 200, { body: offerSdp })
  const ack = await peer.nextRequest('ACK')
  t.equal(ack.cseq.number, 6)
  const bye = await peer.nextRequest('BYE')
  t.equal(bye.cseq.number, 7)
  peer.respond(bye, 200)
  t.equal(await done.promise, offerSdp)
  t.equal(rig.server.stats().dialogs, 0)
})
