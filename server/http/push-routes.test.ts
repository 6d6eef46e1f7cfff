import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { pdfFixture } from '../../media/picture/pdf-fixture.ts'
import { post, SimulatedSignaling } from '../../scripts/bench/simulated/signaling.ts'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { silence } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Card } from '../../signaling/protocol/page.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { readEntries } from '../../test/harness/archive-reader.ts'
import { until, within } from '../../test/harness/until.ts'

// The real server over HTTP and WebSockets; agents and the phone's page are simulated, the call is a SIP call.
t.setTimeout(120_000)
const server = await InnerServer.start({ push: { linkDomains: ['example.com'] } })
t.teardown(() => server.close())
const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
t.teardown(() => phone.close())
const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
const other = await SimulatedAgent.signIn(server.url, await server.person('agent2'))
t.teardown(() => {
  agent.close()
  other.close()
})
const call = await phone.call('4008001234', { says: silence })
await within('the ringing', 10_000, call.rings)
await agent.answer('13800138000')
const speaking = setInterval(() => agent.speak(), 20)
t.teardown(() => clearInterval(speaking))
await within('the answer', 10_000, call.answered)
const { callId } = agent

const { link } = await agent.sendCode()
const consent = { textVersion: 'test', language: 'en', given: true } as const
const joined = await post<CallerSession>(server.url, '/api/join', {
  token: link.slice(link.lastIndexOf('/') + 1),
  deviceId: randomUUID(),
  language: 'en',
  consents: [
    { ...consent, kind: 'camera' },
    { ...consent, kind: 'recording' },
  ],
})
const caller = await SimulatedSignaling.open(server.url, '/ws/caller', joined.cookie)
const told: JournalEntry[] = []
caller.on('call.entries', ({ entries }) => told.push(...entries))
t.teardown(() => caller.close())

type Answer = { status: number; type: string; body: Buffer; json: Record<string, unknown> }
function http(
  method: 'GET' | 'POST',
  path: string,
  o: { cookie?: string; type?: string; name?: string; body?: Buffer },
) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = {
    origin: server.url,
    cookie: o.cookie ?? agent.cookie,
    ...(o.type && { 'content-type': o.type }),
    ...(o.name && { 'x-file-name': encodeURIComponent(o.name) }),
  }
  const asked = httpsRequest(`${server.url}${path}`, { method, headers, rejectUnauthorized: false }, response => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('end', () => {
      const body = Buffer.concat(parts)
      const type = response.headers['content-type'] ?? ''
      const json = type.includes('json') ? (JSON.parse(body.toString()) as Record<string, unknown>) : {}
      resolve({ status: response.statusCode ?? 0, type, body, json })
    })
  })
  asked.on('error', reject)
  asked.end(o.body)
  return promise
}
const push = (body: Buffer, o: { type?: string; name?: string; cookie?: string } = {}) =>
  http('POST', `/api/calls/${callId}/push`, { type: 'application/octet-stream', ...o, body })
const text: Card = { kind: 'text', about: 'order', title: '', rows: [{ label: 'No', value: '42', copy: true }] }
const shown = (pageId: PageId) =>
  until('the phone to be told', () => told.some(entry => entry.type === 'stage.page' && entry.pageId === pageId))

t.test('[PUSH5] only the call’s own agent pushes; the caller is told the page, then that it is shown', async t => {
  const { pageId } = await agent.signaling.request('push.card', { callId, card: text })
  await shown(pageId)
  t.match(told.find(entry => entry.type === 'page.added')?.page, { id: pageId, kind: 'card', card: text })
  await t.rejects(other.signaling.request('push.card', { callId, card: text }), /forbidden/)
  await t.rejects(caller.request('push.card', { callId, card: text }), /forbidden/)
  t.equal((await push(Buffer.from('x'), { cookie: other.cookie })).status, 403)
  t.equal((await push(Buffer.from('x'), { cookie: joined.cookie })).status, 401)
  const evil: Card = { kind: 'link', title: '', url: 'https://evil.test/', host: 'example.com' }
  await t.rejects(agent.signaling.request('push.card', { callId, card: evil }), /forbidden/)
})

t.test('[PUSH7] what the phone tells is kept once, and only of pages of this call', async t => {
  const { pageId } = await agent.signaling.request('push.card', { callId, card: text })
  for (let again = 0; again < 2; again++) {
    await caller.request('page.loaded', { pageId })
    await caller.request('page.seen', { pageId })
    await caller.request('page.copied', { pageId, row: 0 })
    await caller.request('caller.look', { at: pageId })
  }
  await t.rejects(caller.request('page.copied', { pageId, row: 1 }), /bad-request/, 'no such row')
  for (const name of ['page.loaded', 'page.seen'] as const)
    await t.rejects(caller.request(name, { pageId: newId('page') }), /not-found/)
  await t.rejects(caller.request('caller.look', { at: newId('page') }), /not-found/)
  await t.rejects(agent.signaling.request('page.seen', { pageId }), /forbidden/, 'the agent cannot say it was seen')
  const folder = (await server.archives()).find(one => one.endsWith(callId)) ?? ''
  const about = await until('the journal on the disk', async () => {
    const found = (await readEntries(folder)).filter(
      entry =>
        (entry.type.startsWith('page.') && 'pageId' in entry && entry.pageId === pageId) ||
        entry.type === 'caller.looked',
    )
    return found.length >= 4 && found
  })
  t.same(
    about.map(entry => entry.type),
    ['page.loaded', 'page.seen', 'page.copied', 'caller.looked'],
  )
})

