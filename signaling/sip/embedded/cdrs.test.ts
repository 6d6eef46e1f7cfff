import t, { type Test } from 'tap'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

async function setUp(t: Test) {
  const rig = await SrfRig.create({ timers: { t1Ms: 10, minSessionSeconds: 1 } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const records: string[] = []
  srf.on('cdr:attempt', (source, _time, msg) => records.push(`attempt ${source} ${msg.method}`))
  srf.on('cdr:start', (source, _time, role, msg) => records.push(`start ${source} ${role} ${msg.status}`))
  srf.on('cdr:stop', (source, _time, reason) => records.push(`stop ${source} ${reason}`))
  const taken = async (wanted: number): Promise<string[]> => {
    const untilMs = performance.now() + 10_000
    while (records.length < wanted && performance.now() < untilMs) await settled()
    return records.splice(0)
  }
  return { rig, srf, taken, peer: await rig.peer() }
}

t.test('[SIP195] cdr: calls in, answered, refused, cancelled, run out; without an application', async t => {
  const { rig, srf, taken, peer } = await setUp(t)
  let answer: 'take' | 'refuse' | 'nothing' = 'take'
  srf.invite((req, res) => {
    if (answer === 'take') void srf.createUAS(req, res, { localSdp: answerSdp })
    else if (answer === 'refuse') res.send(486)
  })
  await settled()
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('BYE', ok, 2)
  t.same(await taken(3), ['attempt network INVITE', 'start application uas 200', 'stop network normal-release'])
  answer = 'refuse'
  peer.request('INVITE')
  t.same(await taken(2), ['attempt network INVITE', 'stop application call-rejected'])
  answer = 'nothing'
  const { callId, fromTag, branch } = peer.request('INVITE')
  t.same(await taken(1), ['attempt network INVITE'])
  await settled()
  peer.request('CANCEL', { callId, fromTag, branch })
  t.same(await taken(1), ['stop network call-canceled'])
  answer = 'take'
  peer.request('INVITE', { headers: ['Session-Expires: 1;refresher=uac'] })
  peer.inDialog('ACK', await peer.nextResponse(200), 1)
  t.equal((await taken(3)).at(-1), 'stop application session-expired')
  t.ok(rig.server.stats().received.INVITE)
})

t.test('[SIP196] cdr: calls out, and calls that pass through us', async t => {
  const { srf, taken, peer, rig } = await setUp(t)
  const placed = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp })
  peer.respond(await peer.nextRequest('INVITE'), 200, { toTag: 'p', body: answerSdp })
  const dialog = await placed
  const ending = dialog.destroy()
  peer.respond(await peer.nextRequest('BYE'), 200)
  await ending
  t.same(await taken(3), ['attempt application INVITE', 'start network uac 200', 'stop application normal-release'])
  const refused = srf.createUAC(`sip:bob@${peer.hostPort}`, { localSdp: offerSdp }).catch(() => {})
  peer.respond(await peer.nextRequest('INVITE'), 486, { toTag: 'p' })
  await refused
  t.same(await taken(2), ['attempt application INVITE', 'stop network call-rejected'])
  const callee = await rig.peer()
  srf.invite(req => void req.proxy({ destination: [`sip:bob@${callee.hostPort}`], remainInDialog: true }))
  await settled()
  peer.request('INVITE')
  callee.respond(await callee.nextRequest('INVITE'), 486, { toTag: 'c' })
  await peer.nextResponse(486)
  t.same(await taken(4), [
    'attempt network INVITE',
    'attempt application INVITE',
    'stop network call-rejected',
    'stop application call-rejected',
  ])
})
