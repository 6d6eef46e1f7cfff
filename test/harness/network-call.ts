import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { silence } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { JournalEntry, JournalType } from '../../signaling/protocol/journal-entry.ts'
import { InnerServer } from './app.ts'
import { type BrowserOptions, TestBrowser } from './chromium.ts'
import type { Conditions } from './impaired/conditions.ts'
import { ImpairedNetwork } from './impaired-network.ts'
import { PhonePage } from './phone-page.ts'
import { until, within } from './until.ts'

type Entry<T extends JournalType> = Extract<JournalEntry, { type: T }>
export type NetworkCallOptions = {
  readonly camera?: NonNullable<BrowserOptions['camera']>
  readonly conditions?: Conditions
  /** Whether the server's TCP candidates reach the phone: directly, or not at all. */
  readonly tcp?: 'none' | 'direct'
  /** Source ports that reach the media unimpaired. */
  readonly exempt?: (port: number) => boolean
  readonly webrtc?: object
  /** Changes the phone's pages before they load. */
  readonly prepare?: (browser: TestBrowser) => Promise<void>
}

/**
 * A call with a phone page in a real Chromium behind a bad network. The agent is simulated: signalling and DTLS-SRTP are real,
 * and it notes when video arrives.
 */
export class NetworkCall {
  readonly server: InnerServer
  readonly network: ImpairedNetwork
  readonly agent: SimulatedAgent
  readonly call: PhoneCall
  readonly browser: TestBrowser
  readonly phone: PhonePage
  /** What the agent was told of, in order. */
  readonly entries: JournalEntry[] = []
  view: CallView | undefined
  /** `performance.now()` of the newest video packet, and of the newest beginning of a key frame, at the agent. */
  lastVideoAtMs = 0
  lastKeyFrameAtMs = 0
  #videoPackets = 0
  readonly #sip: SipPhone
  readonly #speaking: NodeJS.Timeout

  private constructor(o: {
    server: InnerServer
    network: ImpairedNetwork
    agent: SimulatedAgent
    sip: SipPhone
    call: PhoneCall
    browser: TestBrowser
    phone: PhonePage
    speaking: NodeJS.Timeout
  }) {
    this.server = o.server
    this.network = o.network
    this.agent = o.agent
    this.call = o.call
    this.browser = o.browser
    this.phone = o.phone
    this.#sip = o.sip
    this.#speaking = o.speaking
    o.agent.opensAll = true
    o.agent.onRtp = (kind, rtp) => {
      if (kind === 'video') this.#video(rtp)
    }
    o.agent.signaling.on('call.entries', ({ entries }) => this.entries.push(...entries))
    o.agent.signaling.on('call.changed', ({ call }) => {
      this.view = call
    })
    o.agent.signaling.on('desk.calls', ({ calls }) => {
      this.view = calls.find(one => one.callId === o.agent.callId) ?? this.view
    })
  }

  static async start(o: NetworkCallOptions = {}): Promise<NetworkCall> {
    const mediaPort = await freePort()
    const server = await InnerServer.start({ webrtc: { port: mediaPort, ...o.webrtc } })
    const network = await ImpairedNetwork.open({
      url: server.url,
      mediaPort,
      ...(o.conditions && { conditions: o.conditions }),
      ...(o.exempt && { exempt: o.exempt }),
    })
    const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
    const sip = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
    const call = await sip.call('4008001234', { says: silence, codecs: ['PCMU'] })
    await within('the ringing', 10_000, call.rings)
    await agent.answer('13800138000')
    const speaking = setInterval(() => agent.speak(), 20)
    await within('the answer', 10_000, call.answered)
    const browser = await TestBrowser.launch({
      phone: true,
      camera: o.camera ?? { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
    })
    await network.leadMedia(browser.context, { tcp: o.tcp ?? 'none' })
    await o.prepare?.(browser)
    const phone = new PhonePage(await browser.page())
    return new NetworkCall({ server, network, agent, sip, call, browser, phone, speaking })
  }

  /** Opens a fresh link on the phone, agrees, and taps. */
  async join(timeoutMs = 60_000): Promise<void> {
    const { link } = await this.agent.sendCode()
    const { page } = this.phone
    page.setDefaultTimeout(timeoutMs)
    await page.goto(this.network.through(link), { waitUntil: 'commit', timeout: timeoutMs })
    await this.phone.startCamera()
  }

  get videoPackets(): number {
    return this.#videoPackets
  }

  /** The first entry of a type from a place on that fits. */
  told<T extends JournalType>(
    type: T,
    o: { from?: number; timeoutMs?: number; fits?: (entry: Entry<T>) => boolean } = {},
  ): Promise<Entry<T>> {
    return until(
      `an entry ${type}`,
      () =>
        this.entries
          .slice(o.from ?? 0)
          .find((entry): entry is Entry<T> => entry.type === type && (o.fits?.(entry as Entry<T>) ?? true)),
      { timeoutMs: o.timeoutMs ?? 30_000 },
    )
  }

  /** Resolves when video has come after a moment (`performance.now()`), with the moment of its first key frame after it. */
  keyFrameAfter(sinceMs: number, timeoutMs = 60_000): Promise<number> {
    return until('a key frame at the agent', () => this.lastKeyFrameAtMs > sinceMs && this.lastKeyFrameAtMs, {
      timeoutMs,
      everyMs: 10,
    }).catch(error => {
      // What a failed run needs to be understood.
      const told = this.entries.map(entry => ('rung' in entry ? `${entry.type} ${entry.rung}` : entry.type)).slice(-40)
      throw new Error(
        `${error.message}; ${JSON.stringify({ counts: this.network.counts, video: this.#videoPackets, told })}`,
      )
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#speaking)
    await this.browser.close()
    this.agent.close()
    if (!this.call.isOver) await this.call.hangUp()
    this.#sip.close()
    await this.network.close()
    await this.server.close()
  }

  #video(rtp: Buffer): void {
    this.lastVideoAtMs = performance.now()
    this.#videoPackets += 1
    if (beginsKeyFrame(rtp)) this.lastKeyFrameAtMs = this.lastVideoAtMs
  }
}

/** Whether a VP8 packet begins a key frame (RFC 7741 section 4.2 and 4.3). */
function beginsKeyFrame(rtp: Buffer): boolean {
  const [first = 0] = rtp
  let at = 12 + 4 * (first & 0x0f)
  if (first & 0x10 && at + 4 <= rtp.length) at += 4 + 4 * rtp.readUInt16BE(at + 2)
  const descriptor = rtp[at] ?? 0
  const starts = (descriptor & 0x10) !== 0 && (descriptor & 0x07) === 0
  if (!starts) return false
  let payload = at + 1
  if (descriptor & 0x80) {
    const extensions = rtp[payload] ?? 0
    payload += 1
    if (extensions & 0x80) payload += (rtp[payload] ?? 0) & 0x80 ? 2 : 1
    if (extensions & 0x40) payload += 1
    if (extensions & 0x30) payload += 1
  }
  return ((rtp[payload] ?? 1) & 0x01) === 0
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
