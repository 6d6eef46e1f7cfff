import t from 'tap'
import { until } from '../../test/harness/until.ts'
import { by, place, ReviewBrowser, seek } from './harness/review-browser.ts'
import { simulatedOpened, simulatedRow } from './harness/simulated-record.ts'

// Finding and working on records in a real Chromium, against a SIMULATED archive.
t.setTimeout(120_000)
const browser = await ReviewBrowser.create(t)

t.test('[RC10] every filter reaches the server; a search can be kept under a name', async t => {
  const { archive, page } = await browser.signedIn(t)
  await by(page, 'more-filters').click()
  await by(page, 'search-text').fill('TP-2026')
  await by(page, 'search-camera').selectOption('1')
  await by(page, 'search-minMinutes').fill('0.5')
  await page.locator('[data-flag="hold"]').click()
  await page.locator('[data-flag="silence"]').click()
  await page.locator('[data-flag="silence"]').click()
  await by(page, 'search-submit').click()
  await until('the search', async () => archive.asked.at(-1)?.query.get('text') === 'TP-2026')
  t.match(Object.fromEntries(archive.asked.at(-1)?.query ?? []), {
    text: 'TP-2026',
    camera: '1',
    minDurationMs: '30000',
    flags: 'hold',
    withoutFlags: 'silence',
    count: '1',
  })
  await by(page, 'search-title').fill('holds')
  await by(page, 'save-search').click()
  await until('the saved search', async () => (await page.locator('[data-test="saved-search"] option').count()) === 2)
  t.match(archive.work.searches[0], { title: 'holds', rule: { flags: 'hold' }, shared: false })
})

t.test('[RC11] what was found in texts is shown with the words marked; flags and tags are chips', async t => {
  const { page } = await browser.signedIn(t, archive => {
    archive.rows = [
      simulatedRow({
        from: '*******8000',
        flags: ['hold'],
        tags: ['复核'],
        hits: [{ kind: 'ocr', atMs: 15_500, excerpt: 'S/N: TP-2026-0815' }],
      }),
    ]
  })
  await by(page, 'search-text').fill('2026')
  await by(page, 'search-submit').click()
  await by(page, 'row-hit').waitFor()
  t.equal(await by(page, 'row-hit').locator('mark').textContent(), '2026')
  t.same(await page.locator('.row-chips .chip').allTextContents(), ['hold', '复核'])
})

t.test('[RC13] whole numbers are shown only for a reason', async t => {
  const { archive, page } = await browser.opened(t, archive => {
    const opened = simulatedOpened()
    archive.opened = { ...opened, record: { ...opened.record, from: '*******8000' } }
  })
  t.match(await by(page, 'caller-number').textContent(), /\*8000/)
  await by(page, 'show-numbers').click()
  t.ok(await by(page, 'numbers-show').isDisabled())
  await by(page, 'numbers-reason').fill('call back')
  await by(page, 'numbers-show').click()
  await until('the number', async () => /13800138000/.test((await by(page, 'caller-number').textContent()) ?? ''))
  t.match(archive.asked.find(one => one.path.endsWith('/unmask'))?.body, { reason: 'call back' })
})

t.test('[RC14] a comment belongs to its moment, leads back to it, and can be resolved', async t => {
  const { archive, page } = await browser.opened(t)
  await seek(page, 13_400)
  await page.locator('.replay-stage').first().click()
  await page.keyboard.press('c')
  await by(page, 'comment-text').fill('circle is at the wrong port')
  await by(page, 'comment-save').click()
  await by(page, 'comment').waitFor()
  t.match(archive.work.comments[0], { atMs: 13_400, text: 'circle is at the wrong port' })
  t.equal(await page.locator('.pin').count(), 1, 'and on the timeline')
  await seek(page, 0)
  await by(page, 'comment-go').click()
  t.equal(await place(page), 13_400)
  await by(page, 'comment-resolve').click()
  await until('resolved', async () => (await page.locator('.comment.resolved').count()) === 1)
  const lane = await by(page, 'comment-lane').boundingBox()
  if (!lane) throw new Error('no lane')
  await page.mouse.click(lane.x + lane.width / 2, lane.y + 5)
  t.match(await by(page, 'comment-form').textContent(), /0:12\.0/, 'a click in the lane begins one there')
})

t.test('[RC15] tags are added and removed', async t => {
  const { archive, page } = await browser.opened(t)
  await by(page, 'tag-text').fill('training')
  await by(page, 'tag-add').click()
  await until('the tag', async () => (await by(page, 'tags').locator('.chip').count()) === 1)
  await by(page, 'tags').locator('.chip button').click()
  await until('no tag', async () => archive.work.tags.length === 0)
})

t.test('[RC16] a score: what is missing is named, a final one stands in the record', async t => {
  const { page } = await browser.opened(t)
  await by(page, 'score-begin').click()
  await by(page, 'question-greeting').locator('[data-value="yes"]').click()
  await by(page, 'score-draft').click()
  await page.locator('.question.missing').waitFor()
  t.equal(await page.locator('.question.missing').getAttribute('data-test'), 'question-privacy')
  await by(page, 'question-privacy').locator('[data-value="n/a"]').click()
  await by(page, 'score-final').click()
  await until('the score', async () => (await page.locator('[data-test="score"][data-state="final"]').count()) === 1)
  t.match(await page.locator('[data-test="score"][data-state="final"]').textContent(), /90 of 100 · passed/)
  await by(page, 'second-opinion').waitFor()
})

t.test('[RC12] what was played and gone to is told to the server when the record is left', async t => {
  const { archive, page } = await browser.opened(t)
  await until('the film', async () => page.evaluate(() => (document.querySelector('video')?.readyState ?? 0) >= 2))
  await by(page, 'play').click()
  await until('half a second', async () => (await place(page)) > 500)
  await by(page, 'play').click()
  await seek(page, 20_000)
  await page.evaluate(() => {
    location.hash = '#/records/call_00000000000000000000'
  })
  await until('the log', async () => archive.times('/seeks') > 0)
  type Told = { readonly spans: readonly { readonly fromMs: number; readonly toMs: number }[] }
  const told = archive.asked.find(one => one.path.endsWith('/seeks'))?.body as Told | undefined
  const spans = told?.spans ?? []
  t.ok((spans[0]?.toMs ?? 0) > 400, JSON.stringify(spans))
  t.match(spans.at(-1), { fromMs: 20_000, toMs: 20_000 })
  t.ok(await by(page, 'reason').isVisible(), 'an address of another record asks for a reason')
})
