import { request as httpsRequest } from 'node:https'
import sharp from 'sharp'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { SimulatedCameraPhone } from '../../scripts/bench/simulated/simulated-camera-phone.ts'
import type { FilmFrame } from '../../scripts/bench/simulated/vp8-film.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { silence } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry, JournalType } from '../../signaling/protocol/journal-entry.ts'
import type { TestServer } from './app.ts'
import { until, within } from './until.ts'

const MAX_PAYLOAD_BYTES = 1100
const FRAMES_PER_SECOND = 10

export type HttpAnswer = {
  readonly status: number
  readonly body: Buffer
  readonly headers: NodeJS.Dict<string | string[]>
}
type Entry<T extends JournalType> = Extract<JournalEntry, { type: T }>

/**
 * A whole call without a browser: telephone, agent and phone page speak SIP, WebSocket and DTLS-SRTP with the real server.
 * The camera shows one picture, every frame a key frame.
 */
export class SimulatedCall {
  readonly agent: SimulatedAgent
  readonly phone: SimulatedCameraPhone
  readonly sip: SipPhone
  readonly call: PhoneCall
  readonly callId: CallId
  /** What the agent has been told of, in order. */
  readonly entries: JournalEntry[] = []
  /** What the phone has been told of. */
  readonly phoneEntries: JournalEntry[] = []
  readonly #url: string
  readonly #filming: NodeJS.Timeout

  private constructor(o: {
    url: string
    agent: SimulatedAgent
    phone: SimulatedCameraPhone
    sip: SipPhone
    call: PhoneCall
  }) {
    this.#url = o.url
    this.agent = o.agent
    this.phone = o.phone
    this.sip = o.sip
    this.call = o.call
    this.callId = o.agent.callId
    o.agent.signaling.on('call.entries', ({ entries }) => this.entries.push(...entries))
    o.phone.signaling.on('call.entries', ({ entries }) => this.phoneEntries.push(...entries))
    this.#filming = setInterval(() => {
      o.phone.sendFrame(90_000 / FRAMES_PER_SECOND)
      o.agent.speak()
    }, 1000 / FRAMES_PER_SECOND)
  }

  /** Up to the moment at which the agent sees a live camera. */
  static async start(server: TestServer, camera: Buffer): Promise<SimulatedCall> {
    const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
    const sip = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
    const call = await sip.call('4008001234', { says: silence, codecs: ['PCMU'] })
    await within('the ringing', 10_000, call.rings)
    await agent.answer('13800138000')
    const speaking = setInterval(() => agent.speak(), 20)
    try {
      await within('the answer', 10_000, call.answered)
    } finally {
      clearInterval(speaking)
    }
    const { link } = await agent.sendCode()
    const phone = await SimulatedCameraPhone.join(server.url, link, [await vp8FrameOf(camera)])
    const simulated = new SimulatedCall({ url: server.url, agent, phone, sip, call })
    await simulated.told('camera.live')
    return simulated
  }

  /** The first entry of a type that the agent is told of and that fits. */
  told<T extends JournalType>(type: T, fits: (entry: Entry<T>) => boolean = () => true): Promise<Entry<T>> {
    return until(`an entry ${type}`, () =>
      this.entries.find((entry): entry is Entry<T> => entry.type === type && fits(entry as Entry<T>)),
    )
  }

  /** HTTP as the phone's page (or the agent's) does it. */
  http(
    method: 'GET' | 'POST',
    path: string,
    o: { as?: 'phone' | 'agent' | 'nobody'; body?: Buffer | object; headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer> {
    const as = o.as ?? 'phone'
    const body = o.body === undefined || Buffer.isBuffer(o.body) ? o.body : Buffer.from(JSON.stringify(o.body))
    const headers = {
      origin: this.#url,
      ...(as !== 'nobody' && { cookie: this[as].cookie }),
      ...(body && { 'content-length': `${body.length}` }),
      ...(o.body && !Buffer.isBuffer(o.body) && { 'content-type': 'application/json' }),
      ...o.headers,
    }
    return new Promise((resolve, reject) => {
      const url = `${this.#url}/api/calls/${this.callId}${path}`
      const request = httpsRequest(url, { method, headers, rejectUnauthorized: false }, response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts), headers: response.headers }),
        )
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  /** The camera sends nothing any more, as on a network that carries no video. */
  stopFilming(): void {
    clearInterval(this.#filming)
  }

  close(): void {
    clearInterval(this.#filming)
    this.phone.close()
    this.agent.close()
    this.sip.close()
  }
}

/** A lossy WebP file is a VP8 key frame in a container (RFC 9649): the frame as RTP payloads (RFC 7741). */
async function vp8FrameOf(picture: Buffer): Promise<FilmFrame> {
  const webp = await sharp(picture).webp({ quality: 60 }).toBuffer()
  if (webp.toString('latin1', 12, 16) !== 'VP8 ') throw new Error('not a simple lossy WebP file')
  const frame = webp.subarray(20, 20 + webp.readUInt32LE(16))
  const payloads: Buffer[] = []
  for (let at = 0; at < frame.length; at += MAX_PAYLOAD_BYTES) {
    payloads.push(Buffer.concat([Buffer.from([at === 0 ? 0x10 : 0]), frame.subarray(at, at + MAX_PAYLOAD_BYTES)]))
  }
  return payloads
}

export const jsonOf = <T = Record<string, unknown>>(answer: HttpAnswer): T => JSON.parse(answer.body.toString()) as T
