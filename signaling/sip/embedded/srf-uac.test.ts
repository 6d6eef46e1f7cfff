import { once } from 'node:events'
import t from 'tap'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig } from './testing/srf-rig.ts'

t.test('[SIP10] createUAC: INVITE, 180, 200, ACK, INFO both ways, BYE', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const provisional: number[] = []
  const placed = srf.createUAC(
    `sip:bob@${peer.hostPort}`,
    { localSdp: offerSdp, callingNumber: '1234' },
    { cbProvisional: res => void provisional.push(res.status) },
  )
  const invite = await peer.nextRequest('INVITE')
  t.match(invite.get('from'), `<sip:1234@127.0.0.1:${rig.portOf('udp')}>;tag=`)
  t.match(invite.get('contact'), `<sip:1234@127.0.0.1:${rig.portOf('udp')}>`)
  t.equal(invite.get('content-type'), 'application/sdp')
  t.equal(invite.get('max-forwards'), '70')
  peer.respond(invite, 180, { toTag: 'peer' })
  peer.respond(invite, 200, { toTag: 'peer', body: answerSdp })
  const dialog = await placed
  const ack = await peer.nextRequest('ACK')
  t.equal(ack.uri, `sip:peer@${peer.hostPort}`)
  t.same(provisional, [180])
  t.equal(dialog.remote.sdp, answerSdp)
  const informed = dialog.request({ method: 'INFO', body: 'hello', headers: { 'Content-Type': 'text/plain' } })
  const info = await peer.nextRequest('INFO')
  t.equal(info.body.toString(), 'hello')
  peer.respond(info, 200)
  t.equal((await informed).status, 200)
  const ended = once(dialog, 'destroy')
  peer.send([
    `BYE ${/<(.+)>/.exec(invite.get('contact') ?? '')?.[1]} SIP/2.0`,
    peer.via(),
    `From: ${invite.get('to')};tag=peer`,
    `To: ${invite.get('from')}`,
    `Call-ID: ${invite.callId}`,
    'CSeq: 1 BYE',
  ])
  await peer.nextResponse(200, 'BYE')
  await ended
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP11] a call refused: the stack acknowledges, the application is told', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp })
  const refused = t.rejects(placed, new Error('Sip non-success response: 486'))
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 486, { toTag: 'peer' })
  await peer.nextRequest('ACK')
  await refused
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP12] digest: the resend keeps Call-ID and From tag, and its dialog lives', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const peer = await rig.peer()
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, {
    localSdp: offerSdp,
    auth: { username: 'u', password: 'p' },
  })
  const first = await peer.nextRequest('INVITE')
  peer.respond(first, 407, { toTag: 'x', headers: ['Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth"'] })
  await peer.nextRequest('ACK')
  const second = await peer.nextRequest('INVITE')
  t.equal(second.callId, first.callId)
  t.equal(second.get('from'), first.get('from'))
  t.equal(second.cseq.number, first.cseq.number + 1)
  t.match(second.get('proxy-authorization'), /^Digest username="u"/)
  peer.respond(second, 200, { toTag: 'y', body: answerSdp })
  const dialog = await placed
  await peer.nextRequest('ACK')
  const destroyed = dialog.destroy()
  const bye = await peer.nextRequest('BYE')
  t.equal(bye.cseq.number, second.cseq.number + 1)
  peer.respond(bye, 200)
  await destroyed
  t.equal(rig.server.stats().dialogs, 0)
})
