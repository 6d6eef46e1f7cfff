import { AgentPage } from '../../../test/harness/agent-page.ts'
import { OuterServer } from '../../../test/harness/app.ts'
import { type CallUp, callUp } from '../../../test/harness/call-up.ts'
import { TestBrowser } from '../../../test/harness/chromium.ts'
import { PhonePage } from '../../../test/harness/phone-page.ts'
import { silence } from '../../simulated-caller/sample-source.ts'
import { watchPage } from './watch-page.ts'

/** The server as its own process, an agent's Chromium and a phone's Chromium, both watched, and a call between them. */
export class BenchPages {
  readonly server: OuterServer
  readonly agent: AgentPage
  readonly phone: PhonePage
  readonly up: CallUp
  readonly #browsers: readonly TestBrowser[]

  private constructor(o: {
    server: OuterServer
    agent: AgentPage
    phone: PhonePage
    up: CallUp
    browsers: TestBrowser[]
  }) {
    this.server = o.server
    this.agent = o.agent
    this.phone = o.phone
    this.up = o.up
    this.#browsers = o.browsers
  }

  static async start(): Promise<BenchPages> {
    const server = await OuterServer.start()
    const browsers: TestBrowser[] = []
    try {
      browsers.push(await TestBrowser.launch({ microphoneHz: 620 }))
      browsers.push(
        await TestBrowser.launch({ phone: true, camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' } }),
      )
      for (const browser of browsers) await browser.context.addInitScript(watchPage)
      const [desk, hand] = browsers
      if (!desk || !hand) throw new Error('no browser')
      const agent = await AgentPage.signIn(desk, server, await server.person('agent'))
      const up = await callUp({ server, agent, says: silence })
      return new BenchPages({ server, agent, phone: new PhonePage(await hand.page()), up, browsers })
    } catch (error) {
      await Promise.all(browsers.map(browser => browser.close()))
      await server.close()
      throw error
    }
  }

  /** The phone's next page load finds nothing in its cache and has no session. */
  async forgetPhone(): Promise<void> {
    const { page } = this.phone
    await page.context().clearCookies()
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Network.clearBrowserCache')
    await devtools.detach()
  }

  async close(): Promise<void> {
    if (!this.up.call.isOver) await this.up.call.hangUp()
    this.up.phone.close()
    await Promise.all(this.#browsers.map(browser => browser.close()))
    await this.server.close()
  }
}
