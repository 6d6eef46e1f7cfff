import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import t, { type Test } from 'tap'
import type { SipRequest } from '../signaling/sip/embedded/sip-message.ts'
import { selfSigned } from '../signaling/sip/embedded/testing/certificates.ts'
import { RawPeer } from '../signaling/sip/embedded/testing/raw-peer.ts'
import { StreamPeer } from '../signaling/sip/embedded/testing/stream-peer.ts'
import { until } from '../test/doubles/until.ts'
import { freePort } from '../test/harness/free-port.ts'
import { decideConfig } from './config.ts'
import { readEnv } from './env.ts'
import { createLogger } from './logger.ts'
import { openSip } from './sip.ts'

async function open(t: Test, variables: Record<string, string>, port?: number) {
  const config = decideConfig(
    readEnv({
      TONGPING_SIP_HOST: '127.0.0.1',
      TONGPING_SIP_PORT: `${port ?? (await freePort())}`,
      TONGPING_TRUNK_FROM_NUMBER: '4008001234',
      ...variables,
    }),
    t.testdirName,
  )
  const handler = { onInvite: async (leg: { reject(status: number, why: string): void }) => leg.reject(486, 'busy') }
  const sip = await openSip(config, handler, 'secret', createLogger({ level: 'silent' }))
  t.teardown(() => sip.close())
  return { sip, config }
}

