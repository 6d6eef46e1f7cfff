import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { TEXT_BAND } from '../harness/fake-camera.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'

// A real call with a page that is read, then the reviewer's console on its real record.
t.setTimeout(300_000)
const NUMBER = '13700137123'
const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language: 'en-US' })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
})
const reviewBrowser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close(), reviewBrowser.close()])
  await server.close()
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))

t.test('[RC22] a call with a page that is read is sealed', async t => {
  const { phone, call } = await callUp({ server, agent, says: tone(440), number: NUMBER })
  t.teardown(() => phone.close())
  const { link } = await agent.sendCode()
  const phonePage = await PhonePage.open(phoneBrowser, link)
  await phonePage.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  await sleep(1_500)
  await agent.by('freeze').click()
  await agent.by('stage-canvas').waitFor()
  await sleep(1_500)
  await agent.page.keyboard.press('r')
  await agent.by('region-layer').waitFor()
  await agent.drag([
    [0.02, TEXT_BAND.y - 0.01],
    [0.98, TEXT_BAND.y + TEXT_BAND.height + 0.01],
  ])
  await until('a reading', async () => (await agent.by('ocr-text').count()) > 0, { timeoutMs: 60_000 })
  await agent.hangUp()
  await call.ended
  const folder = await server.sealedArchive({ muxed: true, timeoutMs: 120_000 })
  const types = new Set((await readEntries(folder)).map(entry => entry.type))
  for (const type of ['text.recognised', 'page.loaded', 'caller.looked'] as const) t.ok(types.has(type), type)
})

t.test(
  '[RC22] found by what was read, opened for a reason, played, stepped, commented, scored; all in the log',
  async t => {
    const review = await ReviewPage.signIn(reviewBrowser, server, await server.person('compliance'))
    const { page } = review
    await review.by('section-lead').click()
    await review.by('lead-sheets').click()
    await review.by('sheet-new').click()
    await review.by('sheet-save').click()
    await review.by('sheet').waitFor()

    await review.by('section-records').click()
    await review.by('search-text').fill('SN 0815')
    await until(
      'the call, found by its text',
      async () => {
        await review.by('search-submit').click()
        await page.locator('[data-test="list-count"], [data-test="list-empty"]').first().waitFor()
        return (await review.by('row-hit').count()) > 0
      },
      { timeoutMs: 30_000, everyMs: 500 },
    )
    t.ok((await review.by('row-hit').locator('mark').count()) > 0, 'the words are marked; long numbers stay masked')
    t.notMatch(await review.by('review-row').textContent(), NUMBER, 'the number is masked')
    await review.by('review-row').click()
    await review.by('reason').fill('complaint 4711')
    await review.by('open-record').click()
    await review.by('replay-video').waitFor({ state: 'attached' })
    await until('the verdict', async () => (await review.by('verdict-chip').getAttribute('data-intact')) === 'true', {
      timeoutMs: 30_000,
    })

    const at = async () => Number(await review.by('place').getAttribute('data-at-ms'))
    const video = review.by('replay-video')
    await until('the film', () => video.evaluate(node => (node as HTMLVideoElement).readyState >= 2))
    await review.by('play').click()
    await until('two seconds played', async () => (await at()) > 2_000)
    await review.by('play').click()
    const pageMs = Number(
      await page
        .locator('.event-list li', { hasText: 'Frozen picture shown' })
        .first()
        .locator('time')
        .textContent()
        .then(text => {
          const [minutes = '0', seconds = '0'] = (text ?? '').split(':')
          return (Number(minutes) * 60 + Number(seconds)) * 1_000
        }),
    )
    await page.locator('.event-list li', { hasText: 'Frozen picture shown' }).first().locator('button').click()
    await review.by('replay-canvas').waitFor()
    t.equal(await review.by('caller-stage').getAttribute('data-showing'), 'live', 'the caller did not see it yet')
    await page.keyboard.press('Shift+ArrowRight')
    await until('the caller’s page', async () => (await review.by('caller-canvas').count()) > 0)

    await page.locator('.wave-box.caller').click({ position: { x: 10, y: 10 } })
    await review.by('seek').evaluate((node, value) => {
      const input = node as HTMLInputElement
      input.value = String(value)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    }, pageMs - 1_000)
    await sleep(500)
    // A browser may show the frame before the place sought: what counts is the number in the picture.
    const counter = async () => (await codeIn(video))?.counter
    const seen: number[] = []
    for (let step = 0; step < 4; step++) {
      const last = seen.at(-1) ?? -1
      if (step > 0) await page.keyboard.press('.')
      seen.push(
        await until('another frame', async () => {
          const now = await counter()
          return now !== undefined && now !== last && now
        }),
      )
    }
    t.ok(
      seen.every((one, step) => step === 0 || one > (seen[step - 1] ?? 0)),
      `frames ${seen.join(', ')}`,
    )
    await page.keyboard.press(',')
    await until('a frame back', async () => (await counter()) === seen[2])

    await review.by('comment-here').click()
    await review.by('comment-text').fill('here the serial comes into view')
    await review.by('comment-save').click()
    await review.by('comment').waitFor()
    await review.by('score-begin').click()
    await review.by('question-greeting').locator('[data-value="yes"]').click()
    await review.by('question-clarity').locator('[data-value="4"]').click()
    await review.by('question-privacy').locator('[data-value="kept"]').click()
    await review.by('score-final').click()
    await until('the score', async () => (await page.locator('[data-test="score"][data-state="final"]').count()) === 1)
    await review.by('view-pictures').click()
    await review.by('picture-text').waitFor()
    t.match(await review.by('picture-text').textContent(), /0815/)

    await review.by('section-audit').click()
    await until(
      'the whole story in the log',
      async () => {
        await review.by('audit-search').click()
        await review.by('audit-lines').waitFor()
        const text = (await review.by('audit-lines').textContent()) ?? ''
        return ['complaint 4711', 'opened', 'played', 'commented', 'scored', 'searched'].every(word =>
          text.includes(word),
        )
      },
      { timeoutMs: 15_000, everyMs: 500 },
    )
    await review.by('audit-chain').click()
    await review.by('chain-verify').click()
    t.match(await review.by('chain-state').textContent(), /The chain holds/)
  },
)
