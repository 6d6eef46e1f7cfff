import type { Page } from 'playwright-core'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedArchive } from './harness/simulated-archive.ts'
import { simulatedFilm } from './harness/simulated-film.ts'
import { BROKEN, simulatedOpened, simulatedRow } from './harness/simulated-record.ts'

// The console as a person meets it, in a real Chromium, with a real film, against a SIMULATED archive. Real records:
// test/e2e.
t.setTimeout(120_000)
type Owner = { teardown(end: () => Promise<void>): void }
const pagesFolder = t.testdir({})
await buildPages({ pages: ['review'], outFolder: pagesFolder, log: () => {} })
const film = await simulatedFilm()
const browser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(() => browser.close())

const by = (page: Page, name: string) => page.locator(`[data-test="${name}"]`).first()

async function signedIn(owner: Owner, prepare?: (archive: SimulatedArchive) => void) {
  const archive = await SimulatedArchive.create(pagesFolder, film)
  prepare?.(archive)
  const page = await browser.context.newPage()
  owner.teardown(async () => {
    await page.close()
    await archive.close()
  })
  await page.goto(archive.address)
  await by(page, 'sign-in-name').fill('zhou')
  await by(page, 'sign-in-password').fill('right')
  await by(page, 'sign-in-submit').click()
  await by(page, 'sign-in-submit').waitFor({ state: 'detached' })
  return { archive, page }
}
async function opened(owner: Owner, prepare?: (archive: SimulatedArchive) => void) {
  const review = await signedIn(owner, prepare)
  await by(review.page, 'review-row').click()
  await by(review.page, 'reason').fill('complaint 4711')
  await by(review.page, 'open-record').click()
  await by(review.page, 'verdict').waitFor()
  return review
}
const seek = (page: Page, atMs: number) =>
  by(page, 'seek').evaluate((node, value) => {
    const input = node as HTMLInputElement
    input.value = String(value)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }, atMs)
const playing = (page: Page) =>
  by(page, 'replay-video').evaluate(node => {
    const video = node as HTMLVideoElement
    return { atMs: video.currentTime * 1000, paused: video.paused, ready: video.readyState, speed: video.playbackRate }
  })
const place = async (page: Page) => Number(await by(page, 'place').getAttribute('data-at-ms'))
const showing = (page: Page) => by(page, 'replay-stage').getAttribute('data-showing')

t.test('[RV30] nothing of a call is fetched before a reason is stated; the reason goes to the server', async t => {
  const { archive, page } = await signedIn(t)
  await by(page, 'review-row').click()
  await by(page, 'reason').fill('ab')
  await by(page, 'open-record').click()
  t.match(await page.locator('.reason-form [role=alert]').textContent(), /three characters/)
  t.same(
    archive.asked.filter(one => one.path.startsWith('/api/review/calls/')).map(one => one.path),
    [],
    'nothing that belongs to one call',
  )
  await by(page, 'reason').fill('complaint 4711')
  await by(page, 'open-record').click()
  await by(page, 'verdict').waitFor()
  t.match(archive.asked.find(one => one.path.endsWith('/open'))?.body, { reason: 'complaint 4711' })
})

t.test('[RV31] the verdict comes first and is said; a broken record names file and place', async t => {
  const { archive, page } = await opened(t)
  t.equal(await by(page, 'verdict').getAttribute('data-intact'), 'true')
  t.equal(
    await page.evaluate(() => document.querySelector('.record-column')?.firstElementChild?.getAttribute('data-test')),
    'verdict',
  )
  t.match(await by(page, 'verdict').textContent(), /2026-11-14 \d\d:\d\d:\d\d \S+/, 'absolute, with zone')
  archive.verdict = BROKEN
  await by(page, 'verify-again').click()
  await until('the other verdict', async () => (await by(page, 'verdict').getAttribute('data-intact')) === 'false')
  const text = await by(page, 'problems').textContent()
  t.match(text, /caller-voice-1\.rtpj/)
  t.match(text, /65,536 to 131,072/)
  t.match(text, /journal\.jsonl, entry 14/)
  archive.refusal = { status: 503, code: 'unavailable' }
  await by(page, 'verify-again').click()
  await page.locator('.verdict [role=alert]').waitFor()
  t.equal(await by(page, 'verdict').getAttribute('data-intact'), 'false', 'a failed look changes no verdict')
})

