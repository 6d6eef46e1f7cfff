import type { Page } from 'playwright-core'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedDesk } from './harness/simulated-desk.ts'

// The tool bar and the pen in a real Chromium, against a SIMULATED desk. The whole way: test/e2e/ink.test.ts.
t.setTimeout(120_000)
const pagesFolder = t.testdir({})
await buildPages({ pages: ['agent'], outFolder: pagesFolder, log: () => {} })
const browser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(() => browser.close())
const by = (page: Page, name: string) => page.locator(`[data-test="${name}"]`).first()
const marks = (page: Page) => by(page, 'stage-canvas').getAttribute('data-marks')

async function onPage(test: { teardown(end: () => Promise<void>): void }) {
  const desk = await SimulatedDesk.create(pagesFolder)
  const page = await browser.context.newPage()
  test.teardown(async () => {
    await page.close()
    await desk.close()
  })
  await page.goto(desk.address)
  await by(page, 'sign-in-name').fill('lin')
  await by(page, 'sign-in-password').fill('right')
  await by(page, 'sign-in-submit').click()
  await until('the desk', () => desk.times('desk.enter') > 0)
  desk.ring()
  await by(page, 'answer').click()
  await by(page, 'hang-up').waitFor()
  desk.camera()
  await by(page, 'freeze').click()
  await by(page, 'stage-canvas').waitFor()
  const begun = () =>
    desk.asked
      .filter(one => one.name === 'mark.begin')
      .map(one => one.data as { mark: { id: string; shape: string }; replaces?: string })
  const drag = async (...places: readonly (readonly [number, number])[]) => {
    const box = await by(page, 'stage-canvas').boundingBox()
    if (!box) throw new Error('no stage')
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const
    for (const [index, place] of places.entries()) {
      await page.mouse.move(...at(place), { steps: index === 0 ? 1 : 4 })
      if (index === 0) await page.mouse.down()
    }
    await page.mouse.up()
  }
  return { desk, page, begun, drag }
}

t.test(
  '[INK65] the bar is one stop of Tab; arrow keys go through it, Enter chooses, and letters still mean tools',
  async t => {
    const { page } = await onPage(t)
    await by(page, 'tool-pen').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-test'))
    t.equal(await focused(), 'tool-line')
    await page.keyboard.press('Enter')
    t.equal(await by(page, 'tool-line').getAttribute('aria-pressed'), 'true')
    const stops = await page.locator('.tools button[tabindex="0"]').count()
    t.equal(stops, 1)
    await page.keyboard.press('b')
    t.equal(await by(page, 'tool-box').getAttribute('aria-pressed'), 'true')
    await page.keyboard.press('Tab')
    t.not(await focused(), 'tool-arrow', 'Tab leaves the bar')
  },
)

t.test('[INK66] every button of the bar has a name and shows its key; the word comes with the mouse', async t => {
  const { page } = await onPage(t)
  const buttons = await page
    .locator('.tools button')
    .evaluateAll(all =>
      all.map(one => ({ name: one.getAttribute('aria-label'), key: one.querySelector('kbd')?.textContent })),
    )
  t.ok(buttons.length > 22)
  t.ok(
    buttons.every(one => one.name && one.key),
    JSON.stringify(buttons.filter(one => !one.name || !one.key)),
  )
  const word = () =>
    by(page, 'tool-number').evaluate(node => {
      const look = getComputedStyle(node, '::after')
      return look.opacity === '1' && look.content
    })
  t.notOk(await word())
  await by(page, 'tool-number').hover()
  t.match(await until('the word', word), /Numbered arrow/)
})

t.test('[INK67] undo and redo may be pressed only while there is something to take back or bring again', async t => {
  const { page, drag, begun } = await onPage(t)
  t.ok(await by(page, 'undo').isDisabled())
  t.ok(await by(page, 'clear').isDisabled())
  await page.keyboard.press('p')
  await drag([0.2, 0.2], [0.5, 0.5])
  await until('the mark', async () => (await marks(page)) === '1')
  t.equal(begun().length, 1)
  await by(page, 'undo').click()
  await until('no mark', async () => (await marks(page)) === '0')
  t.ok(await by(page, 'redo').isEnabled())
  await page.keyboard.press('Control+Shift+Z')
  await until('the mark again', async () => (await marks(page)) === '1')
  t.ok(await by(page, 'redo').isDisabled())
})

t.test('[INK68] Shift on lifting the pen keeps a rough stroke as it is; without it the shape is tidy', async t => {
  const { page, drag, begun } = await onPage(t)
  await page.keyboard.press('s')
  await page.keyboard.down('Shift')
  await drag([0.2, 0.2], [0.4, 0.21], [0.6, 0.2])
  await page.keyboard.up('Shift')
  t.equal(begun().length, 1)
  await drag([0.2, 0.6], [0.4, 0.61], [0.6, 0.6])
  await until('the line', () => begun().length === 3)
  t.match(begun()[2], { mark: { shape: 'line' }, replaces: begun()[1]?.mark.id })
  await until('two marks', async () => (await marks(page)) === '2')
})

t.test('[INK69] one’s own text is changed by a click on it, and emptied it is gone', async t => {
  const { page, begun, desk } = await onPage(t)
  await page.keyboard.press('t')
  const box = await by(page, 'stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  const click = (x: number, y: number) => page.mouse.click(box.x + x * box.width, box.y + y * box.height)
  await click(0.3, 0.5)
  await page.keyboard.type('WRONG')
  await page.keyboard.press('Enter')
  await until('the text', async () => (await marks(page)) === '1')
  await click(0.33, 0.49)
  t.equal(await by(page, 'text-entry').inputValue(), 'WRONG')
  await page.keyboard.type('RIGHT')
  await page.keyboard.press('Enter')
  await until('the new text', () => begun().length === 2)
  t.match(begun()[1], { mark: { text: 'RIGHT' }, replaces: begun()[0]?.mark.id })
  await until('one text', async () => (await marks(page)) === '1')
  await click(0.33, 0.49)
  await by(page, 'text-entry').fill('')
  await page.keyboard.press('Enter')
  await until('the erasure', () => desk.times('marks.erase') === 1)
})
