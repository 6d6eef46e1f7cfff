import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { OuterServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { heardTone } from '../harness/measure-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(120_000)

t.test('[E2E8] the demo: a simulated caller rings by itself, speaks, and rings again after the hang-up', async t => {
  const server = await OuterServer.start({ demo: true, env: { TONGPING_LOG_LEVEL: 'info' } })
  t.teardown(() => server.close())
  const browser = await TestBrowser.launch({ microphoneHz: 620 })
  t.teardown(() => browser.close())
  const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
  await agent.answer()
  const heard = await until('speech in the agent’s page', () => heardTone(agent.page, 500))
  t.ok(heard.levelDb > -50, `speech at ${heard.levelDb.toFixed(0)} dB`)
  await agent.hangUp()
  await agent.by('hang-up').waitFor({ state: 'detached' })
  await agent.by('answer').waitFor({ timeout: 30_000 })
  t.match(server.output.join(''), /SIMULATED|simulated/, 'the terminal says what is simulated')
})
