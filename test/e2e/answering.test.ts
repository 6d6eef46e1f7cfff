import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { until, within } from '../harness/until.ts'

t.setTimeout(120_000)

t.test(
  '[CA8] an agent who leaves while answering leaves a call that rings on, and that a second press answers',
  async t => {
    const server = await InnerServer.start()
    const browser = await TestBrowser.launch({ microphoneHz: 620 })
    t.teardown(async () => {
      await browser.close()
      await server.close()
    })
    const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
    const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
    t.teardown(() => phone.close())
    const call = await phone.call('4008001234', { says: tone(440) })
    await within('the ringing', 5000, call.rings)
    await agent.by('answer').waitFor()
    // The browser's media never comes up, so that the page goes away in the middle of answering, however fast that is here.
    await agent.page.evaluate(() => {
      RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {})
      document.querySelector<HTMLElement>('[data-test="answer"]')?.click()
    })
    await agent.by('answer').waitFor({ state: 'detached' })
    t.notOk(call.isOver, 'the caller hears ringing while the agent answers')
    await agent.page.reload()
    await agent.by('answer').waitFor({ timeout: 15_000 })
    t.notOk(call.isOver, 'the caller still hears ringing')
    await agent.by('answer').click()
    await within('the answer', 10_000, call.answered)
    await Promise.all([agent.hears(440), phoneHears(call, 620)])
    await call.hangUp()
    const folders = await until('the archive', async () => {
      const found = await server.archives()
      return found.length > 0 && found
    })
    t.equal(folders.length, 1, 'one archive of one call')
  },
)

t.test('[CA10] an agent declines a ringing call: the caller hears 603, and there is no archive', async t => {
  const server = await InnerServer.start()
  const browser = await TestBrowser.launch()
  t.teardown(async () => {
    await browser.close()
    await server.close()
  })
  const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
  const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
  t.teardown(() => phone.close())
  const call = await phone.call('4008001234', { says: tone(440) })
  call.answered.catch(() => {})
  await within('the ringing', 5000, call.rings)
  await agent.by('decline').click()
  t.match(await within('the refusal', 5000, call.ended), { by: 'peer', status: 603 })
  await agent.by('decline').waitFor({ state: 'detached' })
  t.same(await server.archives(), [], 'nobody spoke, nothing is kept')
})
