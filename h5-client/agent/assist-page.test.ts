import { toDataURL } from 'qrcode'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { BenchPage } from './harness/bench-page.ts'
import { simulatedPictureOf } from './harness/simulated-assist.ts'

// Assistants, phone and people as a person meets them, against a SIMULATED desk. Real calls: test/e2e.
t.setTimeout(180_000)
const pagesFolder = t.testdir({})
await buildPages({ pages: ['agent'], outFolder: pagesFolder, log: () => {} })
const browser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(() => browser.close())
const onCall = (test: { teardown(end: () => Promise<void>): void }) => BenchPage.onCall(test, browser, pagesFolder)
const by = newId('part')
const added = (page: object): JournalEvent & { page: { id: PageId } } =>
  ({ type: 'page.added', page: { id: newId('page'), by, ...page } }) as never

t.test('[WB30] a dragged region is read at once; lines point at their place; a correction is kept', async t => {
  const bench = await onCall(t)
  await bench.freeze()
  await bench.page.keyboard.press('r')
  await bench.by('region-layer').waitFor()
  await bench.drag([0.24, 0.4], [0.6, 0.66])
  const { region } = await bench.asked('text.read')
  const { x, y, width, height } = region as { x: number; y: number; width: number; height: number }
  for (const [is, wanted] of [
    [x, 0.24],
    [y, 0.4],
    [width, 0.36],
    [height, 0.26],
  ] as const) {
    t.ok(Math.abs(is - wanted) < 0.01, `${is} is ${wanted}`)
  }
  t.equal(await bench.by('stage').getAttribute('data-mode'), 'draw', 'the pen is back in the hand')
  await bench.by('findings').waitFor()
  t.match(await bench.by('findings').textContent(), /Serial number.*TP-2026-0815/)
  t.equal(await bench.page.locator('[data-test="read-line"].low').count(), 1, 'the doubtful line is marked')
  t.equal(await bench.all('highlight').count(), 0)
  await bench.by('read-line').hover()
  await bench.by('highlight').waitFor()
  await bench.by('ocr-text').fill('S/N: TP-2026-0816')
  await bench.by('save-correction').click()
  t.match(await bench.asked('text.correct'), { text: 'S/N: TP-2026-0816' })
  await until('the correction', async () => /corrected/.test((await bench.by('confidence').textContent()) ?? ''))
  await bench.page.keyboard.press('Escape')
  await bench.by('read-text').click()
  await bench.by('readings').waitFor()
  t.equal(await bench.page.locator('[data-test="readings"] button').count(), 2, 'both readings are there')
})

t.test('[WB31] a better picture takes the stage with its provenance; the former one is a click away', async t => {
  const bench = await onCall(t)
  const pageId = await bench.freeze()
  const fetched: string[] = []
  bench.page.on('request', request => fetched.push(request.url()))
  bench.desk.tell({ type: 'page.bettered', pageId, picture: simulatedPictureOf('phone-photo') })
  await until('two pictures', async () => (await bench.all('provenance').count()) === 2)
  await until('the better one', () => fetched.some(url => url.endsWith(`${pageId}?picture=1`)))
  const pressed = () => bench.page.locator('[data-test="provenance"][aria-pressed="true"]').getAttribute('data-source')
  t.equal(await pressed(), 'phone-photo')
  t.match(await bench.all('provenance').last().textContent(), /4032 × 2268/)
  await bench.all('provenance').first().click()
  t.equal(await pressed(), 'server-key-frame')
})

