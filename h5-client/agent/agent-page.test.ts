import type { Page } from 'playwright-core'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedDesk } from './harness/simulated-desk.ts'

// The page as a person meets it, in a real Chromium, against a SIMULATED desk without media. Real calls: test/e2e.
t.setTimeout(120_000)
type Owner = { teardown(end: () => Promise<void>): void }
const pagesFolder = t.testdir({})
await buildPages({ pages: ['agent'], outFolder: pagesFolder, log: () => {} })
const browser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(() => browser.close())

async function open(
  test: Owner,
  prepare?: (desk: SimulatedDesk) => void,
): Promise<{ desk: SimulatedDesk; page: Page }> {
  const desk = await SimulatedDesk.create(pagesFolder)
  prepare?.(desk)
  const page = await browser.context.newPage()
  test.teardown(async () => {
    await page.close()
    await desk.close()
  })
  await page.goto(desk.address)
  return { desk, page }
}
async function signedIn(test: Owner, prepare?: (desk: SimulatedDesk) => void) {
  const bench = await open(test, prepare)
  await by(bench.page, 'sign-in-name').fill('lin')
  await by(bench.page, 'sign-in-password').fill('right')
  await by(bench.page, 'sign-in-submit').click()
  await by(bench.page, 'desk-status').waitFor()
  await until('the desk', () => bench.desk.times('desk.enter') > 0)
  return bench
}
async function onCall(test: Owner) {
  const bench = await signedIn(test)
  bench.desk.ring()
  await by(bench.page, 'answer').click()
  await by(bench.page, 'hang-up').waitFor()
  return bench
}
async function onPage(test: Owner) {
  const bench = await onCall(test)
  bench.desk.camera()
  await by(bench.page, 'freeze').click()
  await by(bench.page, 'stage-canvas').waitFor()
  return bench
}
const by = (page: Page, name: string) => page.locator(`[data-test="${name}"]`).first()
const marks = (page: Page) => by(page, 'stage-canvas').getAttribute('data-marks')
/** Red pixels of the pen in the stage's canvas. */
const redPixels = (page: Page) =>
  by(page, 'stage-canvas').evaluate(node => {
    const canvas = node as HTMLCanvasElement
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
    let red = 0
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] === 0xff && data[i + 1] === 0x2d && data[i + 2] === 0x2d) red += 1
    }
    return red
  })
const peers = (page: Page) =>
  page.evaluate(() => window.observedPeers.filter(peer => peer.signalingState !== 'closed').length)
async function drag(page: Page, from: [number, number], to: [number, number]) {
  const box = await by(page, 'stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height)
  await page.mouse.down()
  await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 6 })
  await page.mouse.up()
}

t.test('[AG50] sign-in: nothing is filled in, wrong words are said, right ones open the desk', async t => {
  const { page } = await open(t)
  t.equal(await by(page, 'sign-in-name').inputValue(), '')
  t.equal(await by(page, 'sign-in-password').inputValue(), '')
  await by(page, 'sign-in-submit').click()
  t.match(await by(page, 'sign-in-trouble').textContent(), /name/)
  await by(page, 'sign-in-name').fill('lin')
  await by(page, 'sign-in-password').fill('wrong')
  await by(page, 'sign-in-submit').click()
  await until('the refusal', async () => (await by(page, 'sign-in-trouble').getAttribute('data-trouble')) === 'wrong')
  await by(page, 'sign-in-password').fill('right')
  await by(page, 'sign-in-submit').click()
  await by(page, 'idle').waitFor()
  await by(page, 'sign-out').click()
  await by(page, 'sign-in-name').waitFor()
})

