import type { Locator, Page } from 'playwright-core'
import type { Person, TestServer } from './app.ts'
import type { TestBrowser } from './chromium.ts'
import { heardTone } from './measure-page.ts'
import { until } from './until.ts'

/** The workbench as a tester's hands know it. Names of elements: docs/SPEC.md, `data-test`. */
export class AgentPage {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async signIn(browser: TestBrowser, server: TestServer, person: Person): Promise<AgentPage> {
    const agent = new AgentPage(await browser.page(`${server.url}/agent`))
    await agent.by('sign-in-name').fill(person.name)
    await agent.by('sign-in-password').fill(person.password)
    await agent.by('sign-in-submit').click()
    await agent.by('sign-in-submit').waitFor({ state: 'detached' })
    return agent
  }

  by(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`).first()
  }

  /** Presses the button of the first ringing call; resolves when the call is up. */
  async answer(): Promise<void> {
    await this.by('answer').click()
    await this.by('hang-up').waitFor()
  }
  async hangUp(): Promise<void> {
    await this.by('hang-up').click()
  }

  /** Sends the visual assist code; resolves with what the workbench shows of it. Not while the camera is on: then nothing is shown. */
  async sendCode(): Promise<{ link: string; digits: string }> {
    const shown = this.by('invite-link')
    const before = (await shown.count()) > 0 ? await shown.getAttribute('href') : null
    await this.by('send-code').click()
    const link = await until('a new link', async () => {
      await shown.waitFor()
      const found = await shown.getAttribute('href')
      return found !== null && found !== before && found
    })
    const digits = (await this.by('invite-digits').getAttribute('data-digits')) ?? ''
    return { link, digits }
  }

  inviteState(): Promise<string | null> {
    return this.by('invite-state')
      .getAttribute('data-state', { timeout: 2000 })
      .catch(() => null)
  }

  /** Resolves when the page plays a voice whose strongest frequency is `hz` (± 20). */
  hears(hz: number, timeoutMs = 10_000): Promise<number> {
    return until(
      `${hz} Hz in the agent's page`,
      async () => {
        const heard = await heardTone(this.page, 400)
        return heard && Math.abs(heard.hz - hz) < 20 && heard.hz
      },
      { timeoutMs },
    )
  }

  /** Draws a line over the stage with the mouse; points in 0..1 of the canvas. */
  async drag(points: readonly (readonly [number, number])[]): Promise<void> {
    const box = await this.by('stage-canvas').boundingBox()
    if (!box) throw new Error('no stage')
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const
    const [first, ...rest] = points
    if (!first) return
    await this.page.mouse.move(...at(first))
    await this.page.mouse.down()
    for (const point of rest) await this.page.mouse.move(...at(point), { steps: 8 })
    await this.page.mouse.up()
  }
}
