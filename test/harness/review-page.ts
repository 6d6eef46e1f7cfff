import type { Locator, Page } from 'playwright-core'
import type { Person, TestServer } from './app.ts'
import type { TestBrowser } from './chromium.ts'
import { type SeenFrame, watchFrames } from './measure-page.ts'

/** The reviewer's console as a tester's hands know it. */
export class ReviewPage {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async signIn(browser: TestBrowser, server: TestServer, person: Person): Promise<ReviewPage> {
    const review = new ReviewPage(await browser.page(`${server.url}/review`))
    await review.by('sign-in-name').fill(person.name)
    await review.by('sign-in-password').fill(person.password)
    await review.by('sign-in-submit').click()
    await review.by('sign-in-submit').waitFor({ state: 'detached' })
    return review
  }

  by(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`).first()
  }

  /** Searches by number, opens the first call found, gives the reason, and waits for the verdict and the replay. */
  async open(o: { number: string; reason: string }): Promise<void> {
    await this.by('search-number').fill(o.number)
    await this.by('search-submit').click()
    await this.by('review-row').click()
    await this.by('reason').fill(o.reason)
    await this.by('open-record').click()
    await this.by('verdict').waitFor()
    await this.by('replay-video').waitFor({ state: 'attached' })
  }

  /** Plays from the start and reads the frames shown for `watchMs`. */
  async play(watchMs: number): Promise<SeenFrame[]> {
    const video = this.by('replay-video')
    const watching = watchFrames(video, watchMs)
    await video.evaluate(node => (node as HTMLVideoElement).play())
    return watching
  }
}