t.test('[AG51] Enter answers the ringing call; Shift and H end it; the desk is free again', async t => {
  const { desk, page } = await signedIn(t)
  t.equal(desk.times('call.answer'), 0)
  desk.ring('13800138000')
  await by(page, 'call-row').waitFor()
  await until('the title, for who looks at another window', async () => /13800138000/.test(await page.title()))
  await page.keyboard.press('Enter')
  await by(page, 'hang-up').waitFor()
  t.equal(await by(page, 'active-number').textContent(), '13800138000')
  const answer = desk.asked.find(one => one.name === 'call.answer')
  t.match(JSON.stringify(answer?.data.rtpCapabilities), /audio\/PCMA/)
  await until('the microphone', () => desk.times('media.produce') === 1)
  const produced = JSON.stringify(desk.asked.find(one => one.name === 'media.produce')?.data)
  t.match(produced, /audio\/PCMA/, 'in the codec of the trunk')
  t.notMatch(produced, /opus|PCMU/i)
  await until('the caller’s voice', () => desk.times('media.ready') === 1)
  await page.keyboard.press('Shift+H')
  await by(page, 'ended-call').waitFor()
  t.equal(await peers(page), 0, 'no transport survives the call')
  await by(page, 'dismiss').click()
  await by(page, 'idle').waitFor()
})

t.test('[AG52] a refused answer is said in words and the call still rings', async t => {
  const { desk, page } = await signedIn(t)
  desk.refuse('call.answer', 'conflict')
  desk.ring()
  await by(page, 'answer').click()
  const failure = page.locator('.failure')
  await failure.waitFor()
  t.match(await failure.textContent(), /could not be answered.*somebody else/s)
  t.ok(await by(page, 'answer').isEnabled())
})

t.test('[AG53] without a microphone nobody is answered by silence', async t => {
  const { desk, page } = await open(t)
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
  })
  await page.reload()
  await by(page, 'sign-in-name').fill('lin')
  await by(page, 'sign-in-password').fill('right')
  await by(page, 'sign-in-submit').click()
  await by(page, 'idle').waitFor()
  desk.ring()
  await by(page, 'answer').click()
  await page.locator('.failure').waitFor()
  t.equal(desk.times('call.answer'), 0)
  t.equal(await by(page, 'microphone').getAttribute('data-state'), 'trouble')
})

