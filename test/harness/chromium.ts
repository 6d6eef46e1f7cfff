import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { type FakeCamera, fakeCameraFile } from './fake-camera.ts'
import { fakeMicrophoneFile } from './fake-microphone.ts'
import { installInstruments } from './page-instruments.ts'
import { needTool } from './tools.ts'

export type BrowserOptions = {
  readonly camera?: FakeCamera
  /** A film of one's own instead (MJPEG). */
  readonly cameraFile?: string
  readonly microphoneHz?: number
  /** A small upright screen with touch, as a phone has. */
  readonly phone?: boolean
  readonly language?: 'zh-CN' | 'en-US'
}

const PHONE = {
  viewport: { width: 390, height: 844 },
  screen: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36',
} as const

/** A real headless Chromium with its own profile; its camera and microphone are files, everything else is real. */
export class TestBrowser {
  readonly context: BrowserContext
  /** What pages complained about: uncaught errors and console errors, for the message of a failed test. */
  readonly complaints: string[] = []
  readonly #profile: string

  private constructor(context: BrowserContext, profile: string) {
    this.context = context
    this.#profile = profile
    context.on('weberror', error => this.complaints.push(`uncaught: ${error.error().message}`))
    context.on('console', message => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`)
    })
  }

  static async launch(o: BrowserOptions = {}): Promise<TestBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'tongping-chromium-'))
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--ignore-certificate-errors',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      // Host candidates as addresses: there is no mDNS on a test machine.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(o.cameraFile ? [`--use-file-for-fake-video-capture=${o.cameraFile}`] : []),
      ...(o.camera ? [`--use-file-for-fake-video-capture=${await fakeCameraFile(o.camera)}`] : []),
      ...(o.microphoneHz ? [`--use-file-for-fake-audio-capture=${await fakeMicrophoneFile(o.microphoneHz)}`] : []),
    ]
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: needTool('chromium', 'chromium'),
      headless: true,
      args,
      ignoreHTTPSErrors: true,
      locale: o.language ?? 'zh-CN',
      timeout: 30_000,
      ...(o.phone ? PHONE : { viewport: { width: 1440, height: 900 } }),
    })
    context.setDefaultTimeout(15_000)
    await context.addInitScript(installInstruments)
    return new TestBrowser(context, profile)
  }

  async page(url?: string): Promise<Page> {
    const page =
      this.context.pages().find(candidate => candidate.url() === 'about:blank') ?? (await this.context.newPage())
    if (url !== undefined) await page.goto(url)
    return page
  }

  async close(): Promise<void> {
    await this.context.close()
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
