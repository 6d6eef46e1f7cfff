import { once } from 'node:events'
import t, { type Test } from 'tap'
import { answerSdp, offerSdp, type RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestDialog, TestSrf } from './testing/srf-types.ts'

async function setUp(t: Test): Promise<{ srf: TestSrf; peer: RawPeer; dialog: Promise<TestDialog> }> {
  const rig = await SrfRig.create({ timers: { t1Ms: 50, minSessionSeconds: 1 } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const dialog = Promise.withResolvers<TestDialog>()
  srf.invite(async (req, res) => dialog.resolve(await srf.createUAS(req, res, { localSdp: answerSdp })))
  await settled()
  return { srf, peer: await rig.peer(), dialog: dialog.promise }
}

t.test('[SIP110] the peer proposes refresher=uas: agreed, and we refresh after half the interval', async t => {
  const { peer, dialog } = await setUp(t)
  peer.request('INVITE', { headers: ['Supported: timer', 'Session-Expires: 1;refresher=uas'] })
  const ok = await peer.nextResponse(200)
  t.equal(ok.get('session-expires'), '1;refresher=uas')
  peer.inDialog('ACK', ok, 1)
  let modified = 0
  ;(await dialog).on('modify', () => modified++)
  for (let round = 0; round < 2; round++) {
    const refresh = await peer.nextRequest('INVITE')
    t.equal(refresh.body.toString(), answerSdp)
    t.equal(refresh.get('session-expires'), '1;refresher=uac')
    t.equal(refresh.get('min-se'), '1')
    t.equal(refresh.get('supported'), 'timer', 'who refreshes must say so (RFC 4028 section 7.1)')
    peer.respond(refresh, 200, {
      body: offerSdp,
      headers: [`Contact: <sip:alice@${peer.hostPort}>`, 'Session-Expires: 1;refresher=uac'],
    })
    t.equal((await peer.nextRequest('ACK')).cseq.number, refresh.cseq.number)
  }
  t.equal(modified, 0, 'the application hears nothing')
})

t.test('[SIP111] the peer refreshes no more: BYE and the application is told', async t => {
  const { peer, dialog } = await setUp(t)
  peer.request('INVITE', { headers: ['Session-Expires: 1;refresher=uac'] })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  const ended = once(await dialog, 'destroy')
  await new Promise(resolve => setTimeout(resolve, 700))
  peer.inDialog('UPDATE', ok, 2, ['Session-Expires: 1;refresher=uac'])
  await peer.nextResponse(200, 'UPDATE')
  t.equal(await peer.count(message => message.kind === 'request', 700), 0, 'the UPDATE has restarted it')
  const bye = await peer.nextRequest('BYE')
  t.match(bye.get('reason'), 'Session timer expired')
  peer.respond(bye, 200)
  t.equal((await ended)[1], 'Session timer expired')
})

t.test('[SIP112] without a refresher no timer; too short in a re-INVITE: 422', async t => {
  const { peer } = await setUp(t)
  peer.request('INVITE', { headers: ['Session-Expires: 1'] })
  const ok = await peer.nextResponse(200)
  t.notOk(ok.has('session-expires'))
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('INVITE', ok, 2, ['Session-Expires: 0;refresher=uac'], offerSdp)
  t.equal((await peer.nextResponse(422)).get('min-se'), '1')
})

t.test('[SIP114] a refresh that meets trouble is tried again; one that is too short is made longer', async t => {
  const { peer, dialog } = await setUp(t)
  peer.request('INVITE', { headers: ['Session-Expires: 6;refresher=uas'] })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  await dialog
  peer.respond(await peer.nextRequest('INVITE', 5000), 500)
  await peer.nextRequest('ACK')
  peer.respond(await peer.nextRequest('INVITE', 5000), 422, { headers: ['Min-SE: 9'] })
  await peer.nextRequest('ACK')
  const longer = await peer.nextRequest('INVITE')
  t.equal(longer.get('session-expires'), '9;refresher=uac')
  peer.respond(longer, 200, { body: offerSdp, headers: [`Contact: <sip:a@${peer.hostPort}>`, 'Session-Expires: 9'] })
  await peer.nextRequest('ACK')
  t.equal(await peer.count(one => one.kind === 'request' && one.method === 'BYE', 500), 0)
})

t.test(
  '[SIP115] a caller that leaves the refresher open: the one configured; a caller that must is told so',
  async t => {
    for (const defaultRefresher of ['uac', 'uas'] as const) {
      const rig = await SrfRig.create({ timers: { minSessionSeconds: 1 }, defaultRefresher })
      t.teardown(() => rig.close())
      const srf = await rig.srf()
      srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answerSdp }))
      await settled()
      const peer = await rig.peer()
      peer.request('INVITE', { headers: ['Supported: timer', 'Session-Expires: 600'] })
      const ok = await peer.nextResponse(200)
      t.equal(ok.get('session-expires'), `600;refresher=${defaultRefresher}`)
      t.equal(ok.get('require'), defaultRefresher === 'uac' ? 'timer' : undefined)
    }
  },
)

t.test('[SIP113] UAC: the 2xx makes us refresher; a refused refresh ends the call', async t => {
  const { srf, peer } = await setUp(t)
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp })
  const invite = await peer.nextRequest('INVITE')
  const headers = [`Contact: <sip:p@${peer.hostPort}>`, 'Session-Expires: 1']
  peer.respond(invite, 200, { toTag: 'p', body: answerSdp, headers })
  const ended = once(await placed, 'destroy')
  await peer.nextRequest('ACK')
  const refresh = await peer.nextRequest('INVITE')
  t.equal(refresh.body.toString(), offerSdp)
  peer.respond(refresh, 488)
  await peer.nextRequest('ACK')
  peer.respond(await peer.nextRequest('BYE'), 200)
  await ended
})
