import type { CallView, InviteView } from '../../../signaling/protocol/call.ts'
import type { SpeaksBy } from '../../../signaling/protocol/desk-phone.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { ConsumerParams, RtpCapabilities } from '../../../signaling/protocol/media.ts'
import type { AgentSession } from '../../../signaling/protocol/sessions.ts'
import { until, within } from '../../../test/harness/until.ts'
import { DtlsSrtpTransport } from './dtls-srtp-transport.ts'
import { RtpSender } from './rtp-sender.ts'
import { post, SimulatedSignaling } from './signaling.ts'

const SILENCE: Readonly<Record<'PCMU' | 'PCMA', Buffer>> = {
  PCMU: Buffer.alloc(160, 0xff),
  PCMA: Buffer.alloc(160, 0xd5),
}
/** Every so manieth received packet is decrypted: enough to know that they are real. */
const OPENS_EVERY = 50

/** No transport-wide congestion control: a simulated agent sends no feedback that it could live on. */
function receiveCapabilities(router: RtpCapabilities): RtpCapabilities {
  const feedback = new Set(['nack', 'ccm'])
  return {
    codecs: router.codecs.map(codec => {
      const all = Array.isArray(codec.rtcpFeedback) ? (codec.rtcpFeedback as { type: string }[]) : []
      return { ...codec, rtcpFeedback: all.filter(one => feedback.has(one.type)) }
    }),
    headerExtensions: [],
  }
}

/** An agent without a browser: signs in, answers one call, speaks and receives. Its DTLS-SRTP is real. */
export class SimulatedAgent {
  readonly signaling: SimulatedSignaling
  readonly #origin: string
  #cookie: string
  readonly #capabilities: RtpCapabilities
  readonly #transports: DtlsSrtpTransport[] = []
  readonly consumers: ConsumerParams[] = []
  /** Voice or picture as received, decrypted. */
  onRtp: (kind: 'audio' | 'video', rtp: Buffer) => void = () => {}
  /** Decrypt everything instead of a sample. */
  opensAll = false
  #calls: readonly CallView[]
  #voice: RtpSender | undefined
  #silence: Buffer = SILENCE.PCMU
  #callId: CallId | undefined
  #produce: () => Promise<void> = async () => {}

  private constructor(
    origin: string,
    cookie: string,
    signaling: SimulatedSignaling,
    calls: readonly CallView[],
    capabilities: RtpCapabilities,
  ) {
    this.#origin = origin
    this.#cookie = cookie
    this.signaling = signaling
    this.#calls = calls
    this.#capabilities = capabilities
    signaling.on('desk.calls', news => {
      this.#calls = news.calls
    })
    signaling.on('media.consumer', ({ consumer }) => {
      this.consumers.push(consumer)
      void signaling.request('media.ready', { consumerId: consumer.id }).catch(() => {})
    })
  }

  static async signIn(origin: string, person: { name: string; password: string }): Promise<SimulatedAgent> {
    const { cookie } = await post(origin, '/api/sign-in', { ...person, role: 'agent' })
    const signaling = await SimulatedSignaling.open(origin, '/ws/agent', cookie)
    const { calls, routerRtpCapabilities } = await signaling.request('desk.enter', {})
    return new SimulatedAgent(origin, cookie, signaling, calls, receiveCapabilities(routerRtpCapabilities))
  }

  /** What its HTTP requests carry. */
  get cookie(): string {
    return this.#cookie
  }

