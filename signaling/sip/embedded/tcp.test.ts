import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { type SipRequest, SipResponse } from './sip-message.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import { StreamPeer } from './testing/stream-peer.ts'

async function dialIn(t: Test, rig: SrfRig): Promise<StreamPeer> {
  const socket = connect(rig.portOf('tcp'), '127.0.0.1')
  await once(socket, 'connect')
  t.teardown(() => socket.destroy())
  return new StreamPeer(socket)
}

function invite(branch: string): string {
  return [
    'INVITE sip:bob@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP client.invalid:5060;branch=${branch}`,
    'From: <sip:alice@client.invalid>;tag=a1',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: tcp-${branch}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@client.invalid;transport=tcp>',
    'Content-Type: application/sdp',
    `Content-Length: ${Buffer.byteLength(offerSdp)}`,
    '',
    offerSdp,
  ].join('\r\n')
}

t.test('[SIP70] a call over TCP, cut anywhere; our BYE goes down the same connection', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite(async (req, res) => {
    t.equal(req.protocol, 'tcp')
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.once('ack', () => void dialog.destroy())
  })
  await settled()
  const peer = await dialIn(t, rig)
  for (const part of invite('z9hG4bKone').match(/[\s\S]{1,40}/g) ?? []) {
    peer.socket.write(part)
    await new Promise(resolve => setImmediate(resolve))
  }
  await peer.response(100)
  const ok = await peer.response(200)
  t.match(ok.list('via')[0], /;rport=\d+;received=127\.0\.0\.1|received=127\.0\.0\.1/)
  t.match(ok.get('contact'), `<sip:127.0.0.1:${rig.portOf('tcp')};transport=tcp>`)
  peer.socket.write(
    [
      'ACK sip:127.0.0.1 SIP/2.0',
      'Via: SIP/2.0/TCP client.invalid:5060;branch=z9hG4bKack',
      `From: ${ok.get('from')}`,
      `To: ${ok.get('to')}`,
      `Call-ID: ${ok.callId}`,
      'CSeq: 1 ACK',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )
  const bye = await peer.request('BYE')
  t.equal(bye.uri, 'sip:alice@client.invalid;transport=tcp')
  t.match(bye.list('via')[0], 'SIP/2.0/TCP')
})

t.test('[SIP71] a double CRLF is answered; two messages in one segment are two', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const peer = await dialIn(t, rig)
  peer.socket.write('\r\n\r\n')
  await once(peer.socket, 'data')
  t.equal(peer.pings, 1)
  peer.socket.write(`\r\n${invite('z9hG4bKa')}${invite('z9hG4bKb')}`)
  const refusals = [await peer.response(503), await peer.response(503)]
  t.not(refusals[0]?.callId, refusals[1]?.callId)
})

t.test('[SIP76] who connects and says nothing is let go; who has spoken may be silent', async t => {
  const rig = await SrfRig.create({ timers: { silentConnectionMs: 100 } })
  t.teardown(() => rig.close())
  const [silent, spoken] = [await dialIn(t, rig), await dialIn(t, rig)]
  spoken.socket.write('\r\n\r\n')
  await once(silent.socket, 'close')
  await new Promise(resolve => setTimeout(resolve, 150))
  t.notOk(spoken.socket.destroyed)
})

t.test('[SIP72] a stream that cannot be followed is closed', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  for (const garbage of [
    'INVITE sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n',
    'INVITE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n',
    'x'.repeat(70_000),
  ]) {
    const peer = await dialIn(t, rig)
    peer.socket.write(garbage)
    await once(peer.socket, 'close')
    t.pass('closed')
  }
})

t.test('[SIP73] createUAC over TCP: one connection for the whole call, Via and Contact say TCP', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => void listener.close())
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connected = once(listener, 'connection')
  const placed = srf.createUAC(`sip:bob@127.0.0.1:${port};transport=tcp`, { localSdp: offerSdp })
  const [socket] = (await connected) as [Socket]
  t.teardown(() => socket.destroy())
  const peer = new StreamPeer(socket)
  const received = await peer.request('INVITE')
  t.match(received.list('via')[0], `SIP/2.0/TCP 127.0.0.1:${rig.portOf('tcp')};rport;branch=`)
  t.match(received.get('contact'), `<sip:127.0.0.1:${rig.portOf('tcp')};transport=tcp>`)
  const reply = (request: SipRequest, status: number): void => {
    const response = new SipResponse(status, 'Test')
    for (const key of ['via', 'from', 'call-id', 'cseq']) response.add(key, request.get(key) ?? '')
    response.add('To', `${request.get('to')}${request.get('to')?.includes('tag=') === true ? '' : ';tag=p'}`)
    response.add('Contact', `<sip:bob@127.0.0.1:${port};transport=tcp>`)
    if (request.method === 'INVITE') {
      response.add('Content-Type', 'application/sdp')
      response.body = Buffer.from(answerSdp)
    }
    socket.write(response.toBuffer())
  }
  reply(received, 200)
  const dialog = await placed
  await peer.request('ACK')
  const gone = dialog.destroy()
  reply(await peer.request('BYE'), 200)
  await gone
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP74] a refused connection is a 503 after the echo', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise(resolve => probe.close(resolve))
  const request = await srf.request(`sip:bob@127.0.0.1:${port};transport=tcp`, { method: 'OPTIONS' })
  const [response] = await once(request, 'response')
  t.equal(response.status, 503)
})

t.test('[SIP75] who has registered over a connection is called over it, whatever the Contact says', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.register((_req, res) => res.send(200, { headers: { Expires: '60' } }))
  await settled()
  const peer = await dialIn(t, rig)
  const register = [
    'REGISTER sip:127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/TCP h.invalid;branch=z9hG4bKreg',
    'From: <sip:web@127.0.0.1>;tag=r1',
    'To: <sip:web@127.0.0.1>',
    'Call-ID: reg',
    'CSeq: 1 REGISTER',
    'Contact: <sip:web@h.invalid;transport=tcp>',
    'Content-Length: 0',
  ]
  peer.socket.write(`${register.join('\r\n')}\r\n\r\n`)
  await peer.response(200)
  await srf.request('sip:web@h.invalid', { method: 'OPTIONS' })
  const options = await peer.request('OPTIONS')
  t.match(options.list('via')[0], 'SIP/2.0/TCP')
})
