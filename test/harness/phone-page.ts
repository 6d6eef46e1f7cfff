import type { Locator, Page } from 'playwright-core'
import type { TestBrowser } from './chromium.ts'

/** The caller's page on a phone, as a tester's thumb knows it. */
export class PhonePage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  static async open(browser: TestBrowser, link: string): Promise<PhonePage> {
    return new PhonePage(await browser.page(link))
  }

  by(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`).first()
  }

  /** Gives both consents and starts the camera; resolves when the caller sees their own picture. */
  async startCamera(): Promise<void> {
    await this.by('start-camera').waitFor()
    for (const consent of ['consent-camera', 'consent-recording']) await this.by(consent).check()
    await this.by('start-camera').click()
    await this.by('preview').waitFor()
  }

  /** Types the six spoken digits on the start page. */
  async enterDigits(digits: string): Promise<void> {
    await this.by('digits-input').fill(digits)
    await this.by('digits-submit').click()
  }

  /** The kind of refusal the page shows, once it shows one. */
  async refusal(timeoutMs = 10_000): Promise<string | null> {
    const element = this.by('refusal')
    await element.waitFor({ timeout: timeoutMs })
    return element.getAttribute('data-refusal')
  }
}