t.test('[PUSH8] a picture is told by its content, freed of metadata, and shown at once', async t => {
  const photo = await sharp({ create: { width: 320, height: 200, channels: 3, background: 'teal' } })
    .withExif({ IFD0: { Make: 'SECRET-PHONE' } })
    .jpeg()
    .toBuffer()
  const answer = await push(photo, { name: '接线图.jpg' })
  t.equal(answer.status, 200)
  const pageId = answer.json.pageId as PageId
  await shown(pageId)
  t.match(
    told.find(entry => entry.type === 'page.added' && entry.page.id === pageId),
    {
      page: {
        kind: 'pushed',
        title: '接线图.jpg',
        from: { kind: 'file' },
        picture: { source: 'agent-file', widthPx: 320 },
      },
    },
  )
  const seen = await http('GET', `/api/calls/${callId}/pictures/${pageId}`, { cookie: joined.cookie })
  t.match(seen, { status: 200, type: /^image\/jpeg/ })
  t.notOk(seen.body.includes('SECRET-PHONE'))
  for (const [bytes, status, reason] of [
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 415, 'unknown-type'],
    [photo.subarray(0, 200), 422, 'undecodable'],
    [Buffer.alloc(25 * 1024 * 1024 + 1), 413, 'too-large'],
    [Buffer.from('%PDF-1.4 broken'), 400, 'broken'],
  ] as const) {
    const refused = await push(bytes)
    t.match(refused, { status, json: { reason } }, reason)
  }
})

t.test('[PUSH12] a PDF is kept as it came; the agent sees its pages small and chooses which one is shown', async t => {
  const pdf = pdfFixture([
    { words: 'One', rgb: [1, 0, 0] },
    { words: 'Two', rgb: [0, 0, 1] },
  ])
  const { json } = await push(pdf, { type: 'application/pdf', name: 'manual.pdf' })
  t.match(json, { kind: 'document', name: 'manual.pdf', pages: 2 })
  const documentId = String(json.documentId)
  const small = await http('GET', `/api/calls/${callId}/documents/${documentId}/2`, {})
  t.match(small, { status: 200, type: /^image\/png/ })
  t.equal((await sharp(small.body).metadata()).height, 280)
  for (const path of [`${documentId}/3`, `${documentId}/0`, `${documentId}/x`, 'doc_unknown/1'])
    t.equal((await http('GET', `/api/calls/${callId}/documents/${path}`, {})).status, 404, path)
  t.equal((await http('GET', `/api/calls/${callId}/documents/${documentId}/1`, { cookie: other.cookie })).status, 403)
  t.equal((await http('GET', `/api/calls/${callId}/documents/${documentId}/1`, { cookie: joined.cookie })).status, 401)
  t.same((await http('GET', `/api/calls/${callId}/documents`, {})).json, {
    documents: [{ documentId, name: 'manual.pdf', pages: 2 }],
  })
  const { pageId } = await agent.signaling.request('push.pdfPage', { callId, documentId, page: 2 })
  await shown(pageId)
  t.match(
    told.find(entry => entry.type === 'page.added' && entry.page.id === pageId),
    {
      page: { kind: 'pushed', from: { kind: 'pdf', documentId, page: 2, pages: 2 }, picture: { source: 'pdf-page' } },
    },
  )
  await t.rejects(agent.signaling.request('push.pdfPage', { callId, documentId, page: 3 }), /not-found/)
})

t.test('[PUSH5] a kind of call without the tool pushes nothing', async t => {
  await agent.signaling.request('scenario.choose', { callId, scenario: 'claim' })
  const video = { transportId: 'x', kind: 'video', screen: true, rtpParameters: { codecs: [] } } as never
  await t.rejects(agent.signaling.request('media.produce', video), /bad-request|forbidden/)
  await agent.signaling.request('scenario.choose', { callId, scenario: 'repair' })
})

t.test('[PUSH12] the archive holds the document, bit by bit', async t => {
  await agent.hangUp()
  await call.ended
  const folder = await server.sealedArchive()
  const received = (await readEntries(folder)).find(entry => entry.type === 'file.received')
  t.match(received, { mimeType: 'application/pdf', name: 'manual.pdf' })
  const kept = await readFile(join(folder, received?.type === 'file.received' ? received.file : ''))
  t.ok(
    kept.equals(
      pdfFixture([
        { words: 'One', rgb: [1, 0, 0] },
        { words: 'Two', rgb: [0, 0, 1] },
      ]),
    ),
  )
})