t.test('[WB32] looked at closely, a mark is where it was put; the wheel zooms where the mouse is', async t => {
  const bench = await onCall(t)
  await bench.freeze()
  const box = await bench.by('stage').boundingBox()
  if (!box) throw new Error('no stage')
  for (let i = 0; i < 4; i++) await bench.page.keyboard.press('+')
  await until('the zoom', async () => (await bench.by('zoom-whole').textContent()) === '244%')
  await bench.page.keyboard.press('p')
  // The middle of the stage is still the middle of the page; its right end is not the page's.
  await bench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await bench.page.mouse.down()
  await bench.page.mouse.move(box.x + box.width - 4, box.y + box.height / 2, { steps: 4 })
  await bench.page.mouse.up()
  const { mark } = (await bench.asked('mark.begin')) as { mark: { points: number[][] } }
  t.ok(Math.abs((mark.points[0]?.[0] ?? 0) - 0.5) < 0.01 && Math.abs((mark.points[0]?.[1] ?? 0) - 0.5) < 0.01)
  const ends = () =>
    bench.desk.asked
      .filter(one => one.name === 'mark.extend')
      .flatMap(one => one.data.points as number[][])
      .map(point => point[0] ?? 0)
  await until('the end of the stroke', () => ends().some(x => Math.abs(x - (0.5 + 0.5 / 2.44)) < 0.02))
  await bench.page.keyboard.press('0')
  await until('whole again', async () => (await bench.by('zoom-whole').textContent()) === '100%')
  await bench.page.mouse.move(box.x + 40, box.y + box.height / 2)
  await bench.page.mouse.wheel(0, -600)
  await until('zoomed by the wheel', async () => (await bench.by('zoom-whole').textContent()) === '400%')
})

t.test('[WB33] the strip tells kinds, what the phone has of each page, and where the caller looks', async t => {
  const bench = await onCall(t)
  const camera = await bench.freeze()
  const upload = added({ kind: 'upload', picture: simulatedPictureOf('caller-file'), name: 'IMG_1.HEIC' })
  const card = added({
    kind: 'card',
    card: { kind: 'text', about: 'wifi', title: 'Home Wi-Fi', rows: [{ label: 'Key', value: 'r7Kq', copy: true }] },
  })
  bench.desk.tell(upload)
  bench.desk.tell(card)
  bench.desk.tell({ type: 'page.loaded', by, pageId: camera })
  bench.desk.tell({ type: 'page.seen', by, pageId: camera })
  bench.desk.tell({ type: 'page.copied', by, pageId: card.page.id, row: 0 })
  bench.desk.tell({ type: 'caller.looked', by, at: camera })
  await until('the tiles', async () => (await bench.all('film').count()) === 3)
  const films = await bench
    .all('film')
    .evaluateAll(nodes =>
      nodes.map(node => [node.dataset.kind, node.dataset.phone, node.querySelectorAll('.film-eye').length]),
    )
  t.same(films, [
    ['camera', 'seen', 1],
    ['upload', undefined, 0],
    ['card', 'copied', 0],
  ])
  await bench.page.keyboard.press(']')
  await bench.page.keyboard.press(']')
  await bench.by('stage-card').waitFor()
  t.match(await bench.by('stage-card').textContent(), /Home Wi-Fi.*Key.*r7Kq/)
})

t.test('[WB34] one line says whether both sides look at the same', async t => {
  const bench = await onCall(t)
  await bench.has('mirror', 'data-look', 'same')
  const page = await bench.freeze()
  await bench.has('mirror', 'data-look', 'loading')
  bench.desk.tell({ type: 'page.loaded', by, pageId: page })
  bench.desk.tell({ type: 'caller.looked', by, at: 'live' })
  await bench.has('mirror', 'data-look', 'other')
  bench.desk.tell({ type: 'caller.looked', by, at: page })
  await bench.has('mirror', 'data-look', 'same')
  t.match(await bench.by('mirror').textContent(), /sees this page too/)
  bench.desk.tell({ type: 'caller.looked', by, at: 'away' })
  await bench.has('mirror', 'data-look', 'away')
  t.match(await bench.by('mirror').textContent(), /another app/)
})

