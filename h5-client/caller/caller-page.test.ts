import sharp from 'sharp'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import type { JoinRefusal } from '../../signaling/protocol/call.ts'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedDesk, type SimulatedDeskOptions } from './harness/simulated-desk.ts'

// A real Chromium against a simulated desk: what the page asks for and shows. The whole way, with a real room behind it,
// is walked by the end-to-end tests.
const outFolder = t.testdir({})
await buildPages({ pages: ['caller'], outFolder, log: () => {} })
const browser = await TestBrowser.launch({ phone: true })
t.teardown(() => browser.close())
const picture = {
  bytes: await sharp({ create: { width: 360, height: 640, channels: 3, background: '#808080' } })
    .webp()
    .toBuffer(),
  type: 'image/webp',
  widthPx: 360,
  heightPx: 640,
}

async function open(
  t: { teardown(end: () => Promise<void>): void },
  o: Partial<SimulatedDeskOptions> & { path?: string; before?: () => void } = {},
) {
  const desk = await SimulatedDesk.start({ outFolder, picture, ...o })
  const page = await browser.context.newPage()
  t.teardown(async () => {
    await page.close()
    await desk.close()
  })
  const requests: string[] = []
  page.on('request', request => requests.push(new URL(request.url()).host))
  if (o.before) await page.addInitScript(o.before)
  await page.goto(o.path === undefined ? desk.link : desk.url + o.path)
  const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
  const start = async () => {
    await by('consent-camera').check()
    await by('consent-recording').check()
    await by('start-camera').click()
    await by('preview').waitFor()
  }
  const asked = (name: string) => until(`${name} asked`, async () => desk.asked.find(one => one.name === name))
  return { desk, page, by, start, asked, requests }
}

t.test('[PG20] looking spends nothing: only the beacon is posted until both consents and the tap', async t => {
  const { desk, by, start, requests } = await open(t)
  await by('start-camera').click()
  t.match(await by('ask').textContent(), '王芳')
  await until('the beacon', async () => desk.posted.length > 0 || undefined)
  t.strictSame(
    desk.posted.map(one => one.path),
    ['/api/join/opened'],
  )
  await start()
  const join = await until('join', async () => desk.posted.find(one => one.path === '/api/join'))
  t.match(join.body, { token: 'simulated-token-0001', language: 'zh-CN', deviceId: /^[0-9a-f]{32}$/ })
  t.match(join.body.consents, [
    { kind: 'camera', given: true, textVersion: 'simulated-1', language: 'zh-CN' },
    { kind: 'recording', given: true },
  ])
  t.equal(desk.posted.filter(one => one.path === '/api/join').length, 1)
  t.strictSame([...new Set(requests)], [new URL(desk.url).host], 'no other host')
})

t.test('[PG21] video only: one VP8 encoding, no microphone, no audio context', async t => {
  const { page, start, asked } = await open(t, {
    before: () => {
      const kept = window as unknown as { asks: unknown[]; audio: number }
      kept.asks = []
      kept.audio = 0
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = constraints => {
        kept.asks.push(constraints)
        return real(constraints)
      }
      window.AudioContext = class extends AudioContext {
        constructor() {
          super()
          kept.audio += 1
        }
      }
    },
  })
  await start()
  const { data } = await asked('media.produce')
  const { kind, rtpParameters } = data as {
    kind: string
    rtpParameters: { codecs: { mimeType: string }[]; encodings: object[] }
  }
  t.equal(kind, 'video')
  t.match(rtpParameters.codecs[0], { mimeType: /video\/VP8/i })
  t.equal(rtpParameters.encodings.length, 1)
  const [asks, audio, elements] = await page.evaluate(() => {
    const kept = window as unknown as { asks: unknown[]; audio: number }
    return [kept.asks, kept.audio, document.querySelectorAll('audio, video:not([muted])').length] as const
  })
  t.match(asks, [{ audio: false, video: { facingMode: { ideal: 'environment' } } }])
  t.strictSame([audio, elements], [0, 0])
})

