import type { Device } from 'mediasoup-client'
import type { IceParameters, Producer, RtpParameters, Transport, TransportOptions } from 'mediasoup-client/types'
import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { ConsumerParams, TransportParams } from '../../signaling/protocol/media.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'

/** The one thing the media side needs of the socket. */
export interface MediaSignaling {
  request<N extends RequestName>(name: N, data: RequestData<N>): Promise<RequestReply<N>>
}

export type LinkState = 'connecting' | 'connected' | 'interrupted'
export type LinkHandlers = {
  readonly onState: (state: LinkState) => void
  readonly onTrack: (track: MediaStreamTrack) => void
  readonly onTrackGone: (track: MediaStreamTrack) => void
  /** Repair has failed; only a new attachment helps. */
  readonly onLost: () => void
}

/** Below what a transport may send in (4 Mbit/s), with room for the voice. */
const SCREEN_MAX_BPS = 2_500_000
const SCREEN_MAX_FPS = 15
const REPAIR_TRIES = 3
/** How long a restarted transport may take to find its way again. */
const REPAIR_WAIT_MS = 2_500

/** One attachment to a call's room: the two transports, the microphone's producer and the consumers on them. */
export class MediaLink {
  readonly #signaling: MediaSignaling
  readonly #handlers: LinkHandlers
  readonly #send: Transport
  readonly #receive: Transport
  readonly #voiceCodec: AgentSession['voiceCodec']
  readonly #codecs: Device['sendRtpCapabilities']['codecs']
  readonly #tracks = new Map<string, MediaStreamTrack>()
  readonly #repairing = new Set<Transport>()
  readonly #closed = new AbortController()
  #producer: Producer | undefined
  #screen: Producer | undefined

  constructor(device: Device, session: AgentSession, signaling: MediaSignaling, handlers: LinkHandlers) {
    this.#signaling = signaling
    this.#handlers = handlers
    this.#voiceCodec = session.voiceCodec
    this.#codecs = device.sendRtpCapabilities.codecs
    this.#send = this.#watch(device.createSendTransport(optionsOf(session.send)))
    this.#receive = this.#watch(device.createRecvTransport(optionsOf(session.receive)))
    this.#send.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      const data = {
        transportId: this.#send.id,
        kind,
        ...(appData.screen === true && { screen: true }),
        rtpParameters: rtpParameters as RequestData<'media.produce'>['rtpParameters'],
      }
      signaling.request('media.produce', data).then(reply => done({ id: reply.producerId }), failed)
    })
  }

  /** Sends the microphone in the codec of the trunk, so that nobody has to transcode. */
  async speak(track: MediaStreamTrack): Promise<void> {
    if (this.#voiceCodec === undefined) return
    const mimeType = `audio/${this.#voiceCodec}`.toLowerCase()
    const codec = this.#codecs?.find(one => one.mimeType.toLowerCase() === mimeType)
    if (!codec) throw new Error(`this browser does not send ${this.#voiceCodec}`)
    // stopTracks: the microphone outlives the call. disableTrackOnPause: muting is the microphone's own business.
    this.#producer = await this.#send.produce({ track, codec, stopTracks: false, disableTrackOnPause: false })
  }

  /** Sends the microphone no longer. */
  hush(): void {
    this.#producer?.close()
    this.#producer = undefined
  }

  async replaceMicrophone(track: MediaStreamTrack): Promise<void> {
    if (this.#producer && !this.#producer.closed) await this.#producer.replaceTrack({ track })
    else await this.speak(track)
  }

  /** Sends a screen or window; the newest replaces the one before. VP8, which every phone decodes. */
  async share(track: MediaStreamTrack): Promise<void> {
    this.stopShare()
    const codec = this.#codecs?.find(one => one.mimeType.toLowerCase() === 'video/vp8')
    if (!codec) throw new Error('this browser does not send VP8')
    this.#screen = await this.#send.produce({
      track,
      codec,
      encodings: [{ maxBitrate: SCREEN_MAX_BPS, maxFramerate: SCREEN_MAX_FPS }],
      stopTracks: false,
      appData: { screen: true },
    })
  }

  stopShare(): void {
    this.#screen?.close()
    this.#screen = undefined
  }

  /** Builds our half of an announced consumer, then asks for its packets. */
  async consume(params: ConsumerParams): Promise<void> {
    const consumer = await this.#receive.consume({ ...params, rtpParameters: params.rtpParameters as RtpParameters })
    if (this.#closed.signal.aborted) return
    this.#tracks.set(params.id, consumer.track)
    this.#handlers.onTrack(consumer.track)
    await this.#signaling.request('media.ready', { consumerId: params.id })
  }

  drop(consumerId: string): void {
    const track = this.#tracks.get(consumerId)
    if (!track) return
    this.#tracks.delete(consumerId)
    this.#handlers.onTrackGone(track)
  }

  close(): void {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    this.#send.close()
    this.#receive.close()
    for (const track of this.#tracks.values()) this.#handlers.onTrackGone(track)
    this.#tracks.clear()
  }

  #watch(transport: Transport): Transport {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      const data = { transportId: transport.id, dtlsParameters }
      this.#signaling.request('media.connect', data).then(() => done(), failed)
    })
    transport.on('connectionstatechange', state => {
      if (this.#closed.signal.aborted) return
      this.#handlers.onState(this.#state())
      if (state === 'disconnected' || state === 'failed') void this.#repair(transport)
    })
    return transport
  }

  #state(): LinkState {
    const states = [this.#send.connectionState, this.#receive.connectionState]
    if (states.some(isBroken)) return 'interrupted'
    return states.every(state => state === 'connected') ? 'connected' : 'connecting'
  }

  /** ICE restarts until the transport lives again; then, or when the socket is gone too, somebody else's turn. */
  async #repair(transport: Transport): Promise<void> {
    if (this.#repairing.has(transport)) return
    this.#repairing.add(transport)
    try {
      for (let tries = 0; tries < REPAIR_TRIES; tries++) {
        const { iceParameters } = await this.#signaling.request('media.restartIce', { transportId: transport.id })
        await transport.restartIce({ iceParameters: iceParameters as unknown as IceParameters })
        await pause(REPAIR_WAIT_MS, this.#closed.signal)
        if (this.#closed.signal.aborted || !isBroken(transport.connectionState)) return
      }
      this.#handlers.onLost()
    } catch {
      // Without a socket there is no repair; the desk attaches anew when the socket is back.
      if (!this.#closed.signal.aborted) this.#handlers.onLost()
    } finally {
      this.#repairing.delete(transport)
    }
  }
}

function isBroken(state: Transport['connectionState']): boolean {
  return state === 'disconnected' || state === 'failed'
}

/** The catalogue checks only the outline of these; the inside is mediasoup's own on both ends. */
function optionsOf(params: TransportParams): TransportOptions {
  return params as unknown as TransportOptions
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, delayMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
