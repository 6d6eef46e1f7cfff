import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { App } from '../../server/app.ts'
import { Outbox, WebhookSender } from '../../server/assist/code-sender.ts'
import { testConfig } from '../../server/config/test-config.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { SipServer } from '../../signaling/sip/embedded/sip-server.ts'
import { within } from '../harness/until.ts'

/** What a stranger on the network finds at each door of a running server; and the other ways to run it. */
t.setTimeout(100_000)

const dataDir = await mkdtemp(join(tmpdir(), 'tongping-data-'))
const app = await App.create(testConfig(dataDir))
t.teardown(() => app.close())
// Plain HTTP serves this machine itself; browsers elsewhere are sent to HTTPS.
const url = app.addresses.http
const origin = url
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...headers },
    body: JSON.stringify(body),
  })
const person = (role: string) => {
  const found = app.signInSheet.find(one => one.role === role)
  if (!found) throw new Error(`no ${role}`)
  return found
}
async function signedIn(role: 'agent' | 'reviewer'): Promise<string> {
  const { name, password } = person(role)
  const response = await post('/api/sign-in', { name, password, role })
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

t.test('[DR1] health and metrics', async t => {
  const health = await fetch(`${url}/healthz`)
  t.equal(health.status, 200)
  t.match(await health.json(), { status: 'ok', checks: { sip: 'ok', mediaWorker: 'ok', disk: 'ok' } })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  t.match(metrics, /^tongping_calls\{phase="talking"\} 0$/m)
  for (const kind of ['stranger', 'malformed', 'unauthentic', 'replayed'])
    t.match(metrics, new RegExp(`^tongping_voice_refused_total\\{kind="${kind}"\\} 0$`, 'm'))
  t.match(metrics, /^process_cpu_seconds_total /m)
  t.equal((await fetch(`${url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).status, 403)
})

t.test('[DR2] sign-in gives a cookie that no script reads and no other site sends', async t => {
  const { name, password } = person('agent')
  const good = await post('/api/sign-in', { name, password, role: 'agent' })
  t.match(good.headers.get('set-cookie') ?? '', /^tp_agent=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  t.equal((await post('/api/sign-in', { name, password: 'wrong', role: 'agent' })).status, 401)
  t.equal((await post('/api/sign-in', { name, password, role: 'reviewer' })).status, 401)
})

t.test('[AU9] a POST or a WebSocket of another site is refused before anything else', async t => {
  const { name, password } = person('agent')
  const foreign = await post('/api/sign-in', { name, password, role: 'agent' }, { origin: 'https://evil.example' })
  t.equal(foreign.status, 403)
  const none = await fetch(`${url}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  t.equal(none.status, 403)
  const cookie = await signedIn('agent')
  t.equal(await wsStatus('/ws/agent', { origin: 'https://evil.example', cookie }), 403)
})

t.test('[DR3] each role finds only its own door open', async t => {
  const [agent, reviewer] = await Promise.all([signedIn('agent'), signedIn('reviewer')])
  t.equal((await fetch(`${url}/api/review/calls`, { headers: { cookie: agent } })).status, 401)
  t.equal((await fetch(`${url}/api/review/calls`, { headers: { cookie: reviewer } })).status, 200)
  t.equal((await fetch(`${url}/api/outbox`, { headers: { cookie: reviewer } })).status, 401)
  t.equal(await wsStatus('/ws/agent', { origin }), 401)
  t.equal(await wsStatus('/ws/agent', { origin, cookie: reviewer }), 401)
  t.equal(await wsStatus('/ws/caller', { origin, cookie: agent }), 401)
  t.equal(await wsStatus('/ws/other', { origin, cookie: agent }), 404)
  t.equal(await wsStatus('/ws/agent', { origin, cookie: agent }), 101)
  const swapped = agent.replace('tp_agent', 'tp_reviewer')
  t.equal(
    (await fetch(`${url}/api/review/calls`, { headers: { cookie: swapped } })).status,
    401,
    'nor with the token moved over',
  )
})

t.test('[DR4] bad input gets a clear, typed refusal', async t => {
  const refusal = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) })
  t.match(await refusal(await post('/api/join', { token: 'x' })), { status: 400, code: 'bad-request' })
  t.match(await refusal(await post('/api/join/digits', { digits: '12345a' })), { status: 400, code: 'bad-request' })
  t.match(await refusal(await post('/api/join/digits', { digits: '123456' })), { status: 403, refusal: 'wrong-digits' })
  t.match(await refusal(await post('/api/sign-in', 'x'.repeat(100_000))), { status: 413, code: 'bad-request' })
  t.match(await refusal(await fetch(`${url}/api/nothing`)), { status: 404, code: 'not-found' })
  const token = 'A'.repeat(22)
  const join = {
    token,
    deviceId: 'device-1234',
    language: 'en',
    consents: [{ kind: 'camera', textVersion: '1', language: 'en', given: true }],
  }
  t.match(await refusal(await post('/api/join', join)), { status: 404, refusal: 'unknown' })
  const cookie = await signedIn('reviewer')
  const path = `/api/review/calls/${newId('call')}/files/..%2f..%2fsecrets/jwt.key`
  t.match(await refusal(await fetch(url + path, { headers: { cookie } })), { status: 403 })
})

t.test('[DR5] pages carry a strict policy and what the phone needs before the tap', async t => {
  const response = await fetch(`${url}/j/${'A'.repeat(22)}`, { headers: { 'accept-language': 'zh-CN' } })
  const policy = response.headers.get('content-security-policy') ?? ''
  t.match(policy, /default-src 'none'/)
  t.notMatch(policy, /unsafe/)
  const html = await response.text()
  const boot = JSON.parse(/id="boot"[^>]*>([^<]+)</.exec(html)?.[1] ?? '{}') as object
  t.match(boot, { kind: 'link', state: 'unknown', language: 'zh-CN', resume: false })
  t.notMatch(html, '__NONCE__')
  t.equal(
    (await fetch(`${url}/j/x`, { headers: { 'accept-encoding': 'gzip' } })).headers.get('content-encoding'),
    'gzip',
  )
})

t.test('[WS4] what is not our protocol is closed', async t => {
  const cookie = await signedIn('agent')
  const options = { headers: { origin, cookie } }
  const nonsense = new WebSocket(`${url.replace('http', 'ws')}/ws/agent`, ['tongping.1'], options)
  await once(nonsense, 'open')
  nonsense.send('nonsense')
  t.equal((await once(nonsense, 'close'))[0], 4400)
  const large = new WebSocket(`${url.replace('http', 'ws')}/ws/agent`, ['tongping.1'], options)
  await once(large, 'open')
  large.send('x'.repeat(200_000))
  t.equal((await once(large, 'close'))[0], 1009)
})

t.test('[IN9] the SMS webhook gets link and number, signed; a refusal is an error', async t => {
  const got: { body: string; signature: string | undefined }[] = []
  let status = 202
  const receiver = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += String(piece)
    got.push({ body, signature: request.headers['x-tongping-signature'] as string | undefined })
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.teardown(() => receiver.close())
  const sender = new WebhookSender(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/sms`, 'north')
  const message = { callId: newId('call'), to: '13800138000', link: 'https://x/j/1', text: 'tap' }
  await sender.send(message)
  t.same(JSON.parse(got[0]?.body ?? ''), message)
  const { createHmac } = await import('node:crypto')
  t.equal(
    got[0]?.signature,
    `sha256=${createHmac('sha256', 'north')
      .update(got[0]?.body ?? '')
      .digest('hex')}`,
  )
  status = 500
  await t.rejects(sender.send(message), /500/)
  const outbox = new Outbox()
  await outbox.send(message)
  t.match(outbox.ofCalls(new Set([message.callId])), [{ link: message.link }])
  t.same(outbox.ofCalls(new Set([newId('call')])), [], 'another agent sees nothing of it')
})

t.test('[CA7] one setting puts a drachtio server of its own in place of the embedded one', async t => {
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: 'cymru' },
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
  })
  t.teardown(() => server.close())
  const other = await App.create(
    testConfig(await mkdtemp(join(tmpdir(), 'tongping-data-')), {
      sip: { kind: 'drachtio', host: '127.0.0.1', port: server.controlPort, secret: 'cymru' },
      rtp: { minPort: 40_000, maxPort: 40_019 },
    }),
  )
  t.teardown(() => other.close())
  const port = Number(other.addresses.sip.split(':').at(-1))
  const phone = await SipPhone.create({ server: { host: '127.0.0.1', port, transport: 'udp' }, number: '13800138000' })
  t.teardown(() => phone.close())
  const call = await phone.call('4008001234', { says: tone(440) })
  await within('ringing', 5000, call.rings)
  const ended = call.ended
  const drained = other.drain(5000)
  const refused = await phone.call('4008001234', { says: tone(440) })
  t.match(await within('the refusal', 5000, refused.ended), { status: 503 }, 'a draining server takes no new call')
  await call.cancel()
  t.match(await within('the end', 5000, ended), { status: 487 })
  await within('the drain', 5000, drained)
})

t.test('[CA9] with users configured, a call without the password is challenged and never rings', async t => {
  const guarded = await App.create(
    testConfig(await mkdtemp(join(tmpdir(), 'tongping-data-')), {
      sip: { auth: { realm: 'tongping', users: new Map([['trunk', 'north-wind']]) } },
      rtp: { minPort: 40_020, maxPort: 40_039 },
    }),
  )
  t.teardown(() => guarded.close())
  const server = { host: '127.0.0.1', port: Number(guarded.addresses.sip.split(':').at(-1)), transport: 'udp' } as const
  const dial = async (password: string | undefined) => {
    const phone = await SipPhone.create({ server, number: 'trunk', ...(password !== undefined && { password }) })
    t.teardown(() => phone.close())
    return phone.call('4008001234', { says: tone(440) })
  }
  for (const wrong of [undefined, 'south-wind']) {
    const call = await dial(wrong)
    const end = await within('the refusal', 5000, call.ended)
    t.ok([401, 403, 407].includes(end.status), `${end.status}`)
    t.notOk(call.statuses.includes(180), 'no agent heard of it')
  }
  const call = await dial('north-wind')
  await within('ringing', 5000, call.rings)
  await call.cancel()
})

/** The HTTP status of an upgrade: 101 when it was let in. */
function wsStatus(path: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, ['tongping.1'], { headers })
  return new Promise(resolve => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', () => {})
    socket.on('open', () => {
      socket.close()
      resolve(101)
    })
  })
}
