import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { until } from '../../test/harness/until.ts'
import { CallerPages } from './harness/opened-page.ts'

// The phone as a camera, in a real Chromium against a simulated desk. What Chromium's fake camera cannot do (light, zoom,
// a photo function that hangs) is simulated in the page and named so.
t.setTimeout(240_000)
const WAIT = { timeoutMs: 30_000 }
const outFolder = t.testdir({})
const pages = await CallerPages.create(t, outFolder)
;('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148')

t.test(
  '[PHO2] the phone’s own photo goes to the page that wants it, with a flash and a label, without a sound',
  async t => {
    const { desk, page, by, start, asked } = await pages.open(t)
    await start()
    await asked('media.produce')
    const pageId = newId('page')
    desk.tell('still.wanted', { callId: desk.callId, pageId })
    await by('flash').waitFor({ state: 'attached' })
    t.match(await page.locator('.label').textContent(), '照片已保存')
    const still = await until(
      'the still',
      () => desk.received.find(one => one.path.endsWith(`/pages/${pageId}/still`)),
      WAIT,
    )
    t.equal(still.kind, 'photo')
    t.equal((await sharp(still.bytes).metadata()).format, 'jpeg')
    t.notOk(desk.asked.some(one => one.name === 'still.failed'))
  },
)

t.test('[PHO4] a photo function that hangs (simulated) is not waited for: the largest frame is sent', async t => {
  const { desk, start, asked } = await pages.open(t, {
    before: () => {
      ImageCapture.prototype.takePhoto = () => new Promise(() => {})
    },
  })
  await start()
  await asked('media.produce')
  desk.tell('still.wanted', { callId: desk.callId, pageId: newId('page') })
  const still = await until('the still', () => desk.received.find(one => one.path.endsWith('/still')), WAIT)
  t.equal(still.kind, 'frame')
  t.ok(((await sharp(still.bytes).metadata()).width ?? 0) >= 640)
})

t.test('[PHO4] without ImageCapture (simulated) the frame is drawn from the preview', async t => {
  const { desk, start, asked } = await pages.open(t, {
    before: () => Object.defineProperty(window, 'ImageCapture', { value: undefined }),
  })
  await start()
  await asked('media.produce')
  const { data } = await asked('camera.abilities')
  t.match(data, { abilities: { still: 'frame' } })
  desk.tell('still.wanted', { callId: desk.callId, pageId: newId('page') })
  const still = await until('the still', () => desk.received.find(one => one.path.endsWith('/still')), WAIT)
  t.equal(still.kind, 'frame')
  t.equal((await sharp(still.bytes).metadata()).format, 'jpeg')
})

t.test('[PHO5] a still that the server does not take is told, and not sent again', async t => {
  const { desk, start, asked } = await pages.open(t)
  await start()
  await asked('media.produce')
  desk.refuseStill = 410
  const pageId = newId('page')
  desk.tell('still.wanted', { callId: desk.callId, pageId })
  const { data } = await asked('still.failed')
  t.match(data, { pageId, reason: /410/ })
})

t.test('[PHO6] where motion is not wanted the flash is a border that does not move', async t => {
  const { desk, page, by, start, asked } = await pages.open(t)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await start()
  await asked('media.produce')
  const seen = by('flash').evaluate(
    flash =>
      new Promise<{ animation: string; background: string; border: string }>(resolve => {
        new MutationObserver(() => {
          const { animationName, backgroundColor, borderTopWidth } = getComputedStyle(flash)
          resolve({ animation: animationName, background: backgroundColor, border: borderTopWidth })
        }).observe(flash, { attributes: true, attributeFilter: ['hidden'] })
      }),
  )
  desk.freeze()
  t.strictSame(await seen, { animation: 'none', background: 'rgba(0, 0, 0, 0)', border: '10px' })
})

/** SIMULATED: a camera with light, zoom and focus; keeps what was set, and forgets what is not named again, as browsers do. */
function simulatedLens(): void {
  const kept = window as unknown as { applied: MediaTrackConstraints[] }
  kept.applied = []
  const real = MediaStreamTrack.prototype.getCapabilities
  MediaStreamTrack.prototype.getCapabilities = function () {
    return { ...real.call(this), torch: true, zoom: { min: 1, max: 5, step: 0.1 }, focusMode: ['single-shot'] } as never
  }
  MediaStreamTrack.prototype.applyConstraints = async constraints => {
    kept.applied.push(constraints ?? {})
  }
  navigator.mediaDevices.getSupportedConstraints = () => ({ pointsOfInterest: true }) as never
}

