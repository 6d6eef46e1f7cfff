import t from 'tap'
import { until } from '../../test/harness/until.ts'
import { by, film, place, ReviewBrowser, seek } from './harness/review-browser.ts'

// The replay in a real Chromium with a real film, against a SIMULATED archive.
t.setTimeout(120_000)
const browser = await ReviewBrowser.create(t)

t.test(
  '[RC2] both stages follow one clock; the caller’s shows what the phone showed, and differences are said',
  async t => {
    const { page } = await browser.opened(t)
    const showing = (side: string) => by(page, `${side}-stage`).getAttribute('data-showing')
    await until('the film', async () => (await film(page)).ready >= 1)
    await seek(page, 12_150)
    t.equal(await showing('replay'), 'page')
    t.equal(await showing('caller'), 'live')
    t.equal(await page.locator('.captions .differs').count(), 2)
    await seek(page, 12_600)
    t.match(await by(page, 'caller-loading').textContent(), /on its way/)
    await seek(page, 14_500)
    await by(page, 'caller-canvas').waitFor()
    t.equal(await by(page, 'caller-canvas').getAttribute('data-marks'), '2')
    t.equal(await page.locator('.captions .differs').count(), 0)
    await seek(page, 16_500)
    t.match(await by(page, 'caller-nothing').textContent(), /background/)
    await by(page, 'view-caller').click()
    t.equal(await by(page, 'replay-stage').count(), 0, 'one pair of eyes only')
    t.equal(await by(page, 'caller-stage').locator('video').count(), 1, 'the film goes on there')
    await by(page, 'view-both').click()
    await seek(page, 9_500)
    const sameFrame = await until('the mirror', () =>
      page.evaluate(() => {
        const mirror = document.querySelector<HTMLCanvasElement>('[data-test="film-mirror"]')
        const video = document.querySelector('video')
        if (!mirror || !video || mirror.width < 100) return undefined
        const copy = new OffscreenCanvas(mirror.width, mirror.height)
        copy.getContext('2d')?.drawImage(video, 0, 0)
        const bytes = (context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null) =>
          context?.getImageData(0, 0, mirror.width, mirror.height).data.join() ?? ''
        return bytes(mirror.getContext('2d')) === bytes(copy.getContext('2d'))
      }),
    )
    t.ok(sameFrame, 'the mirror shows the very frame of the film')
  },
)

t.test('[RC4] what is missing is on the timeline and over the picture in words', async t => {
  const { page } = await browser.opened(t)
  t.equal(await page.locator('.lane [data-kind="camera-paused"]').count(), 1)
  t.match(await page.locator('.lane [data-kind="held-agent"]').getAttribute('title'), /on hold/)
  const troubles = () => page.locator('[data-test="replay-stage"] [data-test="trouble"]').allTextContents()
  await seek(page, 19_000)
  t.same(await troubles(), ['The agent has the call on hold'])
  await seek(page, 7_000)
  t.same(await troubles(), [])
})

t.test(
  '[RC4] what the recordings tell of loss and crash is fetched, named, unlike in pattern, and a way there',
  async t => {
    const { page } = await browser.opened(t, archive => {
      const { replay } = archive.opened
      if (!replay) throw new Error('no replay')
      const spansUrl = replay.peaksUrl.replace('peaks', 'spans')
      archive.opened = { ...archive.opened, replay: { ...replay, spansUrl } }
      archive.spans = [
        { kind: 'gap', track: 'caller-voice', fromMs: 8_000, toMs: 9_000 },
        { kind: 'loss', track: 'caller-voice', fromMs: 10_000, toMs: 11_000, packets: 50 },
        { kind: 'loss', track: 'caller-voice', fromMs: 21_000, toMs: 21_500, packets: 25 },
        { kind: 'crash', fromMs: 22_000, toMs: 24_000 },
      ]
    })
    await page.locator('.lane [data-kind="server-crash"]').waitFor()
    const troubles = () => page.locator('[data-test="replay-stage"] [data-test="trouble"]').allTextContents()
    await seek(page, 10_500)
    t.same(await troubles(), ['The caller’s voice arrived and was not kept'])
    const jump = page.locator('[data-test="missing-list"] [data-kind="caller-voice-loss"]')
    t.match(await jump.textContent(), /was not kept ×2/)
    await jump.click()
    t.equal(await place(page), 21_000, 'the next one')
    await jump.click()
    t.equal(await place(page), 10_000, 'after the last the first again')
    const looks = await page.locator('[data-test="missing-list"] .swatch').evaluateAll(nodes =>
      nodes.map(node => {
        const { backgroundImage, outlineStyle, backgroundColor } = getComputedStyle(node)
        // Angles and stops without colours: what is left must still differ.
        const pattern = backgroundImage.replace(/(rgba?|oklch|color|oklab)\([^)]*\)/g, '')
        return `${pattern} ${outlineStyle} ${backgroundImage === 'none' ? backgroundColor : ''}`
      }),
    )
    const kinds = await page
      .locator('[data-test="missing-list"] button')
      .evaluateAll(nodes => nodes.map(n => n.dataset.kind))
    const patternOf = (kind: string) => looks[kinds.indexOf(kind)]
    const patterns = ['caller-voice-loss', 'server-crash', 'held-agent', 'camera-paused'].map(patternOf)
    t.equal(new Set(patterns).size, 4, patterns.join(' | '))
  },
)