t.test('[PG22] every refusal is a page in the caller’s language, at the link and at the tap', async t => {
  const all: JoinRefusal[] = [
    'unknown',
    'expired',
    'already-used',
    'other-device',
    'call-ended',
    'wrong-digits',
    'locked',
  ]
  for (const refusal of all) {
    const { by } = await open(t, { state: refusal, language: refusal === 'expired' ? 'en' : 'zh-CN' })
    await by('refusal').waitFor()
    t.equal(await by('refusal').getAttribute('data-refusal'), refusal)
    if (refusal === 'expired')
      t.match(await by('refusal').textContent(), 'Ask the agent on the phone to send a new one')
  }
  const { by, page } = await open(t, {
    refuseJoin: { status: 409, body: { code: 'conflict', message: '', refusal: 'other-device' } },
  })
  await by('consent-camera').check()
  await by('consent-recording').check()
  await by('start-camera').click()
  await by('refusal').waitFor()
  t.equal(await by('refusal').getAttribute('data-refusal'), 'other-device')
  t.equal(await page.locator('video').count(), 0, 'the camera is let go')
})

t.test('[PG23] six digits: wrong ones are said in place, right ones lead to the consent', async t => {
  const wrong = await open(t, {
    path: '/',
    refuseDigits: { status: 404, body: { code: 'not-found', message: '', refusal: 'wrong-digits' } },
  })
  await wrong.by('digits-input').fill('12３456')
  await wrong.by('digits-submit').click()
  await wrong.by('refusal').waitFor()
  t.equal(await wrong.by('refusal').getAttribute('data-refusal'), 'wrong-digits')
  t.match(wrong.desk.posted[0], { path: '/api/join/digits', body: { digits: '123456' } })
  const right = await open(t, { path: '/' })
  await right.by('digits-input').fill('123456')
  await right.by('digits-submit').click()
  await right.start()
  await right.asked('media.produce')
  const slow = await open(t, {
    path: '/',
    refuseDigits: { status: 429, body: { code: 'too-many', message: '', retryAfterMs: 4200 } },
  })
  await slow.by('digits-input').fill('123456')
  await slow.by('digits-submit').click()
  t.match(
    await until('the wait', async () => (await slow.page.locator('#digits-problem').textContent()) || undefined),
    '5',
  )
  t.ok(await slow.by('digits-submit').isDisabled())
})

t.test('[PG24] a refused camera is told to the agent and retried without a new code', async t => {
  const { desk, by, asked } = await open(t, {
    before: () => {
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      let times = 0
      navigator.mediaDevices.getUserMedia = constraints =>
        times++ === 0 ? Promise.reject(new DOMException('no', 'NotAllowedError')) : real(constraints)
    },
  })
  await by('consent-camera').check()
  await by('consent-recording').check()
  await by('start-camera').click()
  await by('trouble').waitFor()
  t.equal(await by('trouble').getAttribute('data-trouble'), 'denied')
  t.strictSame((await asked('camera.trouble')).data, { trouble: 'denied' })
  await by('retry').click()
  await by('preview').waitFor()
  await asked('media.produce')
  t.equal(desk.posted.filter(one => one.path === '/api/join').length, 1)
})

t.test('[PG25] a browser that cannot is told so before the code is spent', async t => {
  const { desk, by } = await open(t, {
    before: () => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }),
  })
  await by('trouble').waitFor()
  t.equal(await by('trouble').getAttribute('data-trouble'), 'no-webrtc')
  t.notOk(desk.posted.some(one => one.path === '/api/join'))
})

t.test(
  '[PG25] in WeChat the camera is asked first, so that the link still works in the browser it is moved to',
  async t => {
    const { desk, by } = await open(t, {
      before: () => {
        Object.defineProperty(navigator, 'userAgent', {
          value: 'Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49',
        })
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
      },
    })
    await by('consent-camera').check()
    await by('consent-recording').check()
    await by('start-camera').click()
    await by('trouble').waitFor()
    t.match(await by('trouble').textContent(), '在浏览器打开')
    t.notOk(desk.posted.some(one => one.path === '/api/join'))
  },
)