t.test('[RV32] stage, marks, text and camera words follow the clock of the film', async t => {
  const { page } = await opened(t)
  await until('the film', async () => (await playing(page)).ready >= 1)
  t.equal(await by(page, 'replay-camera').getAttribute('data-state'), 'none')
  await seek(page, 8_500)
  await until('the film at 8.5 s', async () => Math.abs((await playing(page)).atMs - 8_500) < 50)
  t.equal(await showing(page), 'live')
  t.equal(await by(page, 'replay-camera').count(), 0)
  t.match(await page.locator('.captions').first().textContent(), /voice is gone/)
  const marks: (string | null)[] = []
  for (const atMs of [12_500, 13_500, 14_500, 15_600]) {
    await seek(page, atMs)
    await by(page, 'replay-canvas').waitFor()
    marks.push(await by(page, 'replay-canvas').getAttribute('data-marks'))
  }
  t.same(marks, ['0', '1', '2', '3'])
  t.match(await by(page, 'replay-text').textContent(), /TP-2026-0815/)
  await seek(page, 18_500)
  t.equal(await showing(page), 'live')
  t.equal(await by(page, 'replay-text').count(), 0)
  await seek(page, 21_000)
  t.equal(await by(page, 'replay-camera').getAttribute('data-state'), 'paused')
  await seek(page, 13_500)
  t.equal(await by(page, 'replay-canvas').getAttribute('data-marks'), '1', 'backwards as well')
})

t.test('[RV33] playing moves film, clock and events together; a film started by itself does too', async t => {
  const { page } = await opened(t)
  await until('the film', async () => (await playing(page)).ready >= 1)
  await seek(page, 11_500)
  await by(page, 'play').click()
  await until('the page', async () => (await showing(page)) === 'page')
  const { paused, atMs, shownMs } = await page.evaluate(() => {
    const video = document.querySelector('video')
    const shown = document.querySelector<HTMLElement>('[data-test="place"]')
    return {
      paused: video?.paused,
      atMs: (video?.currentTime ?? 0) * 1000,
      shownMs: Number(shown?.dataset.atMs),
    }
  })
  t.equal(paused, false)
  t.ok(Math.abs(atMs - shownMs) < 300, `film ${atMs.toFixed(0)} ms, clock ${shownMs} ms`)
  const current = page.locator('.event-list [aria-current]')
  await until('the event', async () => /Frozen picture shown|Mark/.test((await current.textContent()) ?? ''))
  await by(page, 'play').click()
  await until('the pause', async () => (await playing(page)).paused)
  await seek(page, 1_000)
  await by(page, 'replay-video').evaluate(node => (node as HTMLVideoElement).play())
  await until('the clock', async () => (await place(page)) > 1_300)
})

t.test('[RV34] keys: space, arrows, brackets; speeds', async t => {
  const { page } = await opened(t)
  await until('the film', async () => (await playing(page)).ready >= 1)
  await page.locator('.replay-stage').first().click()
  await page.keyboard.press('ArrowRight')
  t.equal(await place(page), 5_000)
  await page.keyboard.press('Shift+ArrowLeft')
  t.equal(await place(page), 4_000)
  await page.keyboard.press(']')
  t.equal(await place(page), 5_000, 'the next event')
  await page.keyboard.press('[')
  t.equal(await place(page), 4_000, 'the event before')
  await page.getByRole('button', { name: '4×' }).click()
  t.equal((await playing(page)).speed, 4)
  await page.locator('.replay-stage').first().click()
  await page.keyboard.press(' ')
  await until('playing', async () => !(await playing(page)).paused)
  await page.keyboard.press(' ')
  await until('paused', async () => (await playing(page)).paused)
})

t.test('[RV35] an event and a waveform are places to go to', async t => {
  const { page } = await opened(t)
  await until('the film', async () => (await playing(page)).ready >= 1)
  await page.locator('.event-list button', { hasText: 'Mark: red arrow' }).click()
  t.equal(await place(page), 14_000)
  const box = await page.locator('.wave-box.caller').boundingBox()
  if (!box) throw new Error('no waveform')
  await page.mouse.click(box.x + box.width / 4, box.y + 10)
  t.ok(Math.abs((await place(page)) - 6_000) < 60, `${await place(page)} ms`)
})

