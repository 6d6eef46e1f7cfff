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
import { senderShape } from './sender-shape.ts'
import { QUALITIES, type Quality } from './uplink-quality.ts'
import { readStats, type UplinkStats } from './uplink-stats.ts'

export type UplinkSignaling = {
  request<N extends RequestName>(name: N, data: RequestData<N>, timeoutMs?: number): Promise<RequestReply<N>>
}
export type UplinkState = 'connected' | 'interrupted'

const START_KBPS = 500

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

/** The phone's one WebRTC transport and the camera on it. */
export class Uplink {
  onState: (state: UplinkState) => void = () => {}
  readonly #device: Device
  readonly #transport: Transport
  readonly #signaling: UplinkSignaling
  #producer: Producer | undefined
  #holdsStill = false
  #quality: Quality = QUALITIES[0]
  /** The person has paused the picture. */
  #paused = false
  /** The network carries stills only. */
  #held = false

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
      if (state === 'connected') this.onState('connected')
      else if (state === 'disconnected' || state === 'failed') this.onState('interrupted')
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
  async publish(track: MediaStreamTrack, quality: Quality): Promise<void> {
    this.#quality = quality
    if (this.#producer !== undefined && !this.#producer.closed) return this.replaceTrack(track)
    const codecs = this.#device.sendRtpCapabilities.codecs ?? []
    const codec =
      codecs.find(one => one.mimeType.toLowerCase() === 'video/vp8') ??
      codecs.find(one => one.mimeType.toLowerCase() === 'video/h264')
    this.#producer = await this.#transport.produce({
      track,
      encodings: [senderShape(track.getSettings(), this.#quality, this.#holdsStill)],
      codecOptions: { videoGoogleStartBitrate: START_KBPS },
      // The camera object owns its track; a paused picture sends nothing at all.
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: true,
      ...(codec === undefined ? {} : { codec }),
    })
    this.#apply()
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.#producer?.replaceTrack({ track })
    await this.#shape(track)
  }

  /** More detail and fewer frames while the phone is held still. */
  async holdStill(on: boolean): Promise<void> {
    this.#holdsStill = on
    const track = this.#producer?.track
    if (track) await this.#shape(track)
  }

  /** Sends so much of the picture, without asking the camera or the server. */
  async setQuality(quality: Quality): Promise<void> {
    this.#quality = quality
    const track = this.#producer?.track
    if (track) await this.#shape(track)
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#apply()
  }

  /** No video while stills are sent instead; the connection stays. */
  hold(held: boolean): void {
    this.#held = held
    this.#apply()
  }

  /** What WebRTC knows about the path and the picture now. */
  async stats(): Promise<UplinkStats> {
    if (this.#transport.closed) return {}
    const stats = readStats((await this.#transport.getStats()) as unknown as Parameters<typeof readStats>[0])
    return this.#sends ? stats : { ...stats, framesEncoded: undefined, availableKbps: undefined }
  }

  /** Frames encoded so far; undefined while nothing is to be sent. */
  async framesEncoded(): Promise<number | undefined> {
    return this.#sends ? (await this.stats()).framesEncoded : undefined
  }

  unpublish(): void {
    this.#producer?.close()
    this.#producer = undefined
  }

  /**
   * New ICE credentials: a phone that changed from Wi-Fi to mobile data has a new address. DTLS goes on.
   * @throws RequestRefused when the server was not reached, or does not know this transport
   */
  async restartIce(timeoutMs: number): Promise<void> {
    const { iceParameters } = await this.#signaling.request(
      'media.restartIce',
      { transportId: this.#transport.id },
      timeoutMs,
    )
    if (this.#transport.closed) return
    await this.#transport.restartIce({ iceParameters: iceParameters as unknown as IceParameters })
  }

  close(): void {
    this.onState = () => {}
    this.#transport.close()
  }

  get #sends(): boolean {
    return this.#producer !== undefined && !this.#producer.closed && !this.#producer.paused && this.connected
  }

  #apply(): void {
    const producer = this.#producer
    const still = this.#paused || this.#held
    // Each turn is a negotiation of its own: one that changes nothing would only get into the way of the next.
    if (producer === undefined || producer.closed || producer.paused === still) return
    if (still) producer.pause()
    else producer.resume()
  }

  async #shape(track: MediaStreamTrack): Promise<void> {
    track.contentHint = this.#holdsStill ? 'detail' : ''
    const shape = senderShape(track.getSettings(), this.#quality, this.#holdsStill)
    await this.#producer?.setRtpEncodingParameters(shape).catch(() => {
      // An old browser sends as it sends.
    })
  }
}

function plainDtls(dtls: ClientDtls): RequestData<'media.connect'>['dtlsParameters'] {
  return {
    ...(dtls.role === undefined ? {} : { role: dtls.role }),
    fingerprints: dtls.fingerprints.map(({ algorithm, value }) => ({ algorithm, value })),
  }
}
