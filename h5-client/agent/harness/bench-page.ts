import type { Locator, Page } from 'playwright-core'
import type { PageId } from '../../../signaling/protocol/ids.ts'
import type { TestBrowser } from '../../../test/harness/chromium.ts'
import { until } from '../../../test/harness/until.ts'
import { SimulatedDesk } from './simulated-desk.ts'

type Owner = { teardown(end: () => Promise<void>): void }

/** The workbench in a real Chromium, in a call with a picture, against a SIMULATED desk. */
export class BenchPage {
  readonly desk: SimulatedDesk
  readonly page: Page

  private constructor(desk: SimulatedDesk, page: Page) {
    this.desk = desk
    this.page = page
  }

  /** Signed in, answered, with the camera on. Page and desk go with the test. */
  static async onCall(test: Owner, browser: TestBrowser, pagesFolder: string): Promise<BenchPage> {
    const desk = await SimulatedDesk.create(pagesFolder)
    const page = await browser.context.newPage()
    test.teardown(async () => {
      await page.close()
      await desk.close()
    })
    const bench = new BenchPage(desk, page)
    await page.goto(desk.address)
    await bench.by('sign-in-name').fill('lin')
    await bench.by('sign-in-password').fill('right')
    await bench.by('sign-in-submit').click()
    await until('the desk', () => desk.times('desk.enter') > 0)
    desk.ring()
    await bench.by('answer').click()
    await bench.by('hang-up').waitFor()
    desk.camera()
    await bench.by('camera-controls').waitFor()
    return bench
  }

  by(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`).first()
  }

  all(name: string): Locator {
    return this.page.locator(`[data-test="${name}"]`)
  }

  /** Freezes; resolves with the page that is now on the stage. */
  async freeze(): Promise<PageId> {
    await this.by('freeze').click()
    await this.by('stage-canvas').waitFor()
    return (await this.by('stage-canvas').getAttribute('data-snapshot')) as PageId
  }

  /** Drags with the left button over the stage; points in 0..1 of what is seen of the page. */
  async drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const box = await this.by('stage-canvas').boundingBox()
    if (!box) throw new Error('no stage')
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const
    await this.page.mouse.move(...at(from))
    await this.page.mouse.down()
    await this.page.mouse.move(...at(to), { steps: 5 })
    await this.page.mouse.up()
  }

  /** SIMULATED camera of 1280 × 720: a canvas with a picture at (500, 200), 320 wide, in the place of the caller's video. */
  async playCamera(pictureAddress: string): Promise<void> {
    await this.by('remote-video').evaluate(async (node, address) => {
      const image = new Image()
      image.src = address
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = 1280
      canvas.height = 720
      const context = canvas.getContext('2d')
      let turn = 0
      setInterval(() => {
        if (!context) return
        context.fillStyle = turn++ % 2 ? '#dddddd' : '#dcdcdc'
        context.fillRect(0, 0, 1280, 720)
        context.drawImage(image, 500, 200, 320, 320)
      }, 50)
      const video = node as HTMLVideoElement
      video.srcObject = canvas.captureStream(20)
      await video.play()
    }, pictureAddress)
  }

  /** What the page last asked under this name; rejects when it never did. */
  async asked(name: SimulatedDesk['asked'][number]['name']): Promise<Record<string, unknown>> {
    await until(name, () => this.desk.times(name) > 0)
    return this.desk.asked.findLast(one => one.name === name)?.data ?? {}
  }

  /** Resolves when an element's attribute has the value. */
  async has(name: string, attribute: string, value: string): Promise<void> {
    await until(`${name} ${attribute}=${value}`, async () => {
      const found = await this.by(name)
        .getAttribute(attribute, { timeout: 1_000 })
        .catch(() => undefined)
      return found === value
    })
  }
}
