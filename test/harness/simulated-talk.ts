import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { decodeG711, encodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { readRtp } from '../../scripts/simulated-caller/rtp-packet.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import type { SipTarget } from '../../scripts/simulated-caller/sip-wire.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { TestServer } from './app.ts'
import { phoneHears } from './call-up.ts'
import { dominantHz, shareOf } from './tone.ts'
import { until, within } from './until.ts'

export const CALLER_HZ = 440
export const AGENT_HZ = 700
const FRAME = 160
const EAR_SAMPLES = 4000

/** A telephone and a simulated agent that speak in tones: a call's voices without a browser. */
export class SimulatedTalk {
  readonly phone: SipPhone
  readonly call: PhoneCall
  readonly agent: SimulatedAgent
  readonly callId: CallId
  /** The call as the agent's page was told of it last. */
  view: CallView | undefined
  readonly #speaking: NodeJS.Timeout
  #heard = new Int16Array(0)

  private constructor(phone: SipPhone, call: PhoneCall, agent: SimulatedAgent, speaking: NodeJS.Timeout) {
    this.phone = phone
    this.call = call
    this.agent = agent
    this.callId = agent.callId
    this.#speaking = speaking
    agent.opensAll = true
    agent.onRtp = (kind, rtp) => {
      const packet = kind === 'audio' ? readRtp(rtp) : undefined
      if (!packet) return
      const all = [...this.#heard, ...decodeG711('PCMU', packet.payload.subarray(-FRAME))]
      this.#heard = Int16Array.from(all.slice(-EAR_SAMPLES))
    }
    agent.signaling.on('call.changed', ({ call: view }) => {
      if (view.callId === this.callId) this.view = view
    })
  }

  static async start(
    server: TestServer,
    o: { sip?: SipTarget; number?: string; agent?: string } = {},
  ): Promise<SimulatedTalk> {
    const number = o.number ?? '13800138000'
    const agent = await SimulatedAgent.signIn(server.url, await server.person(o.agent ?? 'agent'))
    const phone = await SipPhone.create({ server: o.sip ?? server.sip('udp'), number })
    const call = await phone.call('4008001234', { says: tone(CALLER_HZ), codecs: ['PCMU'] })
    await within('the ringing', 10_000, call.rings)
    await agent.answer(number)
    const says = tone(AGENT_HZ)
    let frames = 0
    const speaking = setInterval(() => agent.speak(encodeG711('PCMU', says(FRAME * frames++, FRAME))), 20)
    await within('the answer', 10_000, call.answered)
    return new SimulatedTalk(phone, call, agent, speaking)
  }

  /** Resolves when each end hears the other one's tone, from now on. */
  async bothHear(timeoutMs = 10_000): Promise<void> {
    this.#heard = new Int16Array(0)
    await Promise.all([
      phoneHears(this.call, AGENT_HZ, { timeoutMs, windowMs: 400 }),
      until(
        `${CALLER_HZ} Hz at the simulated agent`,
        () => {
          if (this.#heard.length < EAR_SAMPLES) return false
          const strongest = dominantHz(this.#heard, 8000)
          return (
            strongest !== undefined &&
            Math.abs(strongest - CALLER_HZ) <= 20 &&
            shareOf(CALLER_HZ, this.#heard, 8000) > 0.3
          )
        },
        { timeoutMs },
      ),
    ])
  }

  close(): void {
    clearInterval(this.#speaking)
    this.agent.close()
    this.phone.close()
  }
}
