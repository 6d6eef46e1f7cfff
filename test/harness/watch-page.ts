import type { Locator, Page } from 'playwright-core'
import type { Person, TestServer } from './app.ts'
import type { TestBrowser } from './chromium.ts'

/** A part of the page of those who look on, by its name. */
export const watchedBy = (page: Page, name: string): Locator => page.locator(`[data-test="${name}"]`).first()

/** A supervisor's sign-in, in a tab of its own. */
export async function signInToWatch(browser: TestBrowser, server: TestServer, person: Person): Promise<Page> {
  const page = await browser.context.newPage()
  await page.goto(`${server.url}/watch`)
  await watchedBy(page, 'sign-in-name').fill(person.name)
  await watchedBy(page, 'sign-in-password').fill(person.password)
  await watchedBy(page, 'sign-in-submit').click()
  return page
}
