import { once } from 'node:events'
import t, { type Test } from 'tap'
import { answerSdp, offerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestSrf } from './testing/srf-types.ts'

async function setUp(t: Test): Promise<{ rig: SrfRig; srf: TestSrf; peer: RawPeer; other: RawPeer }> {
  const rig = await SrfRig.create({ timers: { t1Ms: 50 } })
  t.teardown(() => rig.close())
  return { rig, srf: await rig.srf(), peer: await rig.peer(), other: await rig.peer() }
}

t.test('[SIP59] OPTIONS, REGISTER and MESSAGE go to the application and back', async t => {
  const { srf, peer } = await setUp(t)
  srf.options((_req, res) => res.send(200, { headers: { Allow: 'INVITE, ACK' } }))
  srf.register((req, res) => res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } }))
  await settled()
  peer.request('OPTIONS')
  const ok = await peer.nextResponse(200, 'OPTIONS')
  t.equal(ok.get('allow'), 'INVITE, ACK')
  t.match(ok.get('to'), /;tag=/)
  peer.request('REGISTER')
  t.match((await peer.nextResponse(200, 'REGISTER')).get('contact'), /;expires=60$/)
  peer.request('REGISTER', { headers: ['Contact: *'] })
  await peer.nextResponse(400, 'REGISTER')
  peer.request('MESSAGE')
  await peer.nextResponse(503, 'MESSAGE')
})

t.test('[SIP60] srf.request outside a dialog, and a name that does not resolve', async t => {
  const { srf, peer } = await setUp(t)
  const request = await srf.request(`sip:bob@${peer.hostPort}`, { method: 'OPTIONS', headers: { Subject: 'test' } })
  const arrived = await peer.nextRequest('OPTIONS')
  t.notOk(arrived.has('contact'))
  const answered = once(request, 'response')
  peer.respond(arrived, 200)
  t.equal((await answered)[0].status, 200)
  const lost = await srf.request('sip:bob@nowhere.invalid', { method: 'OPTIONS' })
  const [response] = await once(lost, 'response')
  t.equal(response.status, 503)
  t.equal(response.reason, 'DNS Error')
})

t.test('[SIP61] re-INVITE glare: 491 while ours is open, 500 while theirs is; requests out of order 500', async t => {
  const { srf, peer } = await setUp(t)
  const modified = Promise.withResolvers<string>()
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('modify', () => {})
    await once(dialog, 'ack')
    modified.resolve(await dialog.modify(answerSdp))
  })
  await settled()
  peer.request('INVITE', { cseq: 10 })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 10)
  const ours = await peer.nextRequest('INVITE')
  peer.inDialog('INVITE', ok, 11, [], offerSdp)
  await peer.nextResponse(491)
  peer.respond(ours, 200, { body: offerSdp })
  await modified.promise
  peer.inDialog('INVITE', ok, 12, [], offerSdp)
  await peer.nextResponse(100)
  peer.inDialog('INVITE', ok, 13, [], offerSdp)
  await peer.nextResponse(500)
  peer.inDialog('INFO', ok, 9)
  await peer.nextResponse(500, 'INFO')
})

t.test('[SIP62] Record-Route: the 2xx repeats it, requests of ours follow it', async t => {
  const { srf, peer, other } = await setUp(t)
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.once('ack', () => void dialog.destroy())
  })
  await settled()
  const route = `<sip:${other.hostPort};lr>`
  peer.request('INVITE', { headers: [`Record-Route: ${route}, <sip:far.invalid;lr>`] })
  const ok = await peer.nextResponse(200)
  t.same(ok.list('record-route'), [route, '<sip:far.invalid;lr>'])
  peer.inDialog('ACK', ok, 1)
  const bye = await other.nextRequest('BYE')
  t.same(bye.list('route'), [route, '<sip:far.invalid;lr>'])
  t.equal(bye.uri, `sip:alice@${peer.hostPort}`)
  other.respond(bye, 200)
})

t.test('[SIP63] UAC route set is reversed; a strict router takes the request uri', async t => {
  const { srf, peer } = await setUp(t)
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp })
  const invite = await peer.nextRequest('INVITE')
  const headers = [`Contact: <sip:end@${peer.hostPort}>`, `Record-Route: <sip:one.invalid;lr>, <sip:${peer.hostPort}>`]
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp, headers })
  await placed
  const ack = await peer.nextRequest('ACK')
  t.equal(ack.uri, `sip:${peer.hostPort}`, 'strict router')
  t.same(ack.list('route'), ['<sip:one.invalid;lr>', `<sip:end@${peer.hostPort}>`])
})

t.test('[SIP64] NAT help: a Contact that names another address does not misdirect our BYE', async t => {
  const { srf, peer } = await setUp(t)
  srf.invite(async (req, res) => {
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.once('ack', () => void dialog.destroy())
  })
  await settled()
  peer.send(
    [
      `INVITE sip:bob@127.0.0.1 SIP/2.0`,
      peer.via(),
      'f: <sip:nat@10.1.2.3>;tag=nat',
      't: <sip:bob@127.0.0.1>',
      'i: nat-call',
      'CSeq: 1 INVITE',
      'm: <sip:nat@10.1.2.3:5060>',
      'c: application/sdp',
    ],
    offerSdp,
  )
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  const bye = await peer.nextRequest('BYE')
  t.equal(bye.uri, 'sip:nat@10.1.2.3:5060', 'the request uri stays')
  peer.respond(bye, 200)
})