  /** As pages do every five minutes: without it the server closes the WebSocket after a quarter of an hour. */
  async renew(): Promise<void> {
    const { cookie } = await post(this.#origin, '/api/session/refresh', { role: 'agent' }, this.#cookie)
    this.#cookie = cookie
  }

  /** Answers the call that comes from this number; resolves when the microphone has been taken, or the phone is being called. */
  async answer(from: string, by?: SpeaksBy): Promise<void> {
    const ringing = await until(`the call of ${from}`, () =>
      this.#calls.find(call => call.from === from && call.phase === 'ringing'),
    )
    const { callId } = ringing
    const data = { callId, rtpCapabilities: this.#capabilities, ...(by && { by }) }
    await this.#join(await this.signaling.request('call.answer', data))
  }

  /** Calls somebody; resolves when the microphone has been taken. */
  async dial(to: string): Promise<void> {
    await this.#join(await this.signaling.request('voice.dial', { to, rtpCapabilities: this.#capabilities }))
  }

  async #join(session: AgentSession): Promise<void> {
    this.#callId = session.call.callId
    const voiceCodec = session.voiceCodec ?? 'PCMA'
    if (voiceCodec !== 'PCMU' && voiceCodec !== 'PCMA') throw new Error('the simulated agent only speaks G.711')
    this.#silence = SILENCE[voiceCodec]
    const open = (params: typeof session.send) =>
      DtlsSrtpTransport.open(params, dtlsParameters =>
        this.signaling.request('media.connect', { transportId: params.id, dtlsParameters }),
      )
    const [send, receive] = await Promise.all([open(session.send), open(session.receive)])
    this.#transports.push(send, receive)
    let count = 0
    receive.opens = () => this.opensAll || count++ % OPENS_EVERY === 0
    receive.onRtp = rtp => {
      const ssrc = rtp.readUInt32BE(8)
      const consumer = this.consumers.find(one => one.rtpParameters.encodings?.[0]?.ssrc === ssrc)
      if (consumer) this.onRtp(consumer.kind, rtp)
    }
    const payloadType = session.voiceCodec === 'PCMU' ? 0 : 8
    const voice = new RtpSender(payloadType, rtp => send.send(rtp))
    this.#produce = async () => {
      await this.signaling.request('media.produce', {
        transportId: send.id,
        kind: 'audio',
        rtpParameters: {
          codecs: [
            { mimeType: `audio/${session.voiceCodec}`, payloadType, clockRate: 8000, channels: 1, parameters: {} },
          ],
          headerExtensions: [],
          encodings: [{ ssrc: voice.ssrc }],
          rtcp: { cname: 'simulated-agent' },
        },
      })
      this.#voice = voice
    }
    if (session.call.agentBy?.by !== 'phone') await this.#produce()
  }

  /** Takes the voice from the phone into the browser: resolves when the microphone has been taken. */
  async takeHere(): Promise<void> {
    await this.signaling.request('voice.speakBy', { callId: this.callId, by: 'browser' })
    await this.#produce()
  }

  /** One frame of 20 ms; silence when nothing is given. */
  speak(payload: Buffer = this.#silence): void {
    this.#voice?.frame([payload], 160, false)
  }

  async sendCode(): Promise<InviteView> {
    if (!this.#callId) throw new Error('no call')
    return this.signaling.request('invite.issue', { callId: this.#callId, language: 'en' })
  }

  async hangUp(): Promise<void> {
    if (this.#callId) await within('the hang-up', 5000, this.signaling.request('call.hangUp', { callId: this.#callId }))
  }

  /** The calls of the desk as they were told last. */
  get calls(): readonly CallView[] {
    return this.#calls
  }

  /** The call it answered. */
  get callId(): CallId {
    if (!this.#callId) throw new Error('no call')
    return this.#callId
  }

  get voicePacketsSent(): number {
    return this.#voice?.packets ?? 0
  }
  get received() {
    const sum = { rtp: 0, opened: 0, notAuthentic: 0 }
    for (const { received } of this.#transports) {
      sum.rtp += received.rtp
      sum.opened += received.opened
      sum.notAuthentic += received.notAuthentic
    }
    return sum
  }

  /** After a call: its transports are closed, and the next one can be answered. */
  leave(): void {
    for (const transport of this.#transports.splice(0)) transport.close()
    this.consumers.length = 0
    this.#voice = undefined
    this.#callId = undefined
  }

  close(): void {
    this.signaling.close()
    for (const transport of this.#transports) transport.close()
  }
}
