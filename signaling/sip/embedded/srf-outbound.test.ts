import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import Srf from 'drachtio-srf'
import t, { type Test } from 'tap'
import { answerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import type { TestSrf } from './testing/srf-types.ts'

type Answer = { readonly status?: number; readonly body: unknown }

/** A routing service that answers what a test says and keeps what it was asked. */
async function service(t: Test, answer: (query: URLSearchParams) => Answer) {
  const asked: { query: URLSearchParams; method: string; body: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const query = new URL(request.url ?? '', 'http://x').searchParams
    asked.push({ query, method: request.method ?? '', body, headers: request.headers })
    const said = answer(query)
    response.writeHead(said.status ?? 200, { 'Content-Type': 'application/json' })
    response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function freePort(): Promise<number> {
  const server: Server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** An application that waits for the server. */
async function waitingSrf(t: Test): Promise<{ srf: TestSrf; port: number }> {
  const srf = new Srf() as unknown as TestSrf
  const port = await freePort()
  srf.on('error', () => {})
  srf.listen({ host: '127.0.0.1', port, secret: 'test-secret' })
  // drachtio-srf has no public way to stop listening.
  t.teardown(() => (srf as unknown as { _app: { close(): void } })._app.close())
  await settled()
  return { srf, port }
}

t.test('[SIP190] an application that waits is connected to for each new call; without one: 480', async t => {
  const { srf, port } = await waitingSrf(t)
  let calls = 0
  srf.invite(async (req, res) => {
    calls++
    const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('destroy', () => srf.endSession(req))
  })
  const rig = await SrfRig.create({ requestHandlers: [{ method: 'INVITE', url: `tcp://127.0.0.1:${port}` }] })
  t.teardown(() => rig.close())
  const peer = await rig.peer()
  for (let round = 1; round <= 2; round++) {
    peer.request('INVITE')
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    peer.inDialog('BYE', ok, 2)
    await peer.nextResponse(200, 'BYE')
    t.equal(calls, round)
  }
  peer.request('OPTIONS')
  await peer.nextResponse(503, 'OPTIONS')
  for (let turn = 0; turn < 100 && rig.server.stats().controlConnections > 0; turn++) await settled()
  t.equal(rig.server.stats().controlConnections, 0)
  const nowhere = await SrfRig.create({ requestHandlers: [{ method: '*', url: 'tcp://127.0.0.1:9' }] })
  t.teardown(() => nowhere.close())
  const other = await nowhere.peer()
  other.request('INVITE')
  await other.nextResponse(480)
})

t.test(
  '[SIP191] a service says where a call goes: refused, redirected, to an application, to one by its tag',
  async t => {
    const { srf, port } = await waitingSrf(t)
    srf.invite((_req, res) => res.send(486))
    const answers: Record<string, Answer> = {
      reject: { body: { action: 'reject', data: { status: 404, reason: 'Not\r\nHere: x' } } },
      redirect: { body: { action: 'redirect', data: { contact: ['sip:a@one.test', 'sip:b@two.test'] } } },
      route: { body: { action: 'route', data: { uri: `127.0.0.1:${port}` } } },
      tag: { body: { action: 'route', data: { tag: 'night' } } },
      notag: { body: { action: 'route', data: { tag: 'nobody' } } },
      broken: { body: '{' },
      odd: { body: { action: 'dance', data: {} } },
      failing: { status: 500, body: {} },
    }
    const { url, asked } = await service(t, query => answers[query.get('say') ?? ''] ?? { status: 404, body: {} })
    const rig = await SrfRig.create({ requestHandlers: [{ method: 'INVITE', url }] })
    t.teardown(() => rig.close())
    const [day, night] = [await rig.srf(['day']), await rig.srf(['night', 'late'])]
    day.invite((_req, res) => res.send(488))
    night.invite((_req, res) => res.send(600))
    await settled()
    const peer = await rig.peer()
    const call = async (say: string, status: number) => {
      const branch = `z9hG4bK${say}`
      const own = [`To: <sip:callee@example.com>`, `Call-ID: ${say}`, 'CSeq: 1 INVITE', 'Content-Type: text/x']
      peer.send([`INVITE sip:bob@example.com;say=${say} SIP/2.0`, peer.via(branch), 'From: <sip:al@x>;tag=1', ...own])
      return peer.nextResponse(status)
    }
    t.equal((await call('reject', 404)).reason, 'Not Here: x')
    t.same((await call('redirect', 302)).list('contact'), ['<sip:a@one.test>', '<sip:b@two.test>'])
    await call('route', 486)
    await call('tag', 600)
    await call('notag', 480)
    for (const say of ['broken', 'odd', 'failing']) await call(say, 500)
    const [{ query, headers, method }] = asked as [(typeof asked)[number]]
    t.equal(method, 'GET')
    t.same(Object.fromEntries(query), {
      ...{ method: 'INVITE', domain: 'example.com', protocol: 'udp', source_address: '127.0.0.1', fromUser: 'al' },
      ...{
        toUser: 'callee',
        uriUser: 'bob',
        contentType: 'text/x',
        uri: 'sip:bob@example.com;say=reject',
        say: 'reject',
      },
    })
    t.match(headers, { accept: 'application/json', 'user-agent': /^Drachtio\// })
  },
)

t.test('[SIP192] a service lets a call be proxied, and can be asked by POST with the whole message', async t => {
  let target = ''
  const { url, asked } = await service(t, () => ({ body: { action: 'proxy', data: { destination: target } } }))
  const rig = await SrfRig.create({ requestHandlers: [{ method: '*', url, httpMethod: 'POST' }] })
  t.teardown(() => rig.close())
  const [caller, callee] = [await rig.peer(), await rig.peer()]
  target = `sip:bob@${callee.hostPort}`
  caller.request('INVITE')
  const invite = await callee.nextRequest('INVITE')
  callee.respond(invite, 486, { toTag: 'c' })
  await caller.nextResponse(486)
  t.match(asked[0]?.body, /^INVITE sip:bob@127\.0\.0\.1/)
  t.match(asked[0]?.headers, { 'content-type': 'text/plain' })
})

t.test('[SIP193] a caller who gives up while the service thinks: 487, and nobody is troubled', async t => {
  const wait = Promise.withResolvers<void>()
  const server = createServer(async (_request, response) => {
    await wait.promise
    response.end(JSON.stringify({ action: 'route', data: { tag: 'x' } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rig = await SrfRig.create({ requestHandlers: [{ method: '*', url }] })
  t.teardown(() => rig.close())
  const srf = await rig.srf(['x'])
  let heard = 0
  srf.invite(() => heard++)
  await settled()
  const peer = await rig.peer()
  const { callId, fromTag, branch } = peer.request('INVITE')
  await peer.nextResponse(100)
  peer.request('CANCEL', { callId, fromTag, branch })
  await peer.nextResponse(200, 'CANCEL')
  await peer.nextResponse(487)
  wait.resolve()
  await settled()
  t.equal(heard, 0)
})

t.test('[SIP194] OPTIONS of a load balancer are answered here, others by the application', async t => {
  const rig = await SrfRig.create({ answerOptionsOf: 'Balancer/1' })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.options((_req, res) => res.send(486))
  await settled()
  const peer = await rig.peer()
  peer.request('OPTIONS', { headers: ['User-Agent: Balancer/1'] })
  await peer.nextResponse(200, 'OPTIONS')
  peer.request('OPTIONS', { headers: ['User-Agent: Balancer/12'] })
  await peer.nextResponse(486, 'OPTIONS')
})
