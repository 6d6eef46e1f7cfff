import { Device } from 'mediasoup-client'
import type {
  RtpCapabilities as DeviceCapabilities,
  IceParameters,
  RtpParameters,
  Transport,
  TransportOptions,
} from 'mediasoup-client/types'
import type { ConsumerParams, RtpCapabilities, TransportParams } from '../../signaling/protocol/media.ts'
import { Store } from '../shared/console/store.ts'
import type { SignalingClient } from '../shared/socket.ts'

/** The pictures of one call, received only. */
export class WatchMedia {
  /** The caller's camera. */
  readonly picture = new Store<MediaStream | undefined>(undefined)
  /** The agent's screen while it is shared. */
  readonly screen = new Store<MediaStream | undefined>(undefined)
  readonly #client: SignalingClient
  readonly #device: Promise<Device>
  readonly #tracks = new Map<string, { readonly track: MediaStreamTrack; readonly isScreen: boolean }>()
  #transport: Transport | undefined
  #early: ConsumerParams[] = []

  constructor(client: SignalingClient, routerRtpCapabilities: RtpCapabilities) {
    this.#client = client
    this.#device = (async () => {
      const device = await Device.factory()
      await device.load({ routerRtpCapabilities: routerRtpCapabilities as DeviceCapabilities })
      return device
    })()
    client.on('media.consumer', ({ consumer }) => {
      if (this.#transport) void this.#consume(consumer)
      else this.#early.push(consumer)
    })
    client.on('media.consumerClosed', ({ consumerId }) => this.#drop(consumerId))
  }

  async capabilities(): Promise<RtpCapabilities> {
    return (await this.#device).recvRtpCapabilities as RtpCapabilities
  }

  async attach(receive: TransportParams): Promise<void> {
    this.detach()
    const device = await this.#device
    const transport = device.createRecvTransport(receive as unknown as TransportOptions)
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#client.request('media.connect', { transportId: transport.id, dtlsParameters }).then(() => done(), failed)
    })
    transport.on('connectionstatechange', state => {
      if (state === 'disconnected' || state === 'failed') void this.#restart(transport)
    })
    this.#transport = transport
    const early = this.#early
    this.#early = []
    for (const consumer of early) await this.#consume(consumer)
  }

  detach(): void {
    this.#transport?.close()
    this.#transport = undefined
    this.#tracks.clear()
    this.#show()
  }

  async #restart(transport: Transport): Promise<void> {
    try {
      const { iceParameters } = await this.#client.request('media.restartIce', { transportId: transport.id })
      await transport.restartIce({ iceParameters: iceParameters as unknown as IceParameters })
    } catch {
      // Without a socket there is no repair; entering again brings a new transport.
    }
  }

  async #consume(params: ConsumerParams): Promise<void> {
    const transport = this.#transport
    if (!transport || params.kind !== 'video') return
    const consumer = await transport.consume({ ...params, rtpParameters: params.rtpParameters as RtpParameters })
    this.#tracks.set(params.id, { track: consumer.track, isScreen: params.screen === true })
    this.#show()
    await this.#client.request('media.ready', { consumerId: params.id }).catch(() => undefined)
  }

  #drop(consumerId: string): void {
    this.#early = this.#early.filter(one => one.id !== consumerId)
    if (this.#tracks.delete(consumerId)) this.#show()
  }

  #show(): void {
    for (const [store, isScreen] of [
      [this.picture, false],
      [this.screen, true],
    ] as const) {
      const newest = [...this.#tracks.values()].findLast(one => one.isScreen === isScreen)?.track
      store.update(stream => {
        if (newest === undefined) return undefined
        return stream?.getVideoTracks()[0] === newest ? stream : new MediaStream([newest])
      })
    }
  }
}