t.test('[PHO14] light and zoom by the caller’s own buttons (simulated lens): none takes the other away', async t => {
  const { page, by, start, asked } = await pages.open(t, { before: simulatedLens })
  await start()
  const { data } = await asked('camera.abilities')
  t.match(data, { abilities: { torch: true, zoom: { min: 1, max: 5 }, focusPoint: true } })
  await by('torch').click()
  await asked('camera.torch')
  await by('zoom').click()
  await asked('camera.controlled', one => (one.control as { ratio?: number }).ratio === 2)
  t.equal(await by('zoom').textContent(), '2×')
  const applied = await page.evaluate(() => (window as unknown as { applied: MediaTrackConstraints[] }).applied)
  t.strictSame(
    applied.map(one => one.advanced?.[0]),
    [{ torch: true }, { torch: true, zoom: 2 }],
  )
})

t.test(
  '[PHO12] the agent’s hand on the camera (simulated lens): asked once, then done, and kept within the lens',
  async t => {
    const { desk, page, by, start, asked } = await pages.open(t, { before: simulatedLens })
    await start()
    await asked('camera.abilities')
    const control = (one: object) => desk.tell('camera.control', { callId: desk.callId, control: one })
    control({ kind: 'zoom', ratio: 9 })
    await by('consent-sheet').waitFor()
    await page.locator('.sheet-veil').click({ position: { x: 5, y: 5 } })
    t.ok(await by('consent-sheet').isVisible(), 'a finger beside the question answers nothing')
    await by('consent-agree').click()
    t.match((await asked('consent.answer')).data, {
      consent: { kind: 'control', given: true, textVersion: 'simulated-1' },
    })
    await asked('camera.controlled', one => (one.control as { ratio?: number }).ratio === 5 && one.outcome === 'done')
    control({ kind: 'torch', on: true })
    await asked(
      'camera.controlled',
      one => (one.control as { kind: string }).kind === 'torch' && one.outcome === 'done',
    )
    t.equal(await by('torch').getAttribute('aria-pressed'), 'true', 'the caller’s own button knows')
    control({ kind: 'focus', at: [0.25, 0.5] })
    await asked(
      'camera.controlled',
      one => (one.control as { kind: string }).kind === 'focus' && one.outcome === 'done',
    )
    const applied = await page.evaluate(() => (window as unknown as { applied: MediaTrackConstraints[] }).applied)
    t.match(applied.at(-1)?.advanced?.[0], {
      torch: true,
      zoom: 5,
      focusMode: 'single-shot',
      pointsOfInterest: [{ x: 0.25, y: 0.5 }],
    })
    t.equal(desk.asked.filter(one => one.name === 'consent.answer').length, 1, 'asked once')
  },
)

