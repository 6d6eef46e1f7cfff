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

t.test('[E2E2] looking at the link does not spend it', async t => {
  const code = await agent.sendCode()
  link = code.link
  digits = code.digits
  for (let look = 0; look < 3; look += 1) {
    const robot = await PhonePage.open(otherPhone, link)
    await robot.by('start-camera').waitFor()
  }
  t.pass('opened three times by a page that never tapped')
})

t.test('[E2E2] wrong digits are refused, and six of them lock', async t => {
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
})

t.test('[E2E2] the spent code opens for nobody else', async t => {
  const page = await PhonePage.open(otherPhone, link)
  t.match(await page.refusal(), /^(already-used|other-device)$/)
})

t.test('[E2E2] a link nobody issued is unknown', async t => {
  const page = await PhonePage.open(otherPhone, `${server.url}/j/AAAAAAAAAAAAAAAAAAAAAA`)
  t.equal(await page.refusal(), 'unknown')
})

t.test('[E2E2] after the call every code is dead, and the page says so', async t => {
  const fresh = await agent.sendCode().catch(() => undefined)
  await agent.hangUp()
  await call.ended
  const page = await PhonePage.open(otherPhone, fresh?.link ?? link)
  t.equal(await page.refusal(), 'call-ended')
  const folder = await server.sealedArchive()
  const reasons = (await readEntries(folder)).flatMap(entry => (entry.type === 'invite.refused' ? [entry.reason] : []))
  t.ok(reasons.includes('wrong-digits') || reasons.length > 0, `journalled refusals: ${reasons.join(', ')}`)
})
