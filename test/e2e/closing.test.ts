import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readManifest } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { childrenOfThis as children, openHandles as open } from '../harness/left-open.ts'
import { until, within } from '../harness/until.ts'

t.setTimeout(220_000)

t.test('[E2E7] closing in mid-call ends the call properly and leaves no timer, socket or child process', async t => {
  // The browser is started by this process too, so it comes first and is counted.
  const browser = await TestBrowser.launch({ microphoneHz: 620 })
  t.teardown(() => browser.close())
  const childrenBefore = await children()
  const openBefore = open()
  const server = await InnerServer.start()
  const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
  const { phone, call } = await callUp({ server, agent, says: tone(440) })
  await agent.hears(440)
  t.ok((await children()).length > childrenBefore.length, 'the worker runs as a child')

  const before = await server.archives()
  t.equal(before.length, 1)
  let end: unknown
  await within(
    'closing',
    20_000,
    server.closeKeeping(async () => {
      const [folder] = await server.archives()
      end = folder === undefined ? undefined : (await readManifest(folder)).end
    }),
  )
  t.match(await within('the BYE', 5000, call.ended), { by: 'peer' })
  t.match(end, { cause: 'server-stopped' })
  phone.close()
  await until('only what was there before', async () => {
    const extra = (await children()).filter(pid => !childrenBefore.includes(pid))
    return extra.length === 0 && open().length <= openBefore.length
  }).catch(async () => t.same(open(), openBefore))
  t.same(
    (await children()).filter(pid => !childrenBefore.includes(pid)),
    [],
  )
  await server.close()
})
