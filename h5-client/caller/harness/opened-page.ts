import { buildPages } from '../../../scripts/build-pages.mjs'
import { TestBrowser } from '../../../test/harness/chromium.ts'
import { until } from '../../../test/harness/until.ts'
import { SimulatedDesk, type SimulatedDeskOptions } from './simulated-desk.ts'

type Tester = { teardown(end: () => Promise<void>): void }
export type OpenOptions = Partial<SimulatedDeskOptions> & {
  readonly path?: string
  /** Runs in the page before its own scripts. */
  readonly before?: () => void
}

/** The caller's page in a real Chromium, opened against a simulated desk as often as a test likes. */
export class CallerPages {
  readonly browser: TestBrowser
  readonly #outFolder: string

  private constructor(browser: TestBrowser, outFolder: string) {
    this.browser = browser
    this.#outFolder = outFolder
  }

  static async create(t: Tester, outFolder: string): Promise<CallerPages> {
    await buildPages({ pages: ['caller'], outFolder, log: () => {} })
    const browser = await TestBrowser.launch({ phone: true })
    t.teardown(() => browser.close())
    return new CallerPages(browser, outFolder)
  }

  async open(t: Tester, o: OpenOptions = {}) {
    const desk = await SimulatedDesk.start({ outFolder: this.#outFolder, ...o })
    const page = await this.browser.context.newPage()
    t.teardown(async () => {
      await page.close()
      await desk.close()
    })
    if (o.before) await page.addInitScript(o.before)
    await page.goto(o.path === undefined ? desk.link : desk.url + o.path)
    const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
    const agree = async () => {
      await by('consent-camera').check()
      await by('consent-recording').check()
      await by('start-camera').click()
    }
    const start = async () => {
      await agree()
      await by('preview').waitFor()
    }
    /** The first request of that name that fits. */
    const asked = (name: string, fits: (data: Record<string, unknown>) => boolean = () => true) =>
      until(
        `${name} asked`,
        () => desk.asked.find(one => one.name === name && fits(one.data as Record<string, unknown>)),
        { timeoutMs: 30_000 },
      )
    return { desk, page, by, agree, start, asked }
  }
}
