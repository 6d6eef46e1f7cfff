// The only file of this page that knows mediasoup-client; loaded after the first paint, before the tap.
import { Device } from 'mediasoup-client'
import type {
  DtlsParameters as ClientDtls,
  IceParameters,
  Producer,
  RtpCapabilities as RouterCapabilities,
  Transport,
  TransportOptions,
} from 'mediasoup-client/types'
import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { RtpCapabilities, TransportParams } from '../../signaling/protocol/media.ts'

export type UplinkSignaling = {
  request<N extends RequestName>(name: N, data: RequestData<N>): Promise<RequestReply<N>>
}
export type UplinkState = 'connecting' | 'connected' | 'interrupted' | 'lost'

const START_KBPS = 1_000
const MAX_BPS = 2_000_000
const REPAIR_TRIES = 3
const REPAIR_WAIT_MS = 4_000

/** Knows what this browser can send before anybody taps. @throws UnsupportedError without WebRTC. */
export async function loadDevice(routerRtpCapabilities: RtpCapabilities): Promise<Device> {
  const device = newDevice()
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as RouterCapabilities })
  return device
}

function newDevice(): Device {
  try {
    return new Device()
  } catch (error) {
    // In-app browsers hide behind user agents that nobody lists; their engine is one of two.
    if (typeof RTCPeerConnection === 'undefined') throw error
    const handlerName =
      /AppleWebKit/.test(navigator.userAgent) && !/Chrome\//.test(navigator.userAgent) ? 'Safari12' : 'Chrome74'
    return new Device({ handlerName })
  }
}

/** The phone's one WebRTC transport and the camera on it. Repairs its path by itself, then gives up with `lost`. */
export class Uplink {
  onState: (state: UplinkState) => void = () => {}
  readonly #device: Device
  readonly #transport: Transport
  readonly #signaling: UplinkSignaling
  #producer: Producer | undefined
  #repairs = 0
  #repairTimer: ReturnType<typeof setTimeout> | undefined

  constructor(device: Device, send: TransportParams, signaling: UplinkSignaling) {
    this.#device = device
    this.#signaling = signaling
    this.#transport = device.createSendTransport(send as unknown as TransportOptions)
    this.#transport.on('connect', ({ dtlsParameters }, done, failed) => {
      // Not awaited: the description is complete now, and the publication follows on the same socket in order,
      // which saves a round trip before the first picture.
      signaling
        .request('media.connect', { transportId: this.#transport.id, dtlsParameters: plainDtls(dtlsParameters) })
        .catch(failed)
      done()
    })
    this.#transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
      const data = {
        transportId: this.#transport.id,
        kind,
        rtpParameters: rtpParameters as RequestData<'media.produce'>['rtpParameters'],
      }
      signaling.request('media.produce', data).then(reply => done({ id: reply.producerId }), failed)
    })
    this.#transport.on('connectionstatechange', state => {
      if (state === 'connected') {
        this.#repairs = 0
        clearTimeout(this.#repairTimer)
        this.onState('connected')
      } else if (state === 'disconnected' || state === 'failed') {
        this.repair()
      }
    })
  }

  get transportId(): string {
    return this.#transport.id
  }
  get publishing(): boolean {
    return this.#producer !== undefined && !this.#producer.closed
  }
  get connected(): boolean {
    return this.#transport.connectionState === 'connected'
  }

  /** One encoding of VP8; H.264 only where a browser has nothing else. */
  async publish(track: MediaStreamTrack): Promise<void> {
    if (this.#producer !== undefined && !this.#producer.closed) return this.replaceTrack(track)
    const codecs = this.#device.sendRtpCapabilities.codecs ?? []
    const codec =
      codecs.find(one => one.mimeType.toLowerCase() === 'video/vp8') ??
      codecs.find(one => one.mimeType.toLowerCase() === 'video/h264')
    this.#producer = await this.#transport.produce({
      track,
      encodings: [{ maxBitrate: MAX_BPS }],
      codecOptions: { videoGoogleStartBitrate: START_KBPS },
      // The camera object owns its track; a paused picture sends nothing at all.
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: true,
      ...(codec === undefined ? {} : { codec }),
    })
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.#producer?.replaceTrack({ track })
  }

  pause(paused: boolean): void {
    if (paused) this.#producer?.pause()
    else this.#producer?.resume()
  }

  /** Frames encoded so far; undefined while nothing is being sent. */
  async framesEncoded(): Promise<number | undefined> {
    if (this.#producer === undefined || this.#producer.paused || !this.connected) return undefined
    for (const report of (await this.#producer.getStats()).values()) {
      if (report.type === 'outbound-rtp') return report.framesEncoded as number | undefined
    }
    return undefined
  }

  unpublish(): void {
    this.#producer?.close()
    this.#producer = undefined
  }

  /** New ICE credentials at once: a phone that changed from Wi-Fi to mobile data has a new address. */
  repair(): void {
    if (this.#transport.closed) return
    clearTimeout(this.#repairTimer)
    if (this.#repairs >= REPAIR_TRIES) {
      this.#repairs = 0
      this.onState('lost')
      return
    }
    this.#repairs += 1
    this.onState('interrupted')
    this.#signaling
      .request('media.restartIce', { transportId: this.#transport.id })
      .then(reply => this.#transport.restartIce({ iceParameters: reply.iceParameters as unknown as IceParameters }))
      .catch(() => {
        // Without signalling the path is repaired when the socket is back.
      })
    this.#repairTimer = setTimeout(() => {
      if (!this.connected) this.repair()
    }, REPAIR_WAIT_MS)
  }

  close(): void {
    clearTimeout(this.#repairTimer)
    this.onState = () => {}
    this.#transport.close()
  }
}

function plainDtls(dtls: ClientDtls): RequestData<'media.connect'>['dtlsParameters'] {
  return {
    ...(dtls.role === undefined ? {} : { role: dtls.role }),
    fingerprints: dtls.fingerprints.map(({ algorithm, value }) => ({ algorithm, value })),
  }
}