t.test('[RV36] while the replay is being made the stage can be looked through; the film comes by itself', async t => {
  const { archive, page } = await opened(t, archive => {
    archive.rows = [simulatedRow({ state: 'sealed' })]
    archive.opened = simulatedOpened({ replay: null, muxState: 'sealed' })
  })
  t.equal(await by(page, 'mux-state').getAttribute('data-state'), 'sealed')
  t.ok(await by(page, 'play').isDisabled())
  await seek(page, 13_500)
  await by(page, 'replay-canvas').waitFor()
  archive.rows = [simulatedRow({ state: 'muxed' })]
  await by(page, 'replay-video').waitFor({ state: 'attached' })
  await until('the film where we were', async () => Math.abs((await playing(page)).atMs - 13_500) < 50)
  t.equal(archive.times('/open'), 1, 'looking whether it is ready is no new look at the record')
})

t.test('[RV37] a replay that could not be made is said, the record stays open', async t => {
  const { page } = await opened(t, archive => {
    archive.opened = simulatedOpened({ replay: null, muxState: 'mux-failed' })
  })
  t.match(await by(page, 'mux-state').textContent(), /could not be made/)
  t.equal(await by(page, 'verdict').getAttribute('data-intact'), 'true')
})

t.test('[RV38] finding: filters go to the server; nothing found, failure and forbidden are told apart', async t => {
  const { archive, page } = await signedIn(t)
  await by(page, 'search-number').fill('999')
  await by(page, 'search-from').fill('2026-11-14')
  await by(page, 'search-submit').click()
  await by(page, 'list-empty').waitFor()
  t.match(await by(page, 'list-empty').textContent(), /No call matches/)
  const query = archive.asked.at(-1)?.query
  t.equal(query?.get('number'), '999')
  t.ok(query?.get('from'))
  archive.listRefusal = { status: 503, code: 'unavailable' }
  await by(page, 'search-submit').click()
  await page.locator('.list-state[role=alert]').waitFor()
  archive.listRefusal = undefined
  await by(page, 'search-number').fill('138')
  await by(page, 'search-submit').click()
  await by(page, 'review-row').waitFor()
  archive.listRefusal = { status: 403, code: 'forbidden' }
  await by(page, 'search-submit').click()
  await by(page, 'forbidden').waitFor()
})

t.test('[RV39] a sign-in that has run out leads back to the sign-in page', async t => {
  const { archive, page } = await signedIn(t)
  await by(page, 'review-row').waitFor()
  archive.listRefusal = { status: 401, code: 'not-signed-in' }
  await by(page, 'search-submit').click()
  await by(page, 'sign-in-name').waitFor()
})

t.test('[RV40] a refused opening is said, and the reason can be sent again', async t => {
  const { archive, page } = await signedIn(t)
  archive.refusal = { status: 503, code: 'unavailable' }
  await by(page, 'review-row').click()
  await by(page, 'reason').fill('complaint 4711')
  await by(page, 'open-record').click()
  await until('the refusal', async () =>
    /could not be opened/.test((await page.locator('.reason-form').textContent()) ?? ''),
  )
  t.equal(await by(page, 'reason').inputValue(), 'complaint 4711')
  archive.refusal = undefined
  await by(page, 'open-record').click()
  await by(page, 'verdict').waitFor()
  t.match(await by(page, 'access-log').textContent(), /投诉处理/)
})

t.test(
  '[RC28] whatever is brought into sight, the page stays under its head; no card runs out of its column',
  async t => {
    const { page } = await opened(t)
    const seen = () =>
      page.evaluate(() => {
        const column = document.querySelector('.record-column')
        for (const card of document.querySelectorAll('.record-column > *')) card.scrollIntoView({ block: 'start' })
        return {
          head: document.querySelector('.review-head')?.getBoundingClientRect().top,
          tooWide: (column?.scrollWidth ?? 0) - (column?.clientWidth ?? 0),
        }
      })
    await by(page, 'export-card').waitFor()
    t.same(await seen(), { head: 0, tooWide: 0 }, 'English')
    await page.getByRole('button', { name: '中文', exact: true }).first().click()
    await page.getByText('中文').first().waitFor()
    t.same(await seen(), { head: 0, tooWide: 0 }, 'Chinese')
  },
)