t.test('[PHO21] what cannot be sent is said in words, before anything is sent', async t => {
  const { desk, page, by, start, asked } = await pages.open(t)
  await start()
  await asked('media.produce')
  await by('more').click()
  await page.locator('[data-test="choose-photos"]').setInputFiles([
    { name: 'huge.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(26 * 1024 * 1024) },
    { name: 'none.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) },
    { name: 'sign.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(100_000, 7) },
  ])
  await by('upload-sheet').waitFor()
  const states = () =>
    page.locator('[data-test="upload"]').evaluateAll(rows => rows.map(row => (row as HTMLElement).dataset.state))
  await until('all over', async () => (await states()).every(one => one === 'refused' || one === 'done'), WAIT)
  t.strictSame(await states(), ['refused', 'refused', 'done'])
  t.match(await page.locator('[data-test="upload"]').first().textContent(), '25 MB')
  t.equal(desk.uploads.size, 1)
  t.equal([...desk.uploads.values()][0]?.bytes.length, 100_000)
  t.match(await by('upload-sheet').textContent(), '已经发给客服')
})

t.test('[PHO22] a kind of call without uploads offers none', async t => {
  const { by, page, start, asked } = await pages.open(t, { tools: [] })
  await start()
  await asked('media.produce')
  await by('more').click()
  await by('more-sheet').waitFor()
  t.equal(await page.locator('input[type="file"]').count(), 0)
})

const IPHONE = 'iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148'
const ANDROID = 'Linux; Android 14; 2211133C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0'

t.test('[PHO30] camera and play() are asked for in the tap itself, in every emulated browser', async t => {
  for (const agent of [
    `${IPHONE} Version/17.5 Safari/604.1`,
    `${IPHONE} MicroMessenger/8.0.49`,
    `${ANDROID} Mobile Safari/537.36`,
    `${ANDROID} XWEB/1160 MMWEBSDK MicroMessenger/8.0.49`,
    `${ANDROID} SamsungBrowser/25.0 Mobile Safari/537.36`,
    `${ANDROID} XiaoMi/MiuiBrowser/18`,
    `${ANDROID} HuaweiBrowser/14`,
  ]) {
    const { page, start } = await pages.open(t, {
      before: new Function(
        `Object.defineProperty(navigator, 'userAgent', { value: 'Mozilla/5.0 (${agent}' })
         window.log = []
         let inTap = false
         addEventListener('click', () => { inTap = true; Promise.resolve().then(() => {}); setTimeout(() => { inTap = false }) }, true)
         const media = navigator.mediaDevices
         const ask = media.getUserMedia.bind(media)
         media.getUserMedia = async constraints => {
           window.log.push(['camera', inTap])
           const stream = await ask(constraints)
           window.log.push(['stream', true])
           return stream
         }
         const play = HTMLMediaElement.prototype.play
         HTMLMediaElement.prototype.play = function () { window.log.push(['play', inTap, this.muted, this.playsInline]); return play.call(this) }`,
      ) as () => void,
    })
    await start()
    const log = await page.evaluate(() => (window as unknown as { log: [string, boolean, boolean, boolean][] }).log)
    const before = log.slice(
      0,
      log.findIndex(([what]) => what === 'stream'),
    )
    t.ok(
      before.some(([what, inTap]) => what === 'camera' && inTap),
      `camera in the tap: ${agent}`,
    )
    t.ok(
      before.some(([what, inTap]) => what === 'play' && inTap),
      `play in the tap: ${agent}`,
    )
    t.ok(
      log.every(([what, , muted, inline]) => what !== 'play' || (muted && inline)),
      'muted and in the page',
    )
  }
})

t.test('[PHO31] WeChat without a camera: how to leave it, drawn; the code is not spent', async t => {
  for (const [agent, item] of [
    [`iPhone; CPU iPhone OS 13_2`, '在默认浏览器中打开'],
    ['Linux; Android 9; TBS/045', '在浏览器打开'],
  ] as const) {
    const { desk, by } = await pages.open(t, {
      before: new Function(
        `Object.defineProperty(navigator, 'userAgent', { value: 'Mozilla/5.0 (${agent}) MicroMessenger/8.0.49' })
         Object.defineProperty(navigator, 'mediaDevices', { value: undefined })`,
      ) as () => void,
    })
    await by('trouble').waitFor()
    t.match(await by('menu-picture').textContent(), item)
    t.notOk(desk.posted.some(one => one.path === '/api/join'))
  }
})

t.test('[PHO32] no camera for the page at all: photos of the phone’s own camera app go to the agent', async t => {
  const { desk, page, by, agree, asked } = await pages.open(t, {
    before: () => {
      Object.defineProperty(navigator, 'mediaDevices', { value: undefined })
      Object.defineProperty(window, 'RTCPeerConnection', { value: undefined })
    },
  })
  await by('send-photos').click()
  await agree()
  await by('photos-only').waitFor()
  t.match((await asked('camera.trouble')).data, { trouble: 'no-camera' })
  t.equal(await by('take-photo').getAttribute('capture'), 'environment')
  await page
    .locator('[data-test="take-photo"]')
    .setInputFiles([{ name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(150_000, 3) }])
  await page.locator('[data-test="upload"][data-state="done"]').waitFor()
  t.equal([...desk.uploads.values()][0]?.bytes.length, 150_000)
  await by('upload-close').click()
  desk.freeze()
})

t.test('[PHO33] a second camera request never runs beside a first one, and none asks for sound', async t => {
  const { page, by, start, asked } = await pages.open(t, {
    before: () => {
      const kept = window as unknown as { most: number; asks: MediaStreamConstraints[] }
      kept.most = 0
      kept.asks = []
      let pending = 0
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      const live = new Set<MediaStreamTrack>()
      navigator.mediaDevices.getUserMedia = async constraints => {
        kept.asks.push(constraints ?? {})
        pending += 1
        const running = [...live].filter(track => track.readyState === 'live').length
        kept.most = Math.max(kept.most, pending + running)
        try {
          // Slower than any finger: two taps are sure to meet.
          await new Promise(resolve => setTimeout(resolve, 300))
          const wanted = constraints?.video as MediaTrackConstraints
          const stream = await real({ ...constraints, video: { ...wanted, facingMode: 'user' } })
          for (const track of stream.getTracks()) live.add(track)
          return stream
        } finally {
          pending -= 1
        }
      }
      navigator.mediaDevices.enumerateDevices = async () =>
        [
          { kind: 'videoinput', deviceId: 'a' },
          { kind: 'videoinput', deviceId: 'b' },
        ] as never
    },
  })
  await start()
  await asked('media.produce')
  await by('switch-camera').dblclick()
  await asked('camera.switched')
  await by('stop').click()
  await by('start-camera').click()
  await by('preview').waitFor()
  const kept = await page.evaluate(() => {
    const { most, asks } = window as unknown as { most: number; asks: MediaStreamConstraints[] }
    return { most, audio: asks.map(one => one.audio) }
  })
  t.equal(kept.most, 1)
  t.ok(kept.audio.every(one => one === false))
})

t.test('[PHO34] the built page knows no sound: no audio element, no audio context, no microphone', async t => {
  const files = (await readdir(join(outFolder, 'assets'))).filter(
    file => file.startsWith('caller') && file.endsWith('.js'),
  )
  const texts = await Promise.all([
    readFile(join(outFolder, 'caller.html'), 'utf8'),
    ...files.map(file => readFile(join(outFolder, 'assets', file), 'utf8')),
  ])
  for (const text of texts) {
    t.notMatch(text, /AudioContext/)
    t.notMatch(text, /new Audio\b/)
    t.notMatch(text, /createElement\(["'`]audio["'`]\)|<audio/)
    // What the browser is asked for; mediasoup-client names audio in its tables.
    for (const [asked] of text.matchAll(/getUserMedia\([^)]*\)/g)) t.notMatch(asked, /audio:\s*(!0|true|\{)/)
  }
  t.ok(
    texts.some(text => /getUserMedia/.test(text)),
    'the right files were looked at',
  )
})

t.test('[PHO40] a used code: this browser asks for the seat, the agent agrees, a tap starts the camera', async t => {
  const { desk, by, agree, asked } = await pages.open(t, { state: 'already-used', rebind: 'allowed' })
  await by('takeover').click()
  await agree()
  await by('resume').waitFor()
  const ask = desk.posted.find(one => one.path === '/api/join/rebind/answer')
  t.match(ask?.body, {
    token: 'simulated-token-0001',
    ticket: 'simulated-ticket-00001',
    consents: [{ kind: 'camera', given: true }, {}],
  })
  await by('start-camera').click()
  await by('preview').waitFor()
  await asked('media.produce')
  t.notOk(
    desk.posted.some(one => one.path === '/api/join'),
    'nothing is spent',
  )
})

t.test('[PHO41] the agent says no: the page says so, and may ask once more', async t => {
  const { by, agree } = await pages.open(t, { state: 'other-device', rebind: 'refused', language: 'en' })
  await by('takeover').click()
  await agree()
  await by('takeover-ended').waitFor()
  t.equal(await by('takeover-ended').getAttribute('data-ending'), 'refused')
  t.ok(await by('takeover-again').isVisible())
})

t.test('[PHO50] large type is a third larger, remembered, and nothing is cut off at 320 px', async t => {
  const { page, by, start, asked } = await pages.open(t)
  await page.setViewportSize({ width: 320, height: 640 })
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize))
  const before = await size()
  await by('large-type').click()
  t.equal(await by('large-type').getAttribute('aria-pressed'), 'true')
  t.ok(Math.abs((await size()) / before - 1.3) < 0.01)
  await page.reload()
  t.ok(Math.abs((await size()) / before - 1.3) < 0.01, 'after a reload too')
  const cut = () =>
    page.evaluate(() => ({
      wide: document.documentElement.scrollWidth > innerWidth,
      small: [...document.querySelectorAll('button, label.consent, .picker')]
        .map(element => ({ text: element.textContent, box: element.getBoundingClientRect() }))
        .filter(
          ({ box }) =>
            box.width > 0 && (box.width < 48 || box.height < 48 || box.right > innerWidth + 0.5 || box.left < -0.5),
        )
        .map(({ text }) => text),
    }))
  t.strictSame(await cut(), { wide: false, small: [] }, 'ask')
  await start()
  await asked('media.produce')
  t.strictSame(await cut(), { wide: false, small: [] }, 'live')
  await by('more').click()
  t.strictSame(await cut(), { wide: false, small: [] }, 'more')
  await page.locator('[data-test="large-type-switch"]').uncheck()
  t.equal(await size(), before)
})

t.test('[PHO51] every button and field of the page has a name for a screen reader', async t => {
  const { page, by, start, asked } = await pages.open(t, { before: simulatedLens })
  const nameless = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('button, input, [role="dialog"], svg[role="img"]')]
        .filter(one => one.getClientRects().length > 0)
        .filter(one => {
          const label = one.closest('label')?.textContent ?? ''
          const labelled = document.getElementById(one.getAttribute('aria-labelledby') ?? '')?.textContent ?? ''
          return `${one.getAttribute('aria-label') ?? ''}${one.textContent}${label}${labelled}`.trim() === ''
        })
        .map(one => one.outerHTML.slice(0, 120)),
    )
  t.strictSame(await nameless(), [])
  await start()
  await asked('media.produce')
  t.strictSame(await nameless(), [])
  await by('more').click()
  t.strictSame(await nameless(), [])
  t.equal(await page.evaluate(() => document.activeElement?.tagName), 'H2', 'the sheet is read from its heading')
  await page.keyboard.press('Escape')
  await by('more-sheet').waitFor({ state: 'detached' })
})
