import { randomUUID } from 'node:crypto'
import type { CallerSession } from '../../../signaling/protocol/sessions.ts'
import { DtlsSrtpTransport } from './dtls-srtp-transport.ts'
import { RtpSender } from './rtp-sender.ts'
import { post, SimulatedSignaling } from './signaling.ts'
import { FILM, type FilmFrame } from './vp8-film.ts'

const PAYLOAD_TYPE = 101
const FRAME_TICKS = 90_000 / FILM.fps

/** The caller's phone page without a browser: spends the code, publishes a VP8 film. Its DTLS-SRTP is real. */
export class SimulatedCameraPhone {
  readonly signaling: SimulatedSignaling
  readonly session: CallerSession
  /** What its HTTP requests carry. */
  readonly cookie: string
  readonly #transport: DtlsSrtpTransport
  readonly #sender: RtpSender
  readonly #film: readonly FilmFrame[]
  #next = 0
  #nextPacket = 0

  private constructor(
    session: CallerSession,
    cookie: string,
    signaling: SimulatedSignaling,
    transport: DtlsSrtpTransport,
    film: readonly FilmFrame[],
  ) {
    this.session = session
    this.cookie = cookie
    this.signaling = signaling
    this.#transport = transport
    this.#film = film
    this.#sender = new RtpSender(PAYLOAD_TYPE, rtp => transport.send(rtp))
  }

  /** `link` as the agent sends it. */
  static async join(origin: string, link: string, film: readonly FilmFrame[]): Promise<SimulatedCameraPhone> {
    const consent = { textVersion: 'bench', language: 'en', given: true } as const
    const { reply, cookie } = await post<CallerSession>(origin, '/api/join', {
      token: link.slice(link.lastIndexOf('/') + 1),
      deviceId: randomUUID(),
      language: 'en',
      consents: [
        { ...consent, kind: 'camera' },
        { ...consent, kind: 'recording' },
      ],
    })
    const signaling = await SimulatedSignaling.open(origin, '/ws/caller', cookie)
    const transport = await DtlsSrtpTransport.open(reply.send, dtlsParameters =>
      signaling.request('media.connect', { transportId: reply.send.id, dtlsParameters }),
    )
    const phone = new SimulatedCameraPhone(reply, cookie, signaling, transport, film)
    await signaling.request('media.produce', {
      transportId: transport.id,
      kind: 'video',
      rtpParameters: {
        codecs: [
          {
            mimeType: 'video/VP8',
            payloadType: PAYLOAD_TYPE,
            clockRate: 90_000,
            parameters: {},
            rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
          },
        ],
        headerExtensions: [],
        encodings: [{ ssrc: phone.#sender.ssrc }],
        rtcp: { cname: 'simulated-phone' },
      },
    })
    return phone
  }

  /** The next frame of the film, from its start again after its end; `ticks` of 90 kHz after the one before. */
  sendFrame(ticks = FRAME_TICKS): void {
    const frame = this.#film[this.#next % this.#film.length] ?? []
    this.#next += 1
    this.#sender.frame(frame, ticks)
  }
  /** Instead of whole frames: the film packet by packet, with a mark put into each. */
  sendPacket(mark: (payload: Buffer) => Buffer): void {
    const frame = this.#film[this.#next % this.#film.length] ?? []
    const payload = frame[this.#nextPacket]
    const isLast = this.#nextPacket >= frame.length - 1
    if (payload) this.#sender.frame([mark(payload)], this.#nextPacket === 0 ? FRAME_TICKS : 0, isLast)
    this.#nextPacket = isLast ? 0 : this.#nextPacket + 1
    if (isLast) this.#next += 1
  }
  sendReport(): void {
    this.#transport.sendRtcp(this.#sender.report())
  }

  get packetsSent(): number {
    return this.#sender.packets
  }

  close(): void {
    this.signaling.close()
    this.#transport.close()
  }
}