t.test('[PG26] the agent’s page and marks appear at their place, and undo takes them away', async t => {
  const { desk, page, by, start, asked } = await open(t)
  await start()
  await asked('media.produce')
  const snap = desk.freeze()
  await page.locator('.label', { hasText: '照片已保存' }).waitFor()
  await by('stage').waitFor()
  const at = (x: number, y: number) =>
    by('stage-canvas').evaluate(
      (canvas, [x, y]) => {
        const { width, height } = canvas as HTMLCanvasElement
        const scale = Math.min(width / 360, height / 640)
        const left = (width - 360 * scale) / 2
        const top = (height - 640 * scale) / 2
        const context = (canvas as HTMLCanvasElement).getContext('2d')
        return [...(context?.getImageData(left + x * 360 * scale, top + y * 640 * scale, 1, 1).data ?? [])]
      },
      [x, y] as const,
    )
  const mark = desk.draw(snap, { shape: 'pen', colour: 'red', points: [[0.25, 0.5]] })
  desk.extend(snap, mark, [
    [0.5, 0.5],
    [0.75, 0.5],
  ])
  await until('red ink', async () => ((await at(0.7, 0.5))[0] === 255 ? true : undefined))
  t.strictSame(await at(0.5, 0.5), [255, 45, 45, 255])
  t.strictSame(await at(0.5, 0.6), [0, 0, 0, 0])
  t.match(await page.locator('.top > .notice').first().textContent(), '客服正在标注')
  desk.happen({ type: 'marks.erased', by: desk.agentId, on: snap, markIds: [mark], all: false })
  await until('no ink', async () => ((await at(0.5, 0.5))[3] === 0 ? true : undefined))
  desk.happen({ type: 'stage.live', by: desk.agentId })
  await by('stage').waitFor({ state: 'hidden' })
})

t.test('[PG27] pause sends nothing, stop lets the camera go, and both are said to the agent', async t => {
  const { page, by, start, asked } = await open(t)
  await start()
  await asked('media.produce')
  const enabled = () =>
    page.evaluate(
      () =>
        (document.querySelector('video') as unknown as { srcObject: MediaStream }).srcObject.getVideoTracks()[0]
          ?.enabled,
    )
  await by('pause').click()
  await asked('camera.pause')
  t.equal(await enabled(), false)
  t.match(await by('live').textContent(), '画面已暂停')
  await by('pause').click()
  await asked('camera.resume')
  t.equal(await enabled(), true)
  await by('stop').click()
  await asked('camera.stop')
  await by('stopped').waitFor()
  await by('start-camera').click()
  await by('preview').waitFor()
})

t.test('[PG30] on hold the picture rests and the page says so; it comes back by itself', async t => {
  const { desk, page, by, start, asked } = await open(t)
  await start()
  await asked('media.produce')
  const enabled = () =>
    page.evaluate(
      () =>
        (document.querySelector('video') as unknown as { srcObject: MediaStream }).srcObject.getVideoTracks()[0]
          ?.enabled,
    )
  for (const who of ['agent', 'caller'] as const) {
    desk.happen({ type: 'voice.held', by: who })
    desk.happen({ type: 'camera.paused', by: desk.agentId, because: 'hold' })
    await by('veil').waitFor()
    t.match(await by('veil').textContent(), /通话保持中.*自动继续/, `by the ${who}`)
    t.equal(await by('veil').getAttribute('role'), 'status', 'a screen reader is told')
    t.equal(await enabled(), false, 'nothing leaves the camera')
    desk.happen({ type: 'voice.retrieved', by: who })
    desk.happen({ type: 'camera.resumed', by: desk.agentId })
    await by('veil').waitFor({ state: 'hidden' })
    t.equal(await enabled(), true, 'and it is back without a tap')
  }
  t.equal(
    desk.asked.filter(one => one.name === 'camera.pause' || one.name === 'camera.resume').length,
    0,
    'the caller has done nothing',
  )
})

