import { once } from 'node:events'
import Srf from 'drachtio-srf'
import t, { type Test } from 'tap'
import { ControlClient } from './testing/control-client.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestDialog, TestSrf } from './testing/srf-types.ts'

async function rigFor(t: Test): Promise<SrfRig> {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  return rig
}

t.test('[SIP200] an application that comes back has its dialogs again, both ways', async t => {
  const rig = await rigFor(t)
  const srf = new Srf() as unknown as TestSrf
  t.teardown(() => srf.disconnect())
  srf.on('error', () => {})
  const dialogs: TestDialog[] = []
  srf.invite(async (req, res) => dialogs.push(await srf.createUAS(req, res, { localSdp: answerSdp })))
  srf.connect({ host: '127.0.0.1', port: rig.server.controlPort, secret: 'test-secret' })
  await once(srf, 'connect')
  await settled()
  const peer = await rig.peer()
  const calls = []
  for (let call = 0; call < 2; call++) {
    peer.request('INVITE')
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    calls.push(ok)
  }
  await settled()
  const [first, second] = calls
  if (first === undefined || second === undefined) throw new Error('no calls')
  const connected = once(srf, 'connect')
  rig.server.dropApplications()
  await connected
  await settled()
  const ended = once(dialogs[0] as TestDialog, 'destroy')
  peer.inDialog('BYE', first, 2)
  await peer.nextResponse(200, 'BYE')
  await ended
  t.equal(rig.server.stats().dialogs, 1)
  peer.inDialog('INVITE', second, 2, [], offerSdp)
  const refreshed = await peer.next(
    one => one.kind === 'response' && one.status === 200 && one.cseq.number === 2 && one.cseq.method === 'INVITE',
    2000,
  )
  t.ok(refreshed.body.length > 0)
})

t.test('[SIP201] dialogs go to whom calls itself the same, and to nobody else; until then they answer 481', async t => {
  const rig = await rigFor(t)
  const peer = await rig.peer()
  const old = await ControlClient.create(rig.server.controlPort)
  await old.ask('authenticate|test-secret|a,b')
  await old.ask('route|invite')
  const oks = []
  for (let call = 0; call < 3; call++) {
    peer.request('INVITE')
    const { fields } = await old.nextSip()
    await old.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    await old.nextSip()
    oks.push(ok)
  }
  old.socket.destroy()
  await settled()
  const stranger = await ControlClient.create(rig.server.controlPort)
  await stranger.ask('authenticate|test-secret|a')
  peer.inDialog('INFO', oks[0] as never, 2)
  await peer.nextResponse(481, 'INFO')
  const again = await ControlClient.create(rig.server.controlPort)
  await again.ask('authenticate|test-secret|b,a')
  peer.inDialog('INFO', oks[1] as never, 2)
  const info = await again.nextSip()
  t.match(info.message, /^INFO /)
  await again.ask(`sip|${info.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  await peer.nextResponse(200, 'INFO')
  const dialogId = `${oks[2]?.callId};from-tag=${/tag=(\w+)/.exec(oks[2]?.get('from') ?? '')?.[1]}`
  await again.ask(`sip||${dialogId}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')
  await peer.nextRequest('BYE')
})
