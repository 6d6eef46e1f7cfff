import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator } from 'playwright-core'
import type { TestServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'
import type { Album } from './album.ts'

const DESK = { width: 1440, height: 900 } as const

/** A reviewer with every right goes through every room and every card, on a server with a real call. */
export class ReviewTour {
  readonly #album: Album
  readonly #browser: TestBrowser
  readonly #review: ReviewPage

  private constructor(album: Album, browser: TestBrowser, review: ReviewPage) {
    this.#album = album
    this.#browser = browser
    this.#review = review
  }

  static async start(album: Album, server: TestServer, as = 'compliance'): Promise<ReviewTour> {
    const browser = await TestBrowser.launch({ language: album.language })
    const review = await ReviewPage.signIn(browser, server, await server.person(as))
    await review.page.setViewportSize(DESK)
    return new ReviewTour(album, browser, review)
  }

  get review(): ReviewPage {
    return this.#review
  }

  close(): Promise<void> {
    return this.#browser.close()
  }

  shot(name: string): Promise<void> {
    return this.#album.shot(this.#review.page, `review-${name}`)
  }

  /** A card of the right column or of a room, brought into sight. */
  async card(name: string, target: string | Locator): Promise<void> {
    const card = typeof target === 'string' ? this.#review.by(target) : target
    await card.evaluate(node => node.scrollIntoView({ block: 'start' }))
    await this.shot(name)
  }

  async finds(): Promise<void> {
    const { by, say } = this.hands()
    await by('search-submit').click()
    await by('review-row').waitFor()
    await this.shot('find')
    await by('more-filters').click()
    await this.shot('find-more')
    await by('search-title').fill(say('待复核投诉', 'Complaints to check'))
    await by('save-search').click()
    await this.shot('find-saved')
    await by('more-filters').click()
    await by('search-number').fill('19999999999')
    await by('search-submit').click()
    await by('list-empty').waitFor()
    await this.shot('find-none')
    await by('search-number').fill('138')
    await by('search-submit').click()
    await until('one row', async () => (await this.#review.page.locator('[data-test="review-row"]').count()) === 1)
    await by('review-row').click()
    await by('reason').waitFor()
    await this.shot('reason')
    await by('reason').fill(say('投诉复核 4711', 'Complaint 4711'))
    await by('open-record').click()
    await by('verdict').waitFor()
    await by('replay-video').waitFor({ state: 'attached' })
    await until('the film', () => by('replay-video').evaluate(node => (node as HTMLVideoElement).readyState >= 2))
  }

  async replays(): Promise<void> {
    const { by, page } = this.hands()
    await this.shot('replay-start')
    await this.#seek(0.5)
    await this.shot('replay-middle')
    await by('card-shutter-none')
      .waitFor({ timeout: 1 })
      .catch(() => {})
    await by('play').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await this.shot('replay-focus')
    const modes = page.locator('[data-test="view-modes"] button')
    for (let i = 0; i < (await modes.count()); i++) {
      await modes.nth(i).click()
      await this.shot(`mode-${i}`)
    }
    await modes.first().click()
    await by('keys').click()
    await by('keys-dialog').waitFor()
    await this.shot('keys')
    await page.keyboard.press('Escape')
  }

  async looksAtCards(): Promise<void> {
    const { by, page, say } = this.hands()
    await this.card('verdict', 'verdict')
    await this.card('events', 'events')
    await by('comment-here').click()
    await by('comment-text').fill(say('这里出示了证件', 'Here the card is shown'))
    await this.card('comment-form', 'comments')
    await by('comment-save').click()
    await by('comment').waitFor()
    await this.card('comments', 'comments')
    await by('tag-text').fill(say('投诉', 'complaint'))
    await by('tag-add').click()
    await this.card('tags', 'tags')
    await this.card('quality', 'quality')
    await by('quality-run')
      .click()
      .catch(() => {})
    await sleep(3_000)
    await this.card('quality-run', 'quality')
    await this.card('score-none', 'scores')
    const cards = page.locator('.record-column > .card, .record-column > section')
    for (let i = 0; i < (await cards.count()); i++) await this.card(`card-${String(i).padStart(2, '0')}`, cards.nth(i))
    await by('show-numbers').click()
    await this.card('numbers', 'numbers-reason')
  }

  async redacts(): Promise<void> {
    const { by, page, say } = this.hands()
    await by('section-records').click()
    await this.card('redact-none', 'redact-card')
    await by('redact-begin').click()
    await by('redact-dialog').waitFor()
    await by('redact-reason').fill(say('第三人隐私', 'Privacy of third persons'))
    await by('redact-faces').click()
    await this.shot('redact-looking')
    await until(
      'suggestions of faces',
      async () => (await page.locator('[data-test="redact-suggestion"]').count()) > 0 && by('redact-faces').isEnabled(),
      { timeoutMs: 120_000 },
    )
    for (const box of await page.locator('[data-test="redact-suggestion"]').all()) await box.check()
    await this.shot('redact-found')
    await by('redact-tab-pages').click()
    const pages = page.locator('[data-test="redact-dialog"] .redact-tab .row button')
    for (let i = 0; i < (await pages.count()); i++) {
      await pages.nth(i).click()
      await this.shot(`redact-page-${i}`)
    }
    await by('redact-tab-film').click()
    await sleep(500)
    await this.shot('redact-film')
    await by('redact-tab-voices').click()
    await sleep(500)
    await this.shot('redact-voices')
    await by('redact-tab-texts').click()
    await this.shot('redact-texts')
    await by('redact-apply').click()
    await by('redact-dialog').waitFor({ state: 'detached' })
    await this.card('redact-applying', 'redact-card')
    await page.locator('[data-test="redact-copy"][data-state="applied"]').waitFor({ timeout: 120_000 })
    await this.card('redact-applied', 'redact-card')
    await by('redact-play').click()
    await sleep(800)
    await this.card('redact-play', 'redact-card')
    await by('redact-release-reason').fill(say('法院来函', 'letter of the court'))
    await by('redact-ask').click()
    await page.locator('[data-test="redact-copy"][data-release="asked"]').waitFor()
    await this.card('redact-asked', 'redact-card')
  }

  async takesOut(): Promise<void> {
    const { by, page, say } = this.hands()
    await by('section-records').click()
    await by('release-ask').click()
    await by('release-dialog').waitFor()
    await by('release-files').click()
    await this.shot('originals-dialog')
    await by('release-reason').fill(say('法院来函', 'letter of the court'))
    await by('release-dialog').locator('input[type="checkbox"]').first().check()
    await by('release-send').click()
    await by('release-sent').waitFor()
    await this.shot('originals-sent')
    await page.keyboard.press('Escape')
    await by('print').click()
    await this.shot('print')
    await page.keyboard.press('Escape')
    await this.card('export', 'export-card')
    await by('export-reason').fill(say('投诉复核 4711', 'complaint 4711'))
    await by('export-evidence').click()
    await by('export-start').click()
    await by('export-needs-release').waitFor()
    await this.card('export-refused', 'export-card')
    await by('export-viewing').click()
    await by('export-start').click()
    await by('export-job').waitFor()
    await this.card('export-running', 'export-card')
    await page.locator('[data-test="export-job"][data-state="done"]').waitFor({ timeout: 120_000 })
    await this.card('export-done', 'export-card')
    await by('section-release').click()
    await by('release').waitFor()
    await this.shot('releases')
  }

  /** What a person does here: elements by name, the page, and the words of its language. */
  hands() {
    const review = this.#review
    return {
      page: review.page,
      by: (name: string) => review.by(name),
      say: (zh: string, en: string) => this.#album.say(zh, en),
    }
  }

  async #seek(share: number): Promise<void> {
    await this.#review.by('seek').evaluate((node, at) => {
      const input = node as HTMLInputElement
      input.value = String(Number(input.max) * at)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    }, share)
    await sleep(600)
  }
}