t.test('[PG30] a pause of the caller’s own outlasts the hold; both holding, the last one to end counts', async t => {
  const { desk, page, by, start, asked } = await open(t, { language: 'en' })
  await start()
  await asked('media.produce')
  const enabled = () =>
    page.evaluate(
      () =>
        (document.querySelector('video') as unknown as { srcObject: MediaStream }).srcObject.getVideoTracks()[0]
          ?.enabled,
    )
  desk.happen({ type: 'voice.held', by: 'agent' })
  desk.happen({ type: 'voice.held', by: 'caller' })
  await by('veil').waitFor()
  await by('pause').click()
  await asked('camera.pause')
  await until('the words', async () => /You paused/.test((await by('veil').textContent()) ?? '') || undefined)
  desk.happen({ type: 'voice.retrieved', by: 'agent' })
  await page.waitForTimeout(100)
  t.match(await by('veil').textContent(), /on hold/)
  desk.happen({ type: 'voice.retrieved', by: 'caller' })
  await until(
    'the own pause',
    async () => /The picture is paused/.test((await by('veil').textContent()) ?? '') || undefined,
  )
  t.equal(await enabled(), false)
  await by('pause').click()
  await asked('camera.resume')
  t.equal(await enabled(), true)
})

t.test('[PG30] a page that comes while the call is on hold waits with its picture', async t => {
  const { desk, page, by, start, asked } = await open(t)
  desk.happen({ type: 'voice.held', by: 'agent' })
  await start()
  await asked('media.produce')
  await by('veil').waitFor()
  t.equal(
    await page.evaluate(
      () =>
        (document.querySelector('video') as unknown as { srcObject: MediaStream }).srcObject.getVideoTracks()[0]
          ?.enabled,
    ),
    false,
  )
})

t.test(
  '[PG28] a lost socket comes back with the whole stage; a reload goes on; the end of the call ends the page',
  async t => {
    const { desk, page, by, start, asked } = await open(t)
    await start()
    await asked('media.produce')
    desk.cut(1012)
    const snap = desk.freeze()
    desk.draw(snap, {
      shape: 'circle',
      colour: 'blue',
      points: [
        [0.2, 0.2],
        [0.8, 0.8],
      ],
    })
    await asked('caller.enter')
    await by('stage').waitFor()
    await page.reload()
    await until(
      'the same session again',
      async () => desk.asked.filter(one => one.name === 'caller.enter').length > 1 || undefined,
    )
    const go = by('start-camera')
    await Promise.race([go.waitFor().then(() => go.click()), by('preview').waitFor({ state: 'attached' })]).catch(
      () => {},
    )
    await by('stage').waitFor()
    t.equal(desk.posted.filter(one => one.path === '/api/join').length, 1, 'nothing is spent twice')
    desk.cut(4410)
    await by('ended').waitFor()
    t.equal(await page.locator('video').count(), 0)
  },
)

t.test('[PG29] at 320 px nothing is cut off and everything to tap is at least 48 px', async t => {
  for (const language of ['zh-CN', 'en'] as const) {
    const { page, start, by } = await open(t, { language })
    await page.setViewportSize({ width: 320, height: 568 })
    const small = () =>
      page.evaluate(() => ({
        wide: document.documentElement.scrollWidth > innerWidth,
        small: [...document.querySelectorAll('button, label.consent')]
          .map(element => ({ text: element.textContent, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.width < 48 || box.height < 48 || box.right > innerWidth + 0.5))
          .map(({ text }) => text),
        tiny: [...document.querySelectorAll('p, h1, button, li, .fact')].filter(
          element => element.getClientRects().length > 0 && Number.parseFloat(getComputedStyle(element).fontSize) < 18,
        ).length,
      }))
    await by('start-camera').waitFor()
    t.strictSame(await small(), { wide: false, small: [], tiny: 0 }, `ask, ${language}`)
    await start()
    t.strictSame(await small(), { wide: false, small: [], tiny: 0 }, `live, ${language}`)
  }
})

t.test('no page complained', async t => {
  const expected = /status of 4\d\d|WebSocket connection|net::ERR/
  t.strictSame(
    browser.complaints.filter(line => !expected.test(line)),
    [],
  )
})
