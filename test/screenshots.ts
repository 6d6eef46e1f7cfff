/**
 * Makes the pictures of the README from a real call: server, media worker, three Chromiums and a SIP phone of our own.
 * `node test/screenshots.ts [folder]` (default docs/screenshots); needs MEDIASOUP_WORKER_BIN, ffmpeg and Chromium as the
 * end-to-end tests do.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { looped } from '../scripts/simulated-caller/sample-source.ts'
import { readWav } from '../scripts/simulated-caller/wav.ts'
import { AgentPage } from './harness/agent-page.ts'
import { InnerServer } from './harness/app.ts'
import { callUp } from './harness/call-up.ts'
import { TestBrowser } from './harness/chromium.ts'
import { CAMERA } from './harness/fake-camera.ts'
import { fitted } from './harness/ink.ts'
import { PhonePage } from './harness/phone-page.ts'
import { ReviewPage } from './harness/review-page.ts'
import { until } from './harness/until.ts'

const folder = process.argv[2] ?? 'docs/screenshots'
await mkdir(folder, { recursive: true })
const language = process.env.SHOT_LANGUAGE === 'en' ? 'en-US' : 'zh-CN'
const suffix = language === 'en-US' ? '-en' : ''
const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  language,
  camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
})
const shot = (page: AgentPage['page'], name: string) => page.screenshot({ path: join(folder, `${name}${suffix}.png`) })
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
try {
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  await agent.page.setViewportSize({ width: 1440, height: 900 })
  const speech = readWav(await readFile(join(import.meta.dirname, '../scripts/simulated-caller/speech.wav')))
  await shot(agent.page, 'agent-waiting')
  const { phone, call } = await callUp({ server, agent, says: looped(speech, 500) })
  const { link } = await agent.sendCode()
  await shot(agent.page, 'agent-code')
  const phonePage = await PhonePage.open(phoneBrowser, link)
  await phonePage.by('start-camera').waitFor()
  await shot(phonePage.page, 'phone-ask')
  await phonePage.startCamera()
  await until('the picture', async () => (await agent.inviteState()) === 'camera-live')
  await sleep(1500)
  await shot(phonePage.page, 'phone-live')
  await shot(agent.page, 'agent-live')
  await agent.by('freeze').click()
  await phonePage.by('stage').waitFor()
  const box = await agent.by('stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  const on = fitted(box, { width: CAMERA.widthPx, height: CAMERA.heightPx })
  const at = (x: number, y: number) => [on.x + x * on.width, on.y + y * on.height] as const
  await agent.by('tool-circle').click()
  await agent.drag([at(0.2, 0.55), at(0.6, 0.85)])
  await agent.by('tool-arrow').click()
  await agent.drag([at(0.85, 0.3), at(0.62, 0.6)])
  await agent.by('tool-pen').click()
  await agent.drag([at(0.25, 0.9), at(0.4, 0.93), at(0.55, 0.9)])
  await agent.by('read-text').click()
  await until(
    'the text',
    async () =>
      (await agent
        .by('ocr-text')
        .inputValue({ timeout: 1000 })
        .catch(() => '')) !== '',
    { timeoutMs: 45_000 },
  )
  await sleep(500)
  await shot(agent.page, 'agent-marks')
  await shot(phonePage.page, 'phone-marks')
  await agent.by('live').click()
  await sleep(2000)
  await call.hangUp()
  await call.ended
  phone.close()
  await sleep(500)
  await shot(phonePage.page, 'phone-ended')
  await server.sealedArchive()
  const review = await ReviewPage.signIn(agentBrowser, server, await server.person('reviewer'))
  await review.page.setViewportSize({ width: 1440, height: 900 })
  await sleep(4000)
  await review.open({ number: '138', reason: language === 'en-US' ? 'Complaint 4711' : '投诉复核 4711' })
  await review.by('replay-video').evaluate(async node => {
    const video = node as HTMLVideoElement
    video.currentTime = Math.max(0, video.duration - 2.5)
    await new Promise(resolve => video.addEventListener('seeked', resolve, { once: true }))
  })
  await sleep(800)
  await shot(review.page, 'review')
} finally {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
}
