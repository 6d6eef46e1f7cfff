import { setTimeout as sleep } from 'node:timers/promises'
import jwt from 'jsonwebtoken'
import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { Integration } from '../harness/integration.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'
import { WebhookReceiver } from '../harness/webhook-receiver.ts'

// A contact centre keeps its own telephony and tells of its calls by REST.
t.setTimeout(300_000)
const SECRET = 'a-secret-of-the-contact-centre'
const WEBHOOK_SECRET = 'the-secret-of-the-webhook'
const CALL = 'acd-7781-0042'
const hook = await WebhookReceiver.start(WEBHOOK_SECRET)
const server = await InnerServer.start({
  external: {
    integrations: new Map([
      ['acd', SECRET],
      ['crm', 'another-secret-of-another-one'],
    ]),
    webhook: { url: hook.url, secret: WEBHOOK_SECRET },
  },
})
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language: 'en-US' })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 9, text: 'METER 77', colour: '#0050d0' },
})
const reviewBrowser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close(), reviewBrowser.close()])
  await server.close()
  await hook.close()
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const acd = new Integration(server, `Bearer acd:${SECRET}`)
const order = { externalId: CALL, agentId: 'agent', callerNumber: '13800138077', calledNumber: '4008001234' }

t.test('[EX1] only a system with its secret, or a fresh token signed with it, is let in', async t => {
  const token = (claims: object, secret = SECRET) =>
    `Bearer ${jwt.sign({ iss: 'acd', aud: 'tongping-external-calls', ...claims }, secret, { algorithm: 'HS256' })}`
  const now = Math.floor(Date.now() / 1000)
  const wrong = {
    nothing: undefined,
    'a wrong secret': 'Bearer acd:a-secret-of-the-contact-center',
    'a secret of another': 'Bearer crm:a-secret-of-the-contact-centre',
    'a token without an end': token({}),
    'an old token': token({ iat: now - 7200, exp: now + 60 }),
    'a token that has run out': token({ iat: now - 120, exp: now - 60 }),
    'a token of nobody': token({ iss: 'nobody', exp: now + 60 }),
    'a token with a wrong signature': token({ exp: now + 60 }, 'another-secret-of-another-one'),
    'a token for another door': token({ aud: 'agent', exp: now + 60 }),
  }
  for (const [what, authorization] of Object.entries(wrong))
    t.equal((await new Integration(server, authorization).post('/api/external-calls', order)).status, 401, what)
  const good = await new Integration(server, token({ exp: now + 60 })).get('/api/external-calls/none')
  t.equal(good.status, 404, 'a good token is let in, and told that there is no such call')
})

t.test('[EX2] what is not as expected is refused with its place, and nothing is opened', async t => {
  const wrong = [
    { ...order, externalId: 'with space' },
    { ...order, callerNumber: '<sip:x>' },
    { ...order, more: 1 },
    { ...order, scenario: 'no-such' },
    { externalId: CALL },
    { ...order, attributes: { order: 'x'.repeat(201) } },
    { ...order, callerNumber: undefined, sendCode: true },
  ]
  for (const body of wrong) t.equal((await acd.post('/api/external-calls', body)).status, 400, JSON.stringify(body))
  const nobody = await acd.post('/api/external-calls', { ...order, agentId: 'reviewer' })
  t.equal(nobody.status, 404, 'a reviewer is no agent')
  t.equal((await acd.get(`/api/external-calls/${CALL}`)).status, 404)
})

