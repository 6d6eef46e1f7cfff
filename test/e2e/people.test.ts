import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'
import { signInToWatch, watchedBy } from '../harness/watch-page.ts'

t.setTimeout(220_000)

const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 7, text: 'VALVE 3', colour: '#0050d0' },
})
const houseBrowser = await TestBrowser.launch()
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close(), houseBrowser.close()])
  await server.close()
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const { phone, call } = await callUp({ server, agent, says: tone(440) })
t.teardown(() => phone.close())
const phonePage = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
await phonePage.startCamera()
await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))

/** The agent's own invitation, asked for as the workbench does. */
async function inviteExpert(name: string): Promise<string> {
  await watchedBy(agent.page, 'guest').click()
  await watchedBy(agent.page, 'guest-name').fill(name)
  await watchedBy(agent.page, 'guest-make').click()
  return until('the expert’s link', async () => {
    const link = watchedBy(agent.page, 'guest-link')
    return (await link.count()) > 0 && ((await link.getAttribute('data-link')) ?? false)
  })
}

t.test('[PPL4] an expert comes by a link once, sees picture and page, draws, and is shown out', async t => {
  const link = await inviteExpert('Dr. Zhou')
  const guest = await houseBrowser.context.newPage()
  await guest.goto(link)
  await watchedBy(guest, 'guest-enter').click()
  const seen = await until('a frame at the expert', () =>
    codeIn(watchedBy(guest, 'watched-video')).catch(() => undefined),
  )
  t.equal(seen.camera, 7, 'the expert sees this camera')
  await agent.by('freeze').click()
  const canvas = watchedBy(guest, 'watched-page')
  await canvas.waitFor()
  await watchedBy(guest, 'watch-tool-pen').click()
  const box = await canvas.boundingBox()
  if (!box) throw new Error('no page at the expert')
  await guest.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5)
  await guest.mouse.down()
  await guest.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 6 })
  await guest.mouse.up()
  await until('the mark at the agent', async () => {
    return (await agent.by('stage-canvas').getAttribute('data-marks')) === '1'
  })
  const again = await agentBrowser.context.newPage()
  await again.goto(link)
  await watchedBy(again, 'watch-notice').waitFor()
  t.equal(await watchedBy(again, 'guest-enter').count(), 0, 'another browser cannot use the link')
  await again.close()
  await watchedBy(agent.page, 'remove-guest').click()
  await watchedBy(guest, 'watch-notice').waitFor()
  await guest.close()
})

t.test('[PPL5] a supervisor looks on silently: in the record, not at the agent', async t => {
  const page = await signInToWatch(houseBrowser, server, await server.person('supervisor'))
  await watchedBy(page, 'watch-call').click()
  await watchedBy(page, 'watched-page').waitFor()
  t.equal(await watchedBy(page, 'watch-tool-pen').count(), 0, 'a supervisor does not draw')
  t.equal(await agent.page.locator('[data-test="onlookers"]').count(), 0, 'the agent is not told')
  await agent.by('live').click()
  const seen = await until('a frame at the supervisor', () =>
    codeIn(watchedBy(page, 'watched-video')).catch(() => undefined),
  )
  t.equal(seen.camera, 7)
  await watchedBy(page, 'watch-leave').click()
  await watchedBy(page, 'watch-call').waitFor()
})

t.test('[PPL6] who came, who left and what was drawn stands in the record', async t => {
  await call.hangUp()
  const folder = await server.sealedArchive()
  const entries = await readEntries(folder)
  const joined = entries.flatMap(entry => (entry.type === 'participant.joined' ? [entry.participant.role] : []))
  t.same(joined.sort(), ['agent', 'caller', 'guest', 'supervisor'])
  const left = entries.flatMap(entry => (entry.type === 'participant.left' ? [entry.reason] : []))
  t.same(left.sort(), ['left', 'shown out'])
  t.ok(entries.some(entry => entry.type === 'guest.invited' && entry.name === 'Dr. Zhou'))
  t.same(complaintsOf(agentBrowser, phoneBrowser, houseBrowser), [], 'no page complained')
})
