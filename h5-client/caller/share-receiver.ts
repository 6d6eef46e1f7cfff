// Loaded only when an agent shares a screen, as a bundle of its own: it imports nothing but types.
import type { Device } from 'mediasoup-client'
import type { IceParameters, RtpParameters, Transport, TransportOptions } from 'mediasoup-client/types'
import type { ConsumerParams, RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { PhoneSignaling } from './phone-signaling.ts'

/** The phone's second transport, for the agent's screen and for nothing else; no audio ever comes this way. */
export class ShareReceiver {
  readonly #device: Device
  readonly #signaling: PhoneSignaling
  readonly #onStream: (stream: MediaStream | undefined) => void
  readonly #stops: (() => void)[]
  #transport: Transport | undefined
  #early: ConsumerParams[] = []
  #shown: string | undefined
  #closed = false

  constructor(o: { device: Device; signaling: PhoneSignaling; onStream: (stream: MediaStream | undefined) => void }) {
    this.#device = o.device
    this.#signaling = o.signaling
    this.#onStream = o.onStream
    this.#stops = [
      o.signaling.on('media.consumer', ({ consumer }) => this.#announced(consumer)),
      o.signaling.on('media.consumerClosed', ({ consumerId }) => {
        if (this.#shown === consumerId) this.#show(undefined, undefined)
      }),
    ]
  }

  /** Asks for a transport; the screen follows as soon as the server has one. @throws RequestRefused */
  async open(): Promise<void> {
    const rtpCapabilities = this.#device.recvRtpCapabilities as RtpCapabilities
    const { receive } = await this.#signaling.request('media.receive', { rtpCapabilities })
    if (this.#closed) return
    const transport = this.#device.createRecvTransport(receive as unknown as TransportOptions)
    this.#transport = transport
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      const data = { transportId: transport.id, dtlsParameters }
      this.#signaling.request('media.connect', data).then(() => done(), failed)
    })
    transport.on('connectionstatechange', state => {
      if (state === 'disconnected' || state === 'failed') void this.#repair(transport)
    })
    for (const params of this.#early.splice(0)) this.#announced(params)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#show(undefined, undefined)
    this.#transport?.close()
  }

  #announced(params: ConsumerParams): void {
    if (params.kind !== 'video') return
    if (this.#transport === undefined) this.#early.push(params)
    else void this.#consume(this.#transport, params).catch(() => {})
  }

  async #consume(transport: Transport, params: ConsumerParams): Promise<void> {
    const consumer = await transport.consume({ ...params, rtpParameters: params.rtpParameters as RtpParameters })
    if (this.#closed) return
    this.#show(params.id, new MediaStream([consumer.track]))
    await this.#signaling.request('media.ready', { consumerId: params.id })
  }

  /** A phone that changed networks; without a socket the path is repaired when the session is entered again. */
  async #repair(transport: Transport): Promise<void> {
    try {
      const { iceParameters } = await this.#signaling.request('media.restartIce', { transportId: transport.id })
      await transport.restartIce({ iceParameters: iceParameters as unknown as IceParameters })
    } catch {
      // Said above.
    }
  }

  #show(id: string | undefined, stream: MediaStream | undefined): void {
    if (id === undefined && this.#shown === undefined) return
    this.#shown = id
    this.#onStream(stream)
  }
}
