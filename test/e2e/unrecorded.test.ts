import { readdir } from 'node:fs/promises'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(150_000)

t.test('[PPL7] a caller who refuses the recording is seen, and nothing of the picture is kept', async t => {
  const server = await InnerServer.start()
  const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
  const phoneBrowser = await TestBrowser.launch({
    phone: true,
    camera: { camera: 9, text: 'UNRECORDED', colour: '#0050d0' },
  })
  t.teardown(async () => {
    await Promise.all([agentBrowser.close(), phoneBrowser.close()])
    await server.close()
  })
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  const { phone, call } = await callUp({ server, agent, says: tone(440) })
  t.teardown(() => phone.close())
  const page = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
  await page.by('consent-camera').check()
  await page.by('start-camera').click()
  const seen = await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  t.equal(seen.camera, 9, 'the agent sees the camera')
  const refused = await agent.page.evaluate(async () => {
    const freeze = document.querySelector<HTMLButtonElement>('[data-test="freeze"]')
    return freeze === null || freeze.disabled
  })
  if (!refused) await agent.by('freeze').click()
  await call.hangUp()
  const folder = await server.sealedArchive()
  const entries = await readEntries(folder)
  const recording = entries.find(entry => entry.type === 'consent.given' && entry.consent.kind === 'recording')
  t.match(recording, { consent: { given: false } }, 'the refusal stands in the record')
  const { tracks, pages } = await readManifest(folder)
  t.same(tracks.map(track => track.track).sort(), ['agent-voice', 'caller-voice'], 'the voices, as on every call')
  t.same(pages, [])
  const files = await readdir(folder, { recursive: true })
  t.same(
    files.filter(file => /\.(webp|jpe?g|png)$/.test(file)),
    [],
    'no picture on the disk',
  )
})
