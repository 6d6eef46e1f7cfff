import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { SipRequest } from './sip-message.ts'
import { SipServer } from './sip-server.ts'
import { selfSigned } from './testing/certificates.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import { StreamPeer } from './testing/stream-peer.ts'
import type { TlsOptions } from './tls-material.ts'

const here = ['DNS:localhost', 'IP:127.0.0.1']

async function tlsRig(t: Test, more: Partial<TlsOptions> = {}) {
  const folder = t.testdir()
  const own = await selfSigned(folder, 'own', here)
  const rig = await SrfRig.create({
    listen: [{ protocol: 'tls', host: '127.0.0.1', port: 0 }],
    tls: { ...own, ...more },
  })
  t.teardown(() => rig.close())
  return { rig, folder, own }
}

async function dialIn(t: Test, rig: SrfRig, ca: string): Promise<StreamPeer> {
  const socket = connect({ port: rig.portOf('tls'), host: '127.0.0.1', ca: await readFile(ca) })
  await once(socket, 'secureConnect')
  t.teardown(() => socket.destroy())
  return new StreamPeer(socket)
}

/** A peer that others connect to over TLS. */
async function listenTls(t: Test, files: { certFile: string; keyFile: string }) {
  const peers: StreamPeer[] = []
  const server = createServer({ cert: await readFile(files.certFile), key: await readFile(files.keyFile) }, socket => {
    peers.push(new StreamPeer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const peer of peers) peer.socket.destroy()
    server.close()
  })
  const nextRequest = async (): Promise<[StreamPeer, SipRequest]> => {
    for (let turn = 0; turn < 400; turn++) {
      const peer = peers.find(one => one.messages.length > 0)
      if (peer !== undefined) return [peer, await peer.request('OPTIONS')]
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error('nothing came')
  }
  return { port: (server.address() as AddressInfo).port, peers, nextRequest }
}

function request(method: string, callId: string, more: readonly string[] = [], body = ''): string {
  return [
    `${method} sips:bob@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/TLS client.invalid;branch=z9hG4bK${callId}${method}`,
    'From: <sips:alice@client.invalid>;tag=a1',
    'To: <sips:bob@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Contact: <sips:alice@client.invalid>',
    ...more,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

t.test('[SIP160] a call in over TLS; sips is answered with sips, our BYE goes down the same connection', async t => {
  const { rig, own } = await tlsRig(t)
  const srf = await rig.srf()
  srf.invite(async (req, res) => {
    t.equal(req.protocol, 'tls')
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.once('ack', () => void dialog.destroy())
  })
  await settled()
  const peer = await dialIn(t, rig, own.certFile)
  peer.socket.write(request('INVITE', 'c1', ['Content-Type: application/sdp'], offerSdp))
  const ok = await peer.response(200)
  t.equal(ok.get('contact'), `<sips:127.0.0.1:${rig.portOf('tls')};transport=tls>`)
  peer.socket.write(request('ACK', 'c1').replace('<sips:bob@127.0.0.1>\r', `${ok.get('to')}\r`))
  const bye = await peer.request('BYE')
  t.match(bye.get('via'), /^SIP\/2\.0\/TLS 127\.0\.0\.1:\d+;/)
})

t.test('[SIP161] calls out over TLS: one connection for all, and only to whom the certificate names', async t => {
  const folder = t.testdir()
  const right = await selfSigned(folder, 'right', here)
  const wrong = await selfSigned(folder, 'wrong', ['DNS:elsewhere.example'])
  const both = `${folder}/both.crt`
  await writeFile(both, `${await readFile(right.certFile)}${await readFile(wrong.certFile)}`)
  const rig = await SrfRig.create({
    listen: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tls', host: '127.0.0.1', port: 0 },
    ],
    tls: { ...right, caFile: both },
  })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const [honest, other] = [await listenTls(t, right), await listenTls(t, wrong)]
  for (const uri of [`sips:bob@localhost:${honest.port}`, `sip:bob@127.0.0.1:${honest.port};transport=tls`]) {
    const req = await srf.request(uri, { method: 'OPTIONS' })
    t.match(req.get('via'), 'SIP/2.0/TLS')
    const responded = once(req, 'response')
    const [peer, options] = await honest.nextRequest()
    const vias = options.list('via').map(via => `Via: ${via}`)
    const line = (name: string): string => `${name}: ${options.get(name.toLowerCase())}`
    const lines = ['SIP/2.0 200 OK', ...vias, line('From'), line('To'), line('Call-ID'), line('CSeq')]
    peer.socket.write(`${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
    const [response] = await responded
    t.equal((response as { status: number }).status, 200)
  }
  t.equal(honest.peers.length, 2, 'the name is part of the connection')
  const req = await srf.request(`sips:bob@localhost:${other.port}`, { method: 'OPTIONS' })
  const [refused] = await once(req, 'response')
  t.equal((refused as { status: number }).status, 503)
  t.equal(other.peers.flatMap(peer => peer.messages).length, 0, 'nothing was said to a stranger')
})

t.test('[SIP162] SNI: each name has its certificate; renewed files are used from then on', async t => {
  const folder = t.testdir()
  const one = await selfSigned(folder, 'one', ['DNS:one.example'])
  const two = await selfSigned(folder, 'two', ['DNS:*.two.example'])
  const rig = await SrfRig.create({
    listen: [{ protocol: 'tls', host: '127.0.0.1', port: 0 }],
    tls: { ...one, names: { '*.two.example': two } },
  })
  t.teardown(() => rig.close())
  const shown = async (servername: string): Promise<string> => {
    const socket = connect({ port: rig.portOf('tls'), host: '127.0.0.1', servername, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { subject } = (socket as TLSSocket).getPeerCertificate()
    socket.destroy()
    return String(subject.CN)
  }
  t.equal(await shown('one.example'), 'one')
  t.equal(await shown('sip.two.example'), 'two')
  const renewed = await selfSigned(folder, 'renewed', ['DNS:one.example'])
  await copyFile(renewed.certFile, one.certFile)
  await t.rejects(rig.server.renewCertificates(), 'a certificate whose key is another')
  t.equal(await shown('one.example'), 'one')
  await copyFile(renewed.keyFile, one.keyFile)
  await rig.server.renewCertificates()
  t.equal(await shown('one.example'), 'renewed')
})

t.test('[SIP163] where client certificates are asked for, nobody gets in without one', async t => {
  const folder = t.testdir()
  const friend = await selfSigned(folder, 'friend', ['DNS:friend.example'])
  const own = await selfSigned(folder, 'own', here)
  const rig = await SrfRig.create({
    listen: [{ protocol: 'tls', host: '127.0.0.1', port: 0 }],
    tls: { ...own, caFile: friend.certFile, requireClientCertificate: true },
  })
  t.teardown(() => rig.close())
  const ask = async (shows: object): Promise<number> => {
    const socket = connect({ port: rig.portOf('tls'), host: '127.0.0.1', rejectUnauthorized: false, ...shows })
    const peer = new StreamPeer(socket)
    t.teardown(() => socket.destroy())
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
    socket.write(request('OPTIONS', `x${Math.random()}`))
    return (await peer.next(message => message.kind === 'response').catch(() => undefined)) === undefined ? 0 : 1
  }
  t.equal(await ask({}), 0)
  t.equal(await ask({ cert: await readFile(friend.certFile), key: await readFile(friend.keyFile) }), 1)
})

t.test(
  '[SIP164] TLS without a certificate, or with a broken one, does not start; old versions are refused',
  async t => {
    const control = { host: '127.0.0.1', port: 0, secret: 'x' }
    const listen = [{ protocol: 'tls', host: '127.0.0.1', port: 0 }] as const
    await t.rejects(SipServer.create({ control, listen }), { message: /needs a certificate/ })
    const missing = { certFile: '/nowhere.crt', keyFile: '/nowhere.key' }
    await t.rejects(SipServer.create({ control, listen, tls: missing }), { code: 'ENOENT' } as unknown as Error)
    const { rig } = await tlsRig(t)
    const client = promisify(execFile)
    const args = ['s_client', '-connect', `127.0.0.1:${rig.portOf('tls')}`]
    const old = client('openssl', [...args, '-tls1_1'], { timeout: 10_000 })
    old.child.stdin?.end()
    await t.rejects(old)
    const now = client('openssl', [...args, '-tls1_3'], { timeout: 10_000 })
    now.child.stdin?.end()
    t.match((await now).stdout, /TLSv1\.3/)
  },
)