function respond(peer: StreamPeer, request: SipRequest, status: number, more: readonly string[] = []): void {
  peer.socket.write(
    [
      `SIP/2.0 ${status} Test`,
      ...request.list('via').map(via => `Via: ${via}`),
      `From: ${request.get('from')}`,
      `To: ${request.get('to')};tag=far`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.get('cseq')}`,
      ...more,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )
}

const challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n1", algorithm=SHA-256, qop="auth"'
const account = {
  TONGPING_TRUNK_USER: '4001',
  TONGPING_TRUNK_PASSWORD: 'secret',
  TONGPING_TRUNK_REGISTER_SECONDS: '600',
  TONGPING_TRUNK_KEEPALIVE_SECONDS: '0',
}

t.test('[OC25] a trunk by TLS or TCP is really spoken to so: registration, its challenge, and a call', async t => {
  const folder = t.testdir()
  // The certificate has the name only: whoever goes to the bare address after a challenge fails here.
  const files = await selfSigned(folder, 'trunk', ['DNS:localhost'])
  const ours = {
    TONGPING_SIP_TLS_CERT_FILE: files.certFile,
    TONGPING_SIP_TLS_KEY_FILE: files.keyFile,
    TONGPING_SIP_TLS_CA_FILE: files.certFile,
  }
  for (const kind of ['sips:', ';transport=tls', ';transport=tcp'] as const) {
    const isTls = kind !== ';transport=tcp'
    const made: StreamPeer[] = []
    const server = isTls
      ? createTlsServer({ cert: await readFile(files.certFile), key: await readFile(files.keyFile) }, socket =>
          made.push(new StreamPeer(socket)),
        )
      : createServer(socket => made.push(new StreamPeer(socket)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      for (const { socket } of made) socket.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const uri = kind === 'sips:' ? `sips:localhost:${port}` : `sip:localhost:${port}${kind}`
    const { sip, config } = await open(t, {
      ...{ ...account, TONGPING_TRUNK_URI: uri, TONGPING_SIP_TLS_PORT: `${await freePort()}` },
      ...ours,
    })
    const next = async (method: string) => {
      const asked = (one: StreamPeer) => one.messages.some(m => m.kind === 'request' && m.method === method)
      await until(`a ${method} by ${uri}`, () => made.some(asked), 4000)
      const peer = made.find(asked) as StreamPeer
      return { peer, request: await peer.request(method) }
    }
    const first = await next('REGISTER')
    t.match(first.request.get('via'), isTls ? /^SIP\/2\.0\/TLS / : /^SIP\/2\.0\/TCP /, kind)
    t.match(first.request.get('contact'), isTls ? ';transport=tls>' : ';transport=tcp>', 'called back the same way')
    respond(first.peer, first.request, 401, [challenge])
    const second = await next('REGISTER')
    t.match(second.request.get('authorization'), /algorithm=SHA-256/)
    respond(second.peer, second.request, 200, ['Expires: 600'])
    await until('registered', () => sip.trunk()?.registration === 'registered')

    const aborted = new AbortController()
    const called = sip.call({
      to: '13800138000',
      trunk: config.trunk!.trunk,
      sdp: 'v=0\r\n',
      onProvisional() {},
      signal: aborted.signal,
    })
    called.catch(() => {})
    const invite = await next('INVITE')
    t.match(invite.request.get('via'), isTls ? /^SIP\/2\.0\/TLS / : /^SIP\/2\.0\/TCP /)
    t.match(invite.request.get('contact'), isTls ? ';transport=tls>' : ';transport=tcp>')
    respond(invite.peer, invite.request, 401, [challenge])
    const again = await next('INVITE')
    t.match(again.request.get('authorization'), /algorithm=SHA-256/)
    respond(again.peer, again.request, 486)
    await t.rejects(called, { name: 'CallFailed', kind: 'busy' })
    t.equal(made.length, 1, 'one connection for all')
    await Promise.all([sip.close(), next('REGISTER').then(last => respond(last.peer, last.request, 200))])
  }
})

t.test('[OC26] the trunk that we use is answered, whatever the allow-list says; nobody else is', async t => {
  const port = await freePort()
  const [trunk, stranger] = [await RawPeer.create(port), await RawPeer.create(port, '127.0.0.2')]
  t.teardown(() => {
    trunk.close()
    stranger.close()
  })
  const named = { TONGPING_TRUNK_URI: `sip:localhost:${trunk.port}`, TONGPING_SIP_TRUNKS: '192.0.2.0/24' }
  const { sip } = await open(t, named, port)
  const asked = await trunk.nextRequest('OPTIONS')
  trunk.request('INVITE')
  t.equal(await trunk.count(m => m.kind === 'response', 200), 0, 'its address is not known before it has answered')
  trunk.respond(asked, 200, { toTag: 'o' })
  await until('known', () => sip.trunk()?.reachable === true)
  trunk.request('OPTIONS')
  await trunk.nextResponse(200, 'OPTIONS')
  trunk.request('INVITE')
  await trunk.nextResponse(486)
  stranger.request('OPTIONS')
  stranger.request('INVITE')
  t.equal(await stranger.count(m => m.kind === 'response', 200), 0)
})

t.test('[OC26] a trunk by its address is known at once', async t => {
  const port = await freePort()
  const trunk = await RawPeer.create(port)
  t.teardown(() => trunk.close())
  const uri = { TONGPING_TRUNK_URI: `sip:${trunk.hostPort}`, TONGPING_TRUNK_KEEPALIVE_SECONDS: '0' }
  await open(t, { ...uri, TONGPING_SIP_TRUNKS: '192.0.2.0/24' }, port)
  trunk.request('INVITE')
  await trunk.nextResponse(486)
})

t.test('[CF8] a port that is taken is named by its setting: SIP, or SIP over TLS', async t => {
  const files = await selfSigned(t.testdir(), 'own', ['IP:127.0.0.1'])
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const taken = `${(other.address() as AddressInfo).port}`
  const tls = { TONGPING_SIP_TLS_CERT_FILE: files.certFile, TONGPING_SIP_TLS_KEY_FILE: files.keyFile }
  await t.rejects(open(t, { ...tls, TONGPING_SIP_TLS_PORT: taken }), {
    message: `TONGPING_SIP_TLS_PORT: port ${taken} is taken by another program`,
  })
  await t.rejects(open(t, {}, Number(taken)), {
    message: `TONGPING_SIP_PORT: port ${taken} is taken by another program`,
  })
})
