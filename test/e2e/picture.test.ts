import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { readCode } from '../harness/counter-code.ts'
import { CAMERA, PAPER } from '../harness/fake-camera.ts'
import { fitted, redInk } from '../harness/ink.ts'
import { codeIn, watchFrames } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

const SERIAL = 'TP-2026-0815'
const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 5, text: `SN: ${SERIAL}`, colour: '#0050d0' },
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
const { phone, call } = await callUp({ server, agent, says: tone(440) })
t.teardown(() => phone.close())
let phonePage: PhonePage

t.test('[E2E2] the phone opens the link, consents, and its camera is seen at the agent, frame by frame', async t => {
  const { link } = await agent.sendCode()
  t.equal(await agent.inviteState(), 'sent')
  phonePage = await PhonePage.open(phoneBrowser, link)
  await phonePage.by('start-camera').waitFor()
  await until('the workbench to say opened', async () => (await agent.inviteState()) === 'opened')
  await phonePage.startCamera()
  const seen = await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  t.equal(seen.camera, 5, 'it is this camera')
  await until('the workbench to say camera-live', async () => (await agent.inviteState()) === 'camera-live')
  const frames = await watchFrames(agent.by('remote-video'), 2000)
  t.ok(frames.length >= 20, `${frames.length} frames decoded in 2 s`)
  const advanced = ((frames.at(-1)?.counter ?? 0) - (frames[0]?.counter ?? 0) + CAMERA.frames) % CAMERA.frames
  t.ok(advanced > 30 && advanced < 75, `the counter went on by ${advanced}`)
  t.equal(await phonePage.page.locator('audio').count(), 0, 'the phone has no sound')
})

t.test('[E2E2] a snapshot shows on both sides and its serial number is read', async t => {
  const shown = phonePage.by('stage')
  /** What the workbench shows of the reading, without spaces. */
  const freezeAndRead = async () => {
    await agent.by('freeze').click()
    await shown.waitFor()
    await agent.by('read-text').click()
    return until(
      'a reading',
      async () => {
        const field = agent.by('ocr-text')
        return (await field.count()) > 0 && (await field.inputValue()).replace(/\s/g, '')
      },
      { timeoutMs: 30_000 },
    )
  }
  let text = await freezeAndRead()
  const code = await until('the snapshot on the phone', () => codeIn(shown.locator('img')).catch(() => undefined))
  t.equal(code.camera, 5)
  // On a loaded machine the encoder's first pictures are poor; then a person freezes once more, and so does this test.
  for (let again = 0; again < 2 && !text.includes(SERIAL); again += 1) {
    t.comment(`read ${JSON.stringify(text)}; one more picture`)
    await agent.by('live').click()
    await shown.waitFor({ state: 'hidden' })
    await agent
      .by('ocr-text')
      .waitFor({ state: 'detached', timeout: 500 })
      .catch(() => {})
    text = await freezeAndRead()
  }
  t.match(text, SERIAL)
})

t.test('[E2E2] what the agent draws appears on the phone, at the same place of the picture', async t => {
  const stage = phonePage.by('stage')
  const box = await stage.boundingBox()
  if (!box) throw new Error('the phone shows no stage')
  const picture = fitted(box, { width: CAMERA.widthPx, height: CAMERA.heightPx })
  const inkOnPhone = async () => redInk(await stage.screenshot(), picture)
  t.ok((await inkOnPhone()).pixels < 20, 'no ink before')
  const agentBox = await agent.by('stage-canvas').boundingBox()
  if (!agentBox) throw new Error('the agent has no stage')
  const onAgent = fitted(agentBox, { width: CAMERA.widthPx, height: CAMERA.heightPx })
  const at = (x: number, y: number) => [onAgent.x + x * onAgent.width, onAgent.y + y * onAgent.height] as const
  const middle = { x: PAPER.x + PAPER.width / 2, y: PAPER.y + PAPER.height / 2 }
  await agent.by('tool-pen').click()
  await agent.drag([at(middle.x - 0.15, middle.y - 0.08), at(middle.x + 0.15, middle.y + 0.08)])
  const ink = await until('the line on the phone', async () => {
    const found = await inkOnPhone()
    return found.pixels > 200 && found
  })
  t.ok(
    Math.abs(ink.x - middle.x) < 0.03 && Math.abs(ink.y - middle.y) < 0.03,
    `ink around ${ink.x.toFixed(3)}, ${ink.y.toFixed(3)}`,
  )
  await agent.by('undo').click()
  await until('the line to go', async () => (await inkOnPhone()).pixels < 20)
  for (const tool of ['tool-arrow', 'tool-circle']) {
    await agent.by(tool).click()
    await agent.drag([at(middle.x - 0.1, middle.y - 0.1), at(middle.x + 0.1, middle.y + 0.1)])
    await until(`${tool} on the phone`, async () => (await inkOnPhone()).pixels > 150)
    await agent.by('clear').click()
    await until('the stage to be clear', async () => (await inkOnPhone()).pixels < 20)
  }
  await agent.by('tool-text').click()
  const [textX, textY] = at(middle.x - 0.1, middle.y)
  await agent.page.mouse.click(agentBox.x + textX * agentBox.width, agentBox.y + textY * agentBox.height)
  await agent.by('text-entry').fill('HERE')
  await agent.page.keyboard.press('Enter')
  await until('the text on the phone', async () => (await inkOnPhone()).pixels > 100)
  await agent.by('clear').click()
  await agent.by('live').click()
  await stage.waitFor({ state: 'hidden' })
})

t.test('[E2E2] the caller pauses, resumes and stops the camera', async t => {
  await phonePage.by('pause').click()
  await until(
    'frames to stop',
    async () => (await watchFrames(agent.by('remote-video'), 700).catch(() => [])).length <= 1,
    {
      timeoutMs: 8000,
    },
  )
  await phonePage.by('pause').click()
  await until('frames again', async () => (await watchFrames(agent.by('remote-video'), 700).catch(() => [])).length > 5)
  await phonePage.by('stop').click()
  await phonePage.by('preview').waitFor({ state: 'detached' })
  t.notOk(call.isOver, 'the voice goes on')
})

t.test('[E2E2] the record tells it all', async t => {
  await agent.hangUp()
  await call.ended
  const folder = await server.sealedArchive()
  const types = (await readEntries(folder)).map(entry => entry.type)
  for (const type of [
    'call.answered',
    'invite.issued',
    'invite.handed-over',
    'invite.opened',
    'invite.spent',
    'consent.given',
    'camera.live',
    'page.added',
    'stage.page',
    'text.recognised',
    'mark.begun',
    'ink.undone',
    'marks.erased',
    'stage.live',
    'camera.paused',
    'camera.resumed',
    'camera.stopped',
    'call.ended',
  ] as const) {
    t.ok(types.includes(type), type)
  }
  t.equal(types.filter(type => type === 'camera.started').length, 1, 'the camera started once')
  const { pages, tracks } = await readManifest(folder)
  t.same(tracks.map(track => track.track).sort(), ['agent-voice', 'caller-camera', 'caller-voice'], 'each track once')
  const [page] = pages
  if (page?.kind !== 'camera') throw new Error('no page of the camera in the manifest')
  const { data, info } = await sharp(await readFile(join(folder, page.picture.file)))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  t.match(readCode({ data, ...info }), { camera: 5 }, 'the kept picture is the camera’s')
  t.same(complaintsOf(agentBrowser, phoneBrowser), [], 'no page complained')
})