t.test(
  '[AG54] the code: bright on a call without a picture, then link, digits and QR, then the line moves',
  async t => {
    const { desk, page } = await onCall(t)
    t.match(await by(page, 'send-code').getAttribute('class'), /primary/)
    await page.keyboard.press('v')
    await by(page, 'invite-digits').waitFor()
    t.equal(await by(page, 'invite-digits').textContent(), '482 913')
    t.match(await by(page, 'invite-link').getAttribute('href'), /^https:.*\/j\//)
    t.match(await by(page, 'invite-qr').getAttribute('src'), /^data:image\/svg\+xml/, 'a picture, never markup')
    t.equal(await page.locator('.invite svg:not(.icon)').count(), 0)
    t.notMatch(await by(page, 'send-code').getAttribute('class'), /primary/)
    const said: (string | null)[] = []
    for (const state of ['sent', 'opened', 'consented', 'camera-live'] as const) {
      desk.invite({ state })
      await until(state, async () => (await by(page, 'invite-state').getAttribute('data-state')) === state)
      said.push(await by(page, 'say-next').textContent())
    }
    t.equal(new Set(said).size, 4, 'every step has its own sentence')
    t.equal(await by(page, 'invite-digits').count(), 0, 'a spent code is not shown')
  },
)

t.test('[AG69] a code that no message carries is never said to have been sent', async t => {
  const { desk, page } = await onCall(t)
  await page.locator('.invite select').selectOption('en')
  await by(page, 'send-code').click()
  await by(page, 'invite-digits').waitFor()
  t.match(await by(page, 'say-next').textContent(), /I have sent you a link/)
  desk.invite({ delivery: { channel: 'none', to: '', text: '' } })
  await until('other words', async () => !/sent you/.test((await by(page, 'say-next').textContent()) ?? ''))
  t.match(await by(page, 'say-next').textContent(), /loudspeaker on, .*address .*six digits/)
  t.equal(await by(page, 'outbox-text').count(), 0, 'no message, no text of a message')
  t.match(await page.locator('.invite-card').textContent(), /No text message/)
  desk.invite({ state: 'expired' })
  await until('expired', async () => (await by(page, 'invite-state').getAttribute('data-state')) === 'expired')
  t.notMatch(await by(page, 'say-next').textContent(), /send/)
})

t.test('[AG55] what the phone shows is told to the agent in the customer’s language', async t => {
  const { desk, page } = await onCall(t)
  await page.locator('.invite select').selectOption('zh-CN')
  await by(page, 'send-code').click()
  await by(page, 'invite-digits').waitFor()
  desk.invite({ state: 'failed', trouble: 'denied' })
  await until('the reason', async () => (await by(page, 'invite-state').getAttribute('data-trouble')) === 'denied')
  t.match(await by(page, 'say-next').textContent(), /请允许使用摄像头/)
  t.match(await page.locator('.stuck').textContent(), /camera was not allowed/, 'the reason in the agent’s own')
})

t.test('[AG56] freeze, draw, undo, live: every stroke is on the canvas at once and in the journal', async t => {
  const { desk, page } = await onPage(t)
  t.equal(await redPixels(page), 0)
  desk.replyDelayMs = 400
  await drag(page, [0.2, 0.2], [0.8, 0.4])
  t.ok((await redPixels(page)) > 200, 'the echo does not wait for a reply')
  await until('the entry', async () => (await marks(page)) === '1')
  const begin = desk.asked.find(one => one.name === 'mark.begin')
  if (!begin) throw new Error('no mark was begun')
  const { points } = begin.data.mark as { points: number[][] }
  const [x = 0, y = 0] = points[0] ?? []
  t.ok(Math.abs(x - 0.2) < 0.01 && Math.abs(y - 0.2) < 0.01, `begins at ${x}, ${y} of the picture`)
  await page.keyboard.press('Control+z')
  await until('the undo', async () => (await marks(page)) === '0' && (await redPixels(page)) === 0)
  await page.keyboard.press('t')
  const box = await by(page, 'stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await page.keyboard.type('hello f l v')
  await page.keyboard.press('Enter')
  await until('the text', async () => (await marks(page)) === '1')
  t.equal(desk.times('stage.live'), 0, 'letters in a text are no commands')
  await page.keyboard.press('l')
  await by(page, 'stage-canvas').waitFor({ state: 'detached' })
})

t.test('[AG57] a refused mark disappears and is said; the page goes on', async t => {
  const { desk, page } = await onPage(t)
  desk.refuse('mark.begin', 'gone')
  desk.refuse('mark.extend', 'gone')
  await drag(page, [0.2, 0.2], [0.8, 0.4])
  await page.locator('.failure[data-task="mark"]').waitFor()
  t.equal(await redPixels(page), 0)
  t.equal(await page.locator('.failure').count(), 1)
  desk.allow('mark.begin')
  desk.allow('mark.extend')
  await drag(page, [0.2, 0.2], [0.8, 0.4])
  await until('the mark', async () => (await marks(page)) === '1')
})

t.test('[AG58] text read from the page can be corrected and says how sure it is', async t => {
  const { page } = await onPage(t)
  await page.keyboard.press('o')
  await by(page, 'ocr-text').waitFor()
  t.match(await by(page, 'ocr-text').inputValue(), /TP-2026-0815/)
  t.match(await by(page, 'ocr-text').textContent(), /TP-2026-0815/)
  t.match(await page.locator('.reading').textContent(), /87%.*1 line is uncertain/s)
  await by(page, 'ocr-text').fill('TP-2026-0816')
  t.equal(await by(page, 'ocr-text').inputValue(), 'TP-2026-0816')
})

t.test(
  '[AG59] a lost socket tears no media; back again, the call is attached anew and the old transports go',
  async t => {
    const { desk, page } = await onCall(t)
    await until('the transports', async () => (await peers(page)) === 2)
    // On a slow machine the drop would otherwise come before the first voice was ready.
    await until('the first voice', () => desk.times('media.ready') === 1)
    desk.dropConnections()
    await by(page, 'connection-lost').waitFor()
    t.equal(await peers(page), 2, 'the voice goes on')
    t.ok(await by(page, 'hang-up').isVisible(), 'so does the call on the screen')
    await until('the attachment', () => desk.times('call.attach') === 1)
    await by(page, 'connection-lost').waitFor({ state: 'detached' })
    await until('one pair of transports', async () => (await peers(page)) === 2)
    await until(
      `the new voice after ${desk.asked.map(one => one.name).join(', ')}`,
      () => desk.times('media.ready') === 2,
    )
  },
)

t.test('[AG60] F5 in mid-call: the page is back in the call by itself, with its pages and marks', async t => {
  const { desk, page } = await onPage(t)
  await drag(page, [0.2, 0.2], [0.8, 0.4])
  await until('the mark', async () => (await marks(page)) === '1')
  const startedMs = performance.now()
  await page.reload()
  await until('the voice', () => desk.times('media.produce') === 2)
  t.comment(`speaks again ${(performance.now() - startedMs).toFixed(0)} ms after the reload began`)
  await by(page, 'stage-canvas').waitFor()
  t.equal(await marks(page), '1')
  t.equal(desk.times('call.attach'), 1)
})

t.test('[AG61] media.lost is answered by attaching, but not more than every two seconds', async t => {
  const { desk, page } = await onCall(t)
  await until('the voice', () => desk.times('media.produce') === 1)
  for (let i = 0; i < 5; i++) desk.notify('media.lost', { callId: desk.call.callId })
  await until('the attachment', () => desk.times('call.attach') === 1)
  desk.notify('media.lost', { callId: desk.call.callId })
  await page.waitForTimeout(500)
  t.equal(desk.times('call.attach'), 1)
})

t.test(
  '[AG62] opened elsewhere: this window says so, lets go of everything and does not come back by itself',
  async t => {
    const { desk, page } = await onCall(t)
    desk.dropConnections(4409)
    await by(page, 'closed').waitFor()
    t.equal(await by(page, 'closed').getAttribute('data-reason'), 'replaced')
    t.equal(await peers(page), 0)
    await page.waitForTimeout(700)
    t.equal(desk.pages, 0)
  },
)

t.test('[AG63] a sign-in that has run out leads to the sign-in page, which says so', async t => {
  const { desk, page } = await signedIn(t)
  desk.signOut()
  desk.dropConnections(4401)
  await by(page, 'sign-in-name').waitFor()
  t.match(await page.locator('.notice').textContent(), /run out/)
})

t.test('[AG64] mute says so, and goes on sending silence', async t => {
  const { desk, page } = await onCall(t)
  await until('the voice', () => desk.times('media.produce') === 1)
  await page.keyboard.press('m')
  await until('muted', async () => (await by(page, 'mute').getAttribute('aria-pressed')) === 'true')
  const track = await page.evaluate(() =>
    window.observedPeers
      .flatMap(peer => peer.getSenders().flatMap(sender => sender.track ?? []))
      .map(track => [track.readyState, track.enabled]),
  )
  t.same(track, [['live', false]])
  desk.change({ phase: 'ended', end: { cause: 'caller-hung-up' } })
  await by(page, 'ended-call').waitFor()
  t.equal(await by(page, 'microphone').getAttribute('data-state'), 'ready', 'and stays warm for the next call')
})

t.test('[AG65] danger is said in words: voice gone, held, recording degraded, picture paused', async t => {
  const { desk, page } = await onCall(t)
  desk.change({ callerVoice: false, recording: 'degraded', camera: 'paused' })
  await by(page, 'caller-silent').waitFor()
  t.equal(await by(page, 'recording').getAttribute('data-state'), 'degraded')
  t.match(await page.locator('.banner.danger').textContent(), /degraded/)
  t.match(await by(page, 'camera-state').textContent(), /paused/)
  desk.change({ callerVoice: true, heldByCaller: true, recording: 'on' })
  await by(page, 'held').waitFor()
  t.equal(await by(page, 'caller-silent').count(), 0)
})

t.test('[AG66] text from outside is text: a number or a name cannot become markup', async t => {
  const { desk, page } = await signedIn(t)
  desk.ring('<img src=x onerror=alert(1)>')
  await by(page, 'call-row').waitFor()
  t.match(await by(page, 'call-row').textContent(), /<img src=x/)
  t.equal(await page.locator('[data-test="call-row"] img').count(), 0)
})

t.test('[AG67] Chinese and English have the same places and the page remembers the choice', async t => {
  const { page } = await signedIn(t)
  await page.getByRole('button', { name: '中文' }).click()
  t.match(await by(page, 'idle').textContent(), /等待来电/)
  t.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN')
  await page.reload()
  t.match(await by(page, 'idle').textContent(), /等待来电/)
  await page.getByRole('button', { name: 'English' }).click()
  t.match(await by(page, 'idle').textContent(), /Waiting/)
})