t.test(
  '[WB35] the camera is operated only with consent, within what the device can, and the outcome is said',
  async t => {
    const bench = await onCall(t)
    const abilities = {
      zoom: { min: 1, max: 6, step: 0.5 },
      focusPoint: true,
      still: 'photo',
      maxWidthPx: 1,
      maxHeightPx: 1,
    }
    bench.desk.change({ abilities: { ...abilities, still: 'photo', torch: true } })
    await bench.has('consent-control', 'data-state', 'unasked')
    t.equal(await bench.all('torch').count(), 0)
    await bench.by('ask-control').click()
    await bench.has('consent-control', 'data-state', 'waiting')
    const consent = { kind: 'control' as const, textVersion: '1', language: 'en' as const, given: true }
    bench.desk.tell({ type: 'consent.given', consent })
    bench.desk.change({ consents: { control: true } })
    await bench.by('torch').waitFor()
    await bench.page.keyboard.press('Shift+T')
    t.match(await bench.asked('camera.control'), { control: { kind: 'torch', on: true } })
    await bench.has('torch', 'aria-pressed', 'true')
    t.match(await bench.by('controlled').textContent(), /done/i)
    const slider = bench.by('camera-zoom')
    for (let i = 0; i < 4; i++) await slider.press('ArrowRight')
    await until('the zoom', () =>
      bench.desk.asked.some(one => (one.data.control as { kind?: string })?.kind === 'zoom'),
    )
    t.match(
      await bench.asked('camera.control'),
      { control: { kind: 'zoom', ratio: 3 } },
      'where the slider came to rest',
    )
    bench.desk.tell({ type: 'camera.controlled', by, control: { kind: 'zoom', ratio: 3 }, outcome: 'unsupported' })
    await bench.has('controlled', 'data-outcome', 'unsupported')
  },
)

t.test(
  '[WB36] what stands in the way of the picture is said, with what to say; the rung with the age of its still',
  async t => {
    const bench = await onCall(t)
    bench.desk.tell({ type: 'camera.noticed', by, notice: 'page-hidden' })
    await bench.has('camera-notice', 'data-notice', 'page-hidden')
    bench.desk.tell({ type: 'camera.noticed', by, notice: 'page-visible' })
    await bench.by('camera-notice').waitFor({ state: 'detached' })
    bench.desk.tell({ type: 'scan.frame', by, picture: simulatedPictureOf('slow-scan') })
    bench.desk.change({ rung: 'slow-scan', network: { kbps: 140, lossPercent: 11, roundTripMs: 810 } })
    await bench.has('rung-notice', 'data-rung', 'slow-scan')
    t.match(await bench.by('rung-notice').textContent(), /\d s old/)
    await bench.by('scan-still').waitFor()
    await bench.has('network', 'data-quality', 'poor')
    await bench.by('prefer-live').click()
    t.match(await bench.asked('picture.prefer'), { rung: 'live' })
    bench.desk.change({ consents: { recording: false } })
    await bench.by('not-kept').waitFor()
    t.match(await bench.by('recording').textContent(), /not the picture/, 'also beside the voice')
  },
)

t.test('[WB37] a second browser is let in or refused by the agent, who reads what it is in plain words', async t => {
  const bench = await onCall(t)
  const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1'
  bench.desk.change({ rebind: { requestId: 'r1', userAgent, askedAt: new Date().toISOString() } })
  await bench.by('rebind').waitFor()
  t.match(await bench.by('rebind').textContent(), /Safari on an iPhone/)
  await bench.by('rebind-allow').click()
  t.match(await bench.asked('invite.rebind'), { requestId: 'r1', allow: true })
  await bench.by('rebind').waitFor({ state: 'detached' })
})

t.test('[WB38] another kind of call brings other tools and takes these away', async t => {
  const bench = await onCall(t)
  t.equal(await bench.all('scan-codes').count(), 1)
  t.equal((await bench.all('read-document').count()) + (await bench.all('consent-document').count()), 0)
  await bench.by('scenario').selectOption('identity')
  t.match(await bench.asked('scenario.choose'), { scenario: 'identity' })
  await bench.by('consent-document').waitFor()
  t.equal(await bench.all('scan-codes').count(), 0)
  t.equal(await bench.all('guest').count(), 0)
})

t.test(
  '[WB39] a document: read with consent, each check told, judged by the agent; the face score knows its limits',
  async t => {
    const bench = await onCall(t)
    bench.desk.change({ tools: ['document', 'face'], consents: { document: true, face: true } })
    await bench.freeze()
    await bench.by('live').click()
    await bench.freeze()
    await bench.by('document-kind').selectOption('cn-id-front')
    await bench.page.keyboard.press('i')
    await bench.page.keyboard.press('Escape')
    await bench.by('read-document').click()
    t.match(await bench.asked('document.read'), { kind: 'cn-id-front' })
    await bench.has('document', 'data-checks', 'failed')
    t.equal(await bench.page.locator('.fields [data-check="failed"]').count(), 1)
    await bench.by('judge-differs').click()
    await bench.has('judge-differs', 'aria-pressed', 'true')
    await bench.by('compare-faces').click()
    const { documentPageId, facePageId } = await bench.asked('face.compare')
    t.not(documentPageId, facePageId)
    await bench.by('face-outcome').waitFor()
    t.match(await bench.by('face-outcome').textContent(), /71%.*never a decision/)
  },
)

