import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { looped } from '../../scripts/simulated-caller/sample-source.ts'
import type { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { readWav } from '../../scripts/simulated-caller/wav.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer, type TestServer } from '../harness/app.ts'
import { callUp } from '../harness/call-up.ts'
import { type BrowserOptions, TestBrowser } from '../harness/chromium.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'
import type { Album } from './album.ts'

export const SMALL_PHONE = { width: 320, height: 640 } as const
export const SMALL_DESK = { width: 1280, height: 720 } as const
export const LABEL_CAMERA = {
  camera: 5,
  text: 'SN: TP-2026-0815',
  colour: '#0050d0',
  qr: 'https://help.example/d/HG8245',
} as const

type Parts = {
  readonly album: Album
  readonly server: TestServer
  readonly agentBrowser: TestBrowser
  readonly phoneBrowser: TestBrowser
  readonly agent: AgentPage
}

/** A real call that stands still to be pictured: server, SIP phone with speech, workbench, and the caller's browser. */
export class PicturedCall {
  readonly album: Album
  readonly server: TestServer
  readonly agentBrowser: TestBrowser
  readonly phoneBrowser: TestBrowser
  readonly agent: AgentPage
  #sip: SipPhone | undefined
  #call: PhoneCall | undefined
  #phone: PhonePage | undefined
  #link: string | undefined
  #other: TestBrowser | undefined

  private constructor(parts: Parts) {
    this.album = parts.album
    this.server = parts.server
    this.agentBrowser = parts.agentBrowser
    this.phoneBrowser = parts.phoneBrowser
    this.agent = parts.agent
  }

  static async start(
    album: Album,
    o: {
      camera: Pick<BrowserOptions, 'camera' | 'cameraFile'>
      settings?: Record<string, object>
      /** One that runs already, in the place of a new one; it is closed with the call all the same. */
      server?: TestServer
    },
  ): Promise<PicturedCall> {
    const { language } = album
    const server = o.server ?? (await InnerServer.start(o.settings))
    const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language })
    const phoneBrowser = await TestBrowser.launch({ phone: true, language, ...o.camera })
    const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
    return new PicturedCall({ album, server, agentBrowser, phoneBrowser, agent })
  }

  /** The caller's page. @throws before it is opened */
  get phone(): PhonePage {
    if (!this.#phone) throw new Error('the phone has not opened its link')
    return this.#phone
  }

  async ring(whileRinging: () => Promise<void> = async () => {}): Promise<void> {
    const speech = readWav(await readFile(join(import.meta.dirname, '../../scripts/simulated-caller/speech.wav')))
    const up = await callUp({ server: this.server, agent: this.agent, says: looped(speech, 500), whileRinging })
    this.#sip = up.phone
    this.#call = up.call
  }

  async openLink(link: string): Promise<PhonePage> {
    this.#link = link
    this.#phone = await PhonePage.open(this.phoneBrowser, link)
    return this.#phone
  }

  /** The caller's link in another browser. */
  async openElsewhere(): Promise<PhonePage> {
    await this.#other?.close()
    this.#other = await TestBrowser.launch({ phone: true, language: this.album.language, camera: LABEL_CAMERA })
    return PhonePage.open(this.#other, this.#link ?? '')
  }

  /** Code, consents, camera. */
  async join(): Promise<void> {
    const { link } = await this.agent.sendCode()
    await (await this.openLink(link)).startCamera()
    await this.cameraLive()
  }

  async cameraLive(): Promise<void> {
    await until('the camera', async () => (await this.agent.inviteState()) === 'camera-live', { timeoutMs: 30_000 })
    await until('a picture to freeze', () => this.agent.by('freeze').isEnabled())
  }

  /** Back to the live picture on both sides. */
  async live(): Promise<void> {
    await this.agent.page.keyboard.press('Escape')
    await this.agent.by('live').click()
    await this.phone.by('stage').waitFor({ state: 'hidden' })
  }

  /** What both sides draw on: a page of the camera. */
  async freeze(): Promise<void> {
    await this.agent.by('freeze').click()
    await this.agent.by('stage-canvas').waitFor()
    const stage = this.phone.by('stage')
    // The phone's own photo takes the place of the frame.
    await stage.locator('img[src*="picture="]').waitFor()
  }

  async hangUp(): Promise<void> {
    await this.#call?.hangUp()
    await this.#call?.ended
  }

  async close(): Promise<void> {
    if (this.#call && !this.#call.isOver) await this.hangUp()
    this.#sip?.close()
    await Promise.all([this.agentBrowser, this.phoneBrowser, this.#other].map(browser => browser?.close()))
    await this.server.close()
  }
}
