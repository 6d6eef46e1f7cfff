import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { knownScanners } from './scanner-names.ts'
import type { SipMessage } from './sip-message.ts'
import { answerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import { TokenBuckets } from './token-buckets.ts'

const anything = (): boolean => true
const invites = (message: SipMessage): boolean => message.kind === 'response' && message.cseq.method === 'INVITE'

t.test('[SIP180] a stranger gets no answer to anything, malformed or not; calls that are up go on', async t => {
  let allowed = true
  const rig = await SrfRig.create({ admission: { allow: () => allowed } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  let heard = 0
  srf.invite(async (req, res) => {
    heard++
    await srf.createUAS(req, res, { localSdp: answerSdp })
  })
  srf.options((_req, res) => res.send(200))
  await settled()
  const peer = await rig.peer()
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  await peer.nextResponse(100)
  peer.inDialog('ACK', ok, 1)
  const ringing = peer.request('INVITE', { callId: 'cancelled-later' })
  await peer.nextResponse(200)
  allowed = false
  for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'BYE', 'CANCEL', 'NEWMETHOD']) peer.request(method)
  peer.sendRaw(
    'INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: x\r\n\r\n',
  )
  // Copies of what is being dealt with, and the caller's BYE, are no strangers' work.
  peer.request('INVITE', { callId: 'cancelled-later', branch: ringing.branch, fromTag: ringing.fromTag })
  const stray = (message: SipMessage): boolean => message.kind === 'response' && message.callId !== 'cancelled-later'
  t.equal(await peer.count(stray, 100), 0)
  t.equal(rig.server.stats().strangers, 7)
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
  t.equal(heard, 2)
})

t.test('[SIP181] a stranger on a stream loses its connection', async t => {
  const rig = await SrfRig.create({ admission: { allow: () => false } })
  t.teardown(() => rig.close())
  const socket = connect(rig.portOf('tcp'), '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  let answered = false
  socket.on('data', () => {
    answered = true
  })
  const lines = [
    'OPTIONS sip:x SIP/2.0',
    'Via: SIP/2.0/TCP x;branch=z9hG4bK1',
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>',
  ]
  socket.write(`${[...lines, 'Call-ID: c', 'CSeq: 1 OPTIONS', 'Content-Length: 0'].join('\r\n')}\r\n\r\n`)
  await once(socket, 'close')
  t.notOk(answered)
})

t.test('[SIP182] scanners are dropped before a 100, whatever they ask for, and counted; or told 603', async t => {
  for (const action of ['discard', 'reject'] as const) {
    const rig = await SrfRig.create({ admission: { scanners: { action } } })
    t.teardown(() => rig.close())
    const srf = await rig.srf()
    let heard = 0
    srf.invite((_req, res) => {
      heard++
      res.send(486)
    })
    await settled()
    const peer = await rig.peer()
    for (const name of knownScanners) peer.request('INVITE', { headers: [`User-Agent: ${name.toUpperCase()}/1.0 `] })
    peer.request('OPTIONS', { to: 'To: "SIPVicious"<sip:100@1.1.1.1>' })
    peer.request('REGISTER', { to: 'To: <sip:sipvicious@127.0.0.1>' })
    peer.request('REGISTER', { to: 'To: <broken', headers: ['User-Agent: friendly-scanner'] })
    const answers = await peer.count(anything, 100)
    if (action === 'discard') t.equal(answers, 0)
    else await peer.nextResponse(603)
    t.equal(rig.server.stats().scanners, knownScanners.length + 3)
    t.equal(heard, 0)
    peer.request('INVITE', { headers: ['User-Agent: Yealink SIP-T46S'] })
    await peer.nextResponse(486)
    t.equal(heard, 1)
  }
})

t.test('[SIP183] too many new requests of one address: the rest is dropped, others are heard, calls go on', async t => {
  const rig = await SrfRig.create({ admission: { perSource: { perSecond: 1, burst: 5 } } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answerSdp }))
  await settled()
  const peer = await rig.peer()
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  for (let count = 0; count < 20; count++) peer.request('OPTIONS')
  t.equal(await peer.count(message => message.cseq.method === 'OPTIONS', 100), 4)
  t.equal(rig.server.stats().tooFast, 16)
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
})

t.test('[SIP184] more calls than may be: 503 with Retry-After, no 100, and the application hears nothing', async t => {
  const rig = await SrfRig.create({ admission: { overload: { concurrentCalls: 2, retryAfterSeconds: 7 } } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  let heard = 0
  srf.invite((req, res) => {
    heard++
    if (heard === 1) void srf.createUAS(req, res, { localSdp: answerSdp })
  })
  srf.options((_req, res) => res.send(200))
  await settled()
  const peer = await rig.peer()
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.request('INVITE', { callId: 'still-ringing' })
  await peer.nextResponse(100)
  await peer.nextResponse(100)
  const { callId, branch, fromTag } = peer.request('INVITE')
  const refused = await peer.nextResponse(503)
  t.equal(refused.get('retry-after'), '7')
  peer.request('INVITE', { callId, branch, fromTag })
  t.equal((await peer.nextResponse(503)).callId, callId, 'its copy gets the same answer')
  t.equal(await peer.count(message => message.kind === 'response' && message.status === 100, 50), 0)
  peer.request('OPTIONS')
  await peer.nextResponse(200, 'OPTIONS')
  t.equal(heard, 2)
  t.equal(rig.server.stats().overload, 1)
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
  peer.request('INVITE')
  await peer.nextResponse(100)
})

t.test('[SIP185] calls a second', async t => {
  const rig = await SrfRig.create({ admission: { overload: { callsPerSecond: 3 } } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite((_req, res) => res.send(486))
  await settled()
  const peer = await rig.peer()
  for (let count = 0; count < 10; count++) peer.request('INVITE')
  await new Promise(resolve => setTimeout(resolve, 100))
  const status = (wanted: number) =>
    peer.waiting.filter(one => invites(one) && one.kind === 'response' && one.status === wanted)
  t.equal(new Set(status(486).map(one => one.callId)).size, 3)
  t.equal(new Set(status(503).map(one => one.callId)).size, 7)
})

t.test('[SIP186] an event loop that runs late: calls are refused until it has time again', async t => {
  const rig = await SrfRig.create({ admission: { overload: { eventLoopLagMs: 100 } } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite((_req, res) => res.send(486))
  await settled()
  const peer = await rig.peer()
  const answer = async (): Promise<number> => {
    peer.request('INVITE')
    const response = await peer.next(one => invites(one) && one.kind === 'response' && one.status > 100, 2000)
    return response.kind === 'response' ? response.status : 0
  }
  const until = performance.now() + 400
  while (performance.now() < until) Math.sqrt(until)
  let status = 0
  for (let turn = 0; turn < 20 && status !== 503; turn++) {
    status = await answer()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.equal(status, 503)
  for (let turn = 0; turn < 60 && status !== 486; turn++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    status = await answer()
  }
  t.equal(status, 486)
})

const svmap = spawnSync('svmap', ['--version']).error === undefined

t.test('[SIP188] a real scanner finds nothing', { skip: svmap ? false : 'no svmap here' }, async t => {
  const rig = await SrfRig.create({ admission: { scanners: {} } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.options((_req, res) => res.send(200))
  srf.register((_req, res) => res.send(200))
  await settled()
  for (const method of ['OPTIONS', 'REGISTER', 'INVITE']) {
    const args = ['-p', String(rig.portOf('udp')), '-m', method, '127.0.0.1']
    const { stdout, stderr } = await promisify(execFile)('svmap', args, { timeout: 60_000 })
    t.match(`${stdout}${stderr}`, 'found nothing', method)
  }
  t.equal(rig.server.stats().scanners, 3)
  t.equal(Object.keys(rig.server.stats().sent).length, 0)
})

t.test('[SIP187] budgets refill with time and are kept for ten thousand addresses', t => {
  let nowMs = 0
  const buckets = new TokenBuckets({ perSecond: 2, burst: 3 }, () => nowMs)
  t.same(
    [1, 2, 3, 4].map(() => buckets.take('a')),
    [true, true, true, false],
  )
  nowMs = 500
  t.same(
    [1, 2].map(() => buckets.take('a')),
    [true, false],
  )
  nowMs = 60_000
  t.same(
    [1, 2, 3, 4].map(() => buckets.take('a')),
    [true, true, true, false],
    'never more than a burst',
  )
  for (let index = 0; index < 20_000; index++) buckets.take(String(index))
  t.equal(buckets.size, 10_000)
  t.end()
})