t.test('[EX3] registered → the agent’s page opens it → phone by code → picture → ended there → sealed', async t => {
  await agent.by('idle').waitFor()
  hook.refusals = 1
  const [first, again] = await Promise.all([
    acd.post('/api/external-calls', { ...order, language: 'en', attributes: { Order: 'B-2026-11' } }),
    acd.post('/api/external-calls', order),
  ])
  t.equal(first.status, 200)
  t.equal(first.body.state, 'open')
  t.equal(first.body.voice, 'elsewhere')
  t.match(first.body.workbench, /\/agent$/)
  t.match(first.code.digits, /^\d{6}$/)
  t.equal(again.body.callId, first.body.callId, 'the same id is the same call, also at the same moment')
  t.equal(again.code.link, first.code.link)
  const other = await acd.post('/api/external-calls', { ...order, agentId: 'agent2' })
  t.equal(other.status, 409, 'not another agent’s')
  const second = await acd.post('/api/external-calls', { ...order, externalId: 'another' })
  t.equal(second.status, 409, 'an agent speaks in one call')
  const stranger = new Integration(server, 'Bearer crm:another-secret-of-another-one')
  t.equal((await stranger.get(`/api/external-calls/${CALL}`)).status, 404, 'another system knows nothing of it')

  await agent.by('external-call').waitFor()
  t.equal(await agent.by('external-call').getAttribute('data-voice'), 'elsewhere')
  t.match(await agent.by('external-id').textContent(), CALL)
  t.equal(await agent.by('mute').count(), 0, 'no voice, no buttons for it')
  t.equal(await agent.by('voice-state').count(), 0)
  if (process.env.TEST_SHOTS) await agent.page.screenshot({ path: `${process.env.TEST_SHOTS}/agent.png` })
  t.equal(await agent.by('invite-digits').getAttribute('data-digits'), first.code.digits)

  const phone = await PhonePage.open(phoneBrowser, first.code.link)
  await phone.startCamera()
  const seen = await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  t.equal(seen.camera, 9)
  await agent.by('freeze').click()
  await agent.by('stage-canvas').waitFor()
  await sleep(500)
  const live = await acd.get(`/api/external-calls/${CALL}`)
  t.match(live.body, { state: 'open', joined: true, camera: 'live', agent: { name: String } })

  await agent.by('live').click()
  await agent.page.reload()
  await agent.by('external-call').waitFor()
  await until('the picture after a reload', () => codeIn(agent.by('remote-video')).catch(() => undefined))

  const ended = await acd.post(`/api/external-calls/${CALL}/end`)
  t.match(ended.body, { state: /ended|sealed/, end: 'ended-elsewhere' })
  await agent.by('ended-call').waitFor()
  const folder = await server.sealedArchive({ muxed: true, timeoutMs: 60_000 })
  const manifest = await readManifest(folder)
  t.same(manifest.external, { system: 'acd', id: CALL, origin: 'api', voice: 'elsewhere' })
  t.same(manifest.findings, [], 'no voice was promised, so none is missed')
  t.same(manifest.remarks, [])
  t.notOk(manifest.tracks.some(track => track.track.endsWith('voice')))
  t.ok(manifest.tracks.some(track => track.track === 'caller-camera'))
  const entries = await readEntries(folder)
  t.match(
    entries.slice(0, 2).map(entry => entry.type),
    ['call.answered', 'call.external'],
  )
  t.match(entries[1], { attributes: [{ label: 'Order', value: 'B-2026-11' }] })
  t.equal((await acd.post('/api/external-calls', order)).status, 410, 'a call that is over is not opened again')
})

t.test('[EX4] the webhook tells in order, signed, and again when it was not taken', async t => {
  await until('the seal', () => hook.received.some(one => one.event === 'sealed'))
  const events = hook.received.map(one => one.event)
  t.same(events, ['registered', 'joined', 'camera-live', 'picture', 'ended', 'sealed'])
  t.ok(hook.received.every(one => one.externalId === CALL))
  t.equal(new Set(hook.received.map(one => one.id)).size, events.length)
  t.equal(hook.wronglySigned, 0)
  t.notMatch(JSON.stringify(hook.received), '13800138077')
})

t.test('[EX5] the record is found by the outside id, says where the voice is, and plays', async t => {
  const review = await ReviewPage.signIn(reviewBrowser, server, await server.person('compliance'))
  await review.by('search-text').fill(CALL)
  await review.by('search-submit').click()
  await review.by('review-row').click()
  await review.by('reason').fill('outside call')
  await review.by('open-record').click()
  await review.by('verdict').waitFor()
  t.match(await review.by('external-id').textContent(), CALL)
  t.equal(await review.by('external-id').getAttribute('data-voice'), 'elsewhere')
  await review.by('replay-video').waitFor({ state: 'attached' })
  if (process.env.TEST_SHOTS) await review.page.screenshot({ path: `${process.env.TEST_SHOTS}/review.png` })
  const frames = await review.play(6_500)
  t.ok(frames.length > 5, 'the replay moves')
  t.same(complaintsOf(agentBrowser, phoneBrowser, reviewBrowser), [])
})

t.test('[EX6] a new code, the agent’s own end, and what nobody ended', async t => {
  const opened = await acd.post('/api/external-calls', { ...order, externalId: 'second' })
  t.equal(opened.status, 200)
  const renewed = await acd.post('/api/external-calls/second/code')
  t.not(renewed.code.digits, opened.code.digits)
  t.equal((await acd.post('/api/external-calls/none/end')).status, 404)
  await agent.by('external-call').waitFor()
  await agent.hangUp()
  const ended = await until('the end', async () => {
    const state = await acd.get('/api/external-calls/second')
    return state.body.state !== 'open' && state.body
  })
  t.equal(ended.end, 'agent-hung-up')

  const short = await InnerServer.start({ external: { integrations: new Map([['acd', SECRET]]), limitMs: 700 } })
  t.teardown(() => short.close())
  const impatient = new Integration(short, `Bearer acd:${SECRET}`)
  t.equal((await impatient.post('/api/external-calls', order)).status, 200)
  const over = await until('the time limit', async () => {
    const { body } = await impatient.get(`/api/external-calls/${CALL}`)
    return body.state === 'sealed' && body
  })
  t.equal(over.end, 'time-limit')
})
