import sharp from 'sharp'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedDesk, type SimulatedDeskOptions } from './harness/simulated-desk.ts'

// Drawing with a finger in a real Chromium, against a SIMULATED desk. The whole way: test/e2e/ink.test.ts.
t.setTimeout(120_000)
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
type Place = readonly [number, number]
type Begun = {
  readonly on: string
  readonly mark: { readonly id: string; readonly shape: string; readonly colour: string }
}

async function onPage(t: { teardown(end: () => Promise<void>): void }, o: Partial<SimulatedDeskOptions> = {}) {
  const desk = await SimulatedDesk.start({ outFolder, picture, ...o })
  const page = await browser.context.newPage()
  t.teardown(async () => {
    await page.close()
    await desk.close()
  })
  await page.goto(desk.link)
  const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
  await by('consent-camera').check()
  await by('consent-recording').check()
  await by('start-camera').click()
  await by('preview').waitFor()
  await until('the socket', async () => desk.asked.some(one => one.name === 'media.produce') || undefined)
  const on = desk.freeze()
  await by('stage').waitFor()
  const touch = await browser.context.newCDPSession(page)
  /** Fingers along ways in 0..1 of the stage, all at once. */
  const fingers = async (...ways: readonly (readonly Place[])[]) => {
    const box = await by('stage').boundingBox()
    if (!box) throw new Error('no stage')
    for (let step = 0; step < (ways[0]?.length ?? 0); step += 1) {
      const touchPoints = ways.flatMap((way, id) => {
        const place = way[step]
        return place ? [{ x: box.x + place[0] * box.width, y: box.y + place[1] * box.height, id }] : []
      })
      await touch.send('Input.dispatchTouchEvent', { type: step === 0 ? 'touchStart' : 'touchMove', touchPoints })
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  const begun = () => desk.asked.filter(one => one.name === 'mark.begin').map(one => one.data as Begun)
  /** Pixels of the caller's colour on the stage. */
  const green = () =>
    by('stage-canvas').evaluate(node => {
      const canvas = node as HTMLCanvasElement
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
      let pixels = 0
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === 0x27 && data[i + 1] === 0xd4 && data[i + 2] === 0x5b) pixels += 1
      return pixels
    })
  return { desk, page, by, on, fingers, begun, green }
}
const WAY: readonly Place[] = [
  [0.3, 0.4],
  [0.5, 0.5],
  [0.7, 0.6],
]

t.test('[INK60] a finger draws with the chosen tool, in the caller’s colour, seen at once', async t => {
  const { by, on, fingers, begun, green, desk } = await onPage(t)
  await fingers(WAY)
  t.equal(begun().length, 0, 'a page that is looked at is not drawn on')
  await by('draw').click()
  await by('draw-bar').waitFor()
  for (const tool of ['pen', 'arrow', 'circle']) {
    await by(`draw-${tool}`).click()
    t.equal(await by(`draw-${tool}`).getAttribute('aria-pressed'), 'true')
    await fingers(WAY)
    const one = await until(`${tool} asked`, async () => begun().find(asked => asked.mark.shape === tool))
    t.match(one, { on, mark: { colour: 'green' } })
  }
  await until('the echo', async () => (await green()) > 200)
  await by('draw-undo').click()
  await until('undo asked', async () => desk.asked.some(one => one.name === 'ink.undo') || undefined)
  await by('draw-done').click()
  await by('draw-bar').waitFor({ state: 'hidden' })
  const before = begun().length
  await fingers(WAY)
  t.equal(begun().length, before)
})

t.test('[INK61] a second finger draws nothing', async t => {
  const { by, fingers, begun } = await onPage(t)
  await by('draw').click()
  await by('draw-bar').waitFor()
  await fingers(
    WAY,
    WAY.map(([x, y]): Place => [1 - x, y]),
  )
  await until('one line', async () => begun().length > 0 || undefined)
  t.equal(begun().length, 1)
})

t.test('[INK62] where this kind of call has no drawing for callers there is no button for it', async t => {
  const { by } = await onPage(t, { tools: ['upload'] })
  t.notOk(await by('draw').isVisible())
})

t.test('[INK63] when the agent goes back to the camera, drawing is over', async t => {
  const { by, desk } = await onPage(t)
  await by('draw').click()
  await by('draw-bar').waitFor()
  desk.happen({ type: 'stage.live', by: desk.agentId })
  await by('draw-bar').waitFor({ state: 'hidden' })
  t.ok(await by('pause').isVisible(), 'the usual buttons are back')
})

t.test('[INK64] at 320 px every button is at least 48 px, whole and on the screen', async t => {
  const { by, page } = await onPage(t)
  await page.setViewportSize({ width: 320, height: 640 })
  await by('draw').click()
  await by('draw-bar').waitFor()
  for (const name of ['draw-pen', 'draw-arrow', 'draw-circle', 'draw-undo', 'draw-done']) {
    const box = await by(name).boundingBox()
    if (!box) throw new Error(`no ${name}`)
    t.ok(box.width >= 48 && box.height >= 48, `${name}: ${box.width} × ${box.height}`)
    t.ok(box.x >= 0 && box.x + box.width <= 320 && box.y + box.height <= 640, `${name} is on the screen`)
  }
})

t.test(
  '[INK71] the better picture of the moment takes its place under the marks, also when the page is shown again',
  async t => {
    const { by, desk, on } = await onPage(t)
    const address = () => by('stage').locator('img').getAttribute('src')
    t.notMatch(await address(), /picture=/)
    const better = { widthPx: 720, heightPx: 1280, file: 'y', sha256: 'y', type: 'image/jpeg', source: 'phone-photo' }
    desk.draw(on, {
      shape: 'line',
      colour: 'red',
      points: [
        [0.2, 0.2],
        [0.8, 0.8],
      ],
    } as never)
    desk.happen({ type: 'page.bettered', pageId: on, picture: better })
    await until('the better one', async () => (await address())?.endsWith('?picture=1') || undefined)
    desk.happen({ type: 'stage.live', by: desk.agentId })
    await by('stage').waitFor({ state: 'hidden' })
    desk.happen({ type: 'stage.page', by: desk.agentId, pageId: on })
    await by('stage').waitFor()
    t.match(await address(), /picture=1$/)
  },
)

t.test('[INK72] another kind of call in mid-call gives the caller the pen, or takes it away', async t => {
  const { desk, by } = await onPage(t, { tools: [] })
  t.notOk(await by('draw').isVisible(), 'this kind of call has no pen for the caller')
  const chosen = (tools: readonly string[]) =>
    desk.happen({
      type: 'scenario.chosen',
      by: desk.agentId,
      scenario: 'x',
      title: { 'zh-CN': 'x', en: 'x' },
      retentionClass: 'x',
      tools,
    })
  chosen(['caller-draw'])
  await by('draw').waitFor({ state: 'visible' })
  chosen([])
  await by('draw').waitFor({ state: 'hidden' })
})
