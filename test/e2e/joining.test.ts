import t from 'tap'
import { silence } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

const camera = { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' }
const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({ phone: true, camera })
const otherPhone = await TestBrowser.launch({ phone: true, camera, language: 'en-US' })
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close(), otherPhone.close()])
  await server.close()
})
const { phone, call } = await callUp({ server, agent, says: silence })
t.teardown(() => phone.close())
let link = ''
let digits = ''
/** A second phone that opened the link while it was still good. */
let onlooker: PhonePage

t.test('[E2E2] looking at the link does not spend it', async t => {
  const code = await agent.sendCode()
  link = code.link
  digits = code.digits
  for (let look = 0; look < 3; look += 1) {
    onlooker = await PhonePage.open(otherPhone, link)
    await onlooker.by('start-camera').waitFor()
  }
  t.pass('opened three times by a page that never tapped')
})

t.test('[E2E2] wrong digits are refused in words', async t => {
  const page = await PhonePage.open(phoneBrowser, `${server.url}/`)
  await page.enterDigits(digits === '123456' ? '654321' : '123456')
  t.equal(await page.refusal(), 'wrong-digits')
})

t.test('[E2E2] the spoken digits open the camera page', async t => {
  const page = await PhonePage.open(phoneBrowser, `${server.url}/`)
  await page.enterDigits(digits)
  await page.startCamera()
  const seen = await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  t.equal(seen.camera, 5)
  await page.by('stop').click()
  await page.by('preview').waitFor({ state: 'detached' })
})

t.test('[E2E2] another device that has the page open is told so when it taps', async t => {
  for (const consent of ['consent-camera', 'consent-recording']) await onlooker.by(consent).check()
  await onlooker.by('start-camera').click()
  t.equal(await onlooker.refusal(), 'other-device')
})

t.test('[E2E2] the spent code opens for nobody else', async t => {
  const page = await PhonePage.open(otherPhone, link)
  t.equal(await page.refusal(), 'already-used')
})

t.test('[E2E2] a link nobody issued is unknown', async t => {
  const page = await PhonePage.open(otherPhone, `${server.url}/j/AAAAAAAAAAAAAAAAAAAAAA`)
  t.equal(await page.refusal(), 'unknown')
})

t.test('[E2E2] guessing locks the address before six wrong codes, right ones included', async t => {
  const { digits: right } = await agent.sendCode()
  const guess = async (value: string) => {
    const response = await otherPhone.context.request.post(`${server.url}/api/join/digits`, {
      data: { digits: value },
      headers: { origin: server.url },
    })
    const body = (await response.json()) as { refusal?: string; retryAfterMs?: number }
    return { status: response.status(), ...body }
  }
  const answers = []
  for (let tries = 0; tries < 6; tries += 1) answers.push(await guess(right === '000000' ? '000001' : '000000'))
  t.ok(answers.every(answer => answer.status >= 400))
  t.equal(answers.at(-1)?.refusal, 'locked')
  t.ok((answers.at(-1)?.retryAfterMs ?? 0) > 60_000, 'for minutes')
  t.match(await guess(right), { refusal: 'locked' }, 'a locked address learns nothing from a right guess')
})

t.test('[E2E2] after the call every code is dead, and the page says so', async t => {
  const code = await agent.sendCode()
  await agent.hangUp()
  await call.ended
  const page = await PhonePage.open(otherPhone, code.link)
  t.equal(await page.refusal(), 'call-ended')
  const folder = await server.sealedArchive()
  const reasons = (await readEntries(folder)).flatMap(entry => (entry.type === 'invite.refused' ? [entry.reason] : []))
  t.ok(reasons.filter(reason => reason === 'wrong-digits').length >= 5, `journalled: ${reasons.join(', ')}`)
  t.ok(reasons.includes('already-used'), 'the second use is journalled')
  t.ok(reasons.includes('other-device'), 'so is the other device')
})

t.test('[E2E2] a code that was not used in time has expired', async t => {
  const quick = await InnerServer.start({ calls: { inviteTtlMs: 1500 } })
  t.teardown(() => quick.close())
  const desk = await AgentPage.signIn(agentBrowser, quick, await quick.person('agent'))
  const up = await callUp({ server: quick, agent: desk, says: silence })
  t.teardown(() => up.phone.close())
  const code = await desk.sendCode()
  await until('the workbench to say expired', async () => (await desk.inviteState()) === 'expired')
  const page = await PhonePage.open(phoneBrowser, code.link)
  t.equal(await page.refusal(), 'expired')
  await up.call.hangUp()
})