t.test('[RC5] hidden groups are gone from timeline and list, and the keys pass over them', async t => {
  const { page } = await browser.opened(t)
  const ticks = () => page.locator('.tick').count()
  const before = await ticks()
  await page.locator('.chip[data-group="drawing"]').click()
  t.equal(await ticks(), before - 3)
  t.equal(await page.locator('.event-list li.drawing').count(), 0)
  await seek(page, 12_400)
  await page.locator('.replay-stage').first().click()
  await page.keyboard.press(']')
  t.equal(await place(page), 13_550, 'not the marks at 13 and 14 s, nor the detail at 12.9 s')
})

t.test('[RC6] frame by frame by key: every frame of the film, none twice', async t => {
  const { page } = await browser.opened(t)
  await until('the film', async () => (await film(page)).ready >= 2)
  await seek(page, 2_010)
  await until('there', async () => Math.abs((await film(page)).atMs - 2_010) < 20)
  await page.locator('.replay-stage').first().click()
  const step = async (key: string, from: number) => {
    await page.keyboard.press(key)
    return until(`a step from ${from}`, async () => {
      const at = await place(page)
      return at !== from && at
    })
  }
  // The simulated film has five frames a second.
  const seen = [await step('.', await place(page))]
  for (let i = 0; i < 3; i++) seen.push(await step('.', seen.at(-1) ?? 0))
  const [first = 0] = seen
  t.ok(Math.abs(first - 2_200) < 15, `the sound’s lead-in moves the frames by a few ms: ${first}`)
  t.same(seen, [first, first + 200, first + 400, first + 600])
  t.equal(await step(',', first + 600), first + 400)
  t.equal(await step(',', first + 400), first + 200)
})

t.test('[RC8] every key is in a list behind “?”; while it is open, keys play nothing', async t => {
  const { page } = await browser.opened(t)
  await page.locator('.replay-stage').first().click()
  await page.keyboard.press('?')
  const dialog = by(page, 'keys-dialog')
  await until('the list', () => dialog.evaluate(node => (node as HTMLDialogElement).open))
  t.match(await dialog.textContent(), /next frame/)
  await page.keyboard.press('ArrowRight')
  t.equal(await place(page), 0)
  await page.keyboard.press('Escape')
  await until('no list', async () => !(await dialog.evaluate(node => (node as HTMLDialogElement).open)))
  await page.keyboard.press('End')
  t.equal(await place(page), 24_000)
  await page.keyboard.press('Home')
  await page.keyboard.press('+')
  t.equal((await film(page)).speed, 1.5)
  await page.keyboard.press('-')
  await page.keyboard.press('-')
  t.equal((await film(page)).speed, 0.75)
  await page.keyboard.press('v')
  t.equal(await by(page, 'stages').getAttribute('data-mode'), 'agent')
})

t.test('[RC7] a picture beside its text: a line leads to its box and back, the correction stands below', async t => {
  const { page } = await browser.opened(t)
  await by(page, 'view-pictures').click()
  await by(page, 'text-box').waitFor()
  const boxes = page.locator('[data-test="text-box"]')
  const lines = page.locator('[data-test="text-line"]')
  t.equal(await boxes.count(), 3)
  await lines.nth(1).click()
  t.equal(await boxes.nth(1).getAttribute('aria-pressed'), 'true')
  await boxes.nth(2).click()
  t.equal(await lines.nth(2).getAttribute('aria-pressed'), 'true')
  t.equal(await lines.nth(1).getAttribute('aria-pressed'), 'false')
  t.match(await by(page, 'corrected-text').textContent(), /1F3B/)
})

t.test('[RC9] who looks and when lies over everything that is shown; the verdict stays in sight', async t => {
  const { page } = await browser.opened(t)
  t.match(await by(page, 'watermark').textContent(), /zhou · 20\d\d-\d\d-\d\d \d\d:\d\d/)
  await page.locator('.record-column').evaluate(node => node.scrollTo(0, node.scrollHeight))
  t.ok(await by(page, 'verdict-chip').isVisible())
  const inSight = await by(page, 'verdict').evaluate(node => {
    const box = node.getBoundingClientRect()
    return box.top >= 0 && box.bottom <= innerHeight
  })
  t.ok(inSight, 'the card too')
  t.same(
    browser.complaints.filter(one => one.startsWith('uncaught')),
    [],
  )
})
