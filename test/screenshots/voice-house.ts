import { runUsers } from '../../scripts/users.ts'
import type { SipRequest } from '../../signaling/sip/embedded/sip-message.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { ConsultLine } from '../harness/consult-line.ts'
import { Integration } from '../harness/integration.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { TonePhone } from '../harness/tone-phone.ts'
import { until } from '../harness/until.ts'
import type { Album } from './album.ts'
import { LABEL_CAMERA, SMALL_DESK } from './pictured-call.ts'

const SECRET = 'a-secret-of-the-contact-centre'

/** A server with a trunk, a desk phone and a contact centre beside it, so that every state of the voice can be pictured. */
export class VoiceHouse {
  readonly album: Album
  readonly server: InnerServer
  readonly line: ConsultLine
  readonly desk: TonePhone
  readonly agent: AgentPage
  readonly acd: Integration
  readonly #browsers: readonly TestBrowser[]
  #phone: PhonePage | undefined

  private constructor(o: {
    album: Album
    server: InnerServer
    line: ConsultLine
    desk: TonePhone
    agent: AgentPage
    browsers: readonly TestBrowser[]
  }) {
    this.album = o.album
    this.server = o.server
    this.line = o.line
    this.desk = o.desk
    this.agent = o.agent
    this.acd = new Integration(o.server, `Bearer acd:${SECRET}`)
    this.#browsers = o.browsers
  }

  static async open(album: Album): Promise<VoiceHouse> {
    const { language } = album
    const line = await ConsultLine.create()
    const desk = await TonePhone.create({ serverPort: line.sipPort, hz: 800 })
    const settings = {
      ...line.settings,
      calls: { deskPhones: ['sip:2*'], voiceLostMs: 2000 },
      external: { integrations: new Map([['acd', SECRET]]) },
    }
    const server = await InnerServer.start(settings).catch(error => {
      line.close()
      desk.close()
      throw error
    })
    const env = { TONGPING_DATA_DIR: server.dataDir, TONGPING_DESK_PHONES: 'sip:2*' }
    await runUsers(['phone', 'agent', desk.address], { env, say: () => {}, account: 'operator' })
    const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language })
    const phoneBrowser = await TestBrowser.launch({ phone: true, language, camera: LABEL_CAMERA })
    const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
    await agent.by('speak-by').waitFor()
    return new VoiceHouse({ album, server, line, desk, agent, browsers: [agentBrowser, phoneBrowser] })
  }

  /** The caller's page. @throws before it is opened */
  get phone(): PhonePage {
    if (!this.#phone) throw new Error('the phone has not opened its link')
    return this.#phone
  }

  /** The workbench, also on a small desk. */
  async shot(name: string): Promise<void> {
    await this.album.shot(this.agent.page, `voice-${name}`)
    await this.album.shotAt(this.agent.page, SMALL_DESK, `voice-${name}-1280`)
  }

  async state(wanted: string): Promise<void> {
    let seen: string | null = null
    const read = async () => {
      seen = await this.agent
        .by('voice-state')
        .getAttribute('data-state', { timeout: 1000 })
        .catch(() => null)
      return seen === wanted
    }
    await until(`voice ${wanted}`, read, { timeoutMs: 15_000 }).catch(error => {
      throw new Error(`${error.message}; it is ${seen}`)
    })
  }

  async dial(): Promise<SipRequest> {
    await this.agent.by('dial-to').fill('13800138000')
    await this.agent.by('dial').click()
    return this.line.called('caller')
  }

  async talk(): Promise<void> {
    this.line.answer(await this.dial())
    await this.state('connected')
  }

  async join(): Promise<void> {
    const { link } = await this.agent.sendCode()
    await this.#phone?.page.close()
    const [, browser] = this.#browsers
    if (!browser) throw new Error('no phone')
    this.#phone = await PhonePage.open(browser, link)
    await this.#phone.startCamera()
    await until('the camera', async () => (await this.agent.inviteState()) === 'camera-live', { timeoutMs: 30_000 })
  }

  async hangUp(): Promise<void> {
    await this.agent.hangUp()
    await this.line.hungUpOn()
    await this.agent.by('dismiss').click()
  }

  async close(): Promise<void> {
    await Promise.all(this.#browsers.map(browser => browser.close()))
    this.line.close()
    this.desk.close()
    await this.server.close()
  }
}