t.test('[WB40] codes are looked for in the moving picture by a worker, outlined and shown large', async t => {
  const bench = await onCall(t)
  await bench.playCamera(await toDataURL('TP-2026-0815', { margin: 2, width: 320 }))
  await bench.page.keyboard.press('q')
  await bench.has('code-outlines', 'data-codes', '1')
  t.equal(await bench.by('scan-state').textContent(), 'TP-2026-0815')
  const outline = await bench.page.locator('[data-test="code-outlines"] polygon').getAttribute('points')
  const video = await bench.by('remote-video').boundingBox()
  const scale = Math.min((video?.width ?? 0) / 1280, (video?.height ?? 0) / 720)
  const [x = 0, y = 0] = (outline ?? '').split(' ')[0]?.split(',').map(Number) ?? []
  t.ok(Math.abs(x / scale - 522) < 30 && Math.abs(y / scale - 222) < 30, `outlined from ${x / scale}, ${y / scale}`)
  await bench.page.keyboard.press('q')
  await bench.by('code-outlines').waitFor({ state: 'detached' })
})

t.test('[WB41] an expert is invited by a link of this call and removed again', async t => {
  const bench = await onCall(t)
  await bench.page.keyboard.press('Shift+G')
  await bench.by('guest-name').fill('Dr. Chen')
  await bench.by('guest-name').press('Enter')
  t.match(await bench.asked('guest.invite'), { name: 'Dr. Chen' })
  await bench.by('guest-link').waitFor()
  t.equal(await bench.page.locator('.people svg:not(.icon)').count(), 0, 'a picture, never markup')
  const guest = { participantId: newId('part'), role: 'guest' as const, name: 'Dr. Chen' }
  bench.desk.change({ onlookers: [{ participantId: newId('part'), role: 'supervisor', name: 'Wang' }, guest] })
  await bench.by('onlookers').waitFor()
  t.equal(await bench.all('remove-guest').count(), 1, 'a supervisor is not the agent’s to remove')
  await bench.by('remove-guest').click()
  t.match(await bench.asked('guest.remove'), { participantId: guest.participantId })
})

t.test('[WB42] one click on the live picture tells the phone where to focus; Escape thinks better of it', async t => {
  const bench = await onCall(t)
  await bench.playCamera(await toDataURL('x', { width: 320 }))
  const abilities = { torch: false, focusPoint: true, still: 'none' as const, maxWidthPx: 1280, maxHeightPx: 720 }
  bench.desk.change({ abilities, consents: { control: true } })
  await bench.by('focus').waitFor()
  await bench.page.keyboard.press('Shift+F')
  await bench.by('focus-layer').waitFor()
  await bench.page.keyboard.press('Escape')
  await bench.by('focus-layer').waitFor({ state: 'detached' })
  await bench.page.keyboard.press('Shift+F')
  const box = await bench.by('focus-layer').boundingBox()
  if (!box) throw new Error('no place to focus on')
  await bench.page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.75)
  const { control } = (await bench.asked('camera.control')) as { control: { kind: string; at: number[] } }
  t.equal(control.kind, 'focus')
  t.ok(Math.abs((control.at[0] ?? 0) - 0.25) < 0.01 && Math.abs((control.at[1] ?? 0) - 0.75) < 0.01, `at ${control.at}`)
  await bench.by('focus-layer').waitFor({ state: 'detached' })
  t.equal(bench.desk.times('camera.control'), 1)
})

t.test('[WB43] the right column gives its room to the picture, and a result brings it back', async t => {
  const bench = await onCall(t)
  await bench.freeze()
  const narrow = await bench.by('stage').boundingBox()
  await bench.page.keyboard.press('z')
  await until('a wider stage', async () => ((await bench.by('stage').boundingBox())?.width ?? 0) > (narrow?.width ?? 0))
  t.notOk(await bench.by('feed').isVisible())
  t.ok(await bench.by('hang-up').isVisible(), 'the voice stays')
  await bench.page.keyboard.press('o')
  await bench.by('ocr-text').waitFor()
})
