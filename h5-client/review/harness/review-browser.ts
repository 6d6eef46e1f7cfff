import type { Page } from 'playwright-core'
import { buildPages } from '../../../scripts/build-pages.mjs'
import { TestBrowser } from '../../../test/harness/chromium.ts'
import { SimulatedArchive } from './simulated-archive.ts'
import { simulatedFilm } from './simulated-film.ts'

type Owner = { teardown(end: () => Promise<void>): void; testdir(fixture: Record<string, never>): string }
type Prepare = (archive: SimulatedArchive) => void

export const by = (page: Page, name: string) => page.locator(`[data-test="${name}"]`).first()
export const seek = (page: Page, atMs: number) =>
  by(page, 'seek').evaluate((node, value) => {
    const input = node as HTMLInputElement
    input.value = String(value)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }, atMs)
export const place = async (page: Page) => Number(await by(page, 'place').getAttribute('data-at-ms'))
export const film = (page: Page) =>
  by(page, 'replay-video').evaluate(node => {
    const video = node as HTMLVideoElement
    return { atMs: video.currentTime * 1000, paused: video.paused, ready: video.readyState, speed: video.playbackRate }
  })

/** The console in a real Chromium with a real film, against a SIMULATED archive. */
export class ReviewBrowser {
  readonly #browser: TestBrowser
  readonly #folder: string
  readonly #film: Buffer

  private constructor(browser: TestBrowser, folder: string, film: Buffer) {
    this.#browser = browser
    this.#folder = folder
    this.#film = film
  }

  static async create(owner: Owner, language: 'en-US' | 'zh-CN' = 'en-US'): Promise<ReviewBrowser> {
    const folder = owner.testdir({})
    await buildPages({ pages: ['review'], outFolder: folder, log: () => {} })
    const browser = await TestBrowser.launch({ language })
    owner.teardown(() => browser.close())
    return new ReviewBrowser(browser, folder, await simulatedFilm())
  }

  get complaints(): readonly string[] {
    return this.#browser.complaints
  }

  async signedIn(
    owner: Pick<Owner, 'teardown'>,
    prepare?: Prepare,
  ): Promise<{ archive: SimulatedArchive; page: Page }> {
    const archive = await SimulatedArchive.create(this.#folder, this.#film)
    prepare?.(archive)
    const page = await this.#browser.context.newPage()
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

  async opened(owner: Pick<Owner, 'teardown'>, prepare?: Prepare): Promise<{ archive: SimulatedArchive; page: Page }> {
    const review = await this.signedIn(owner, prepare)
    await by(review.page, 'review-row').click()
    await by(review.page, 'reason').fill('complaint 4711')
    await by(review.page, 'open-record').click()
    await by(review.page, 'verdict').waitFor()
    return review
  }
}
