import type { types } from 'mediasoup'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { DtlsParameters, RtpCapabilities, RtpParameters, TransportParams } from '../../signaling/protocol/media.ts'
import type { Logger } from '../logger.ts'
import { BrowserTransports, type Direction } from './browser-transports.ts'
import type { CameraQuality } from './camera.ts'
import { RoomCamera } from './room-camera.ts'
import { asRoomError, RoomError } from './room-error.ts'
import type { RoomEvents } from './room-events.ts'
import type { VoiceCodec } from './router-codecs.ts'
import { ScreenShare } from './screen-share.ts'
import type { Ticker } from './ticker.ts'
import { TypedEmitter } from './typed-emitter.ts'
import { type Offered, Viewers } from './viewers.ts'
import { type CallerVoice, VoiceBridge } from './voice-bridge.ts'
import type { WorkerPool } from './worker-pool.ts'

export type MediaRoomOptions = {
  readonly callId: CallId
  readonly logger: Logger
  /** Longest time between the camera's key frames, so that the recording can be sought. Default 10 s; 0: no limit. */
  readonly keyFrameEveryMs?: number
  /** Without a video packet for so long, the camera counts as silent. Default 1.5 s. */
  readonly videoSilenceMs?: number
}

/**
 * Browsers ignore a key-frame request within 300 ms of the one before, and mediasoup repeats an unanswered one only after a
 * second: a request that comes too soon is better sent a little later.
 */
const KEY_FRAME_SPACING_MS = 320

type Parts = {
  readonly router: types.Router
  readonly webRtcServer: types.WebRtcServer
  readonly release: () => void
  readonly ticker: Ticker
}

/**
 * The media of one call: a router that joins the media edge (voice of the caller), the agent's browser and the phone's
 * camera. At most one microphone and one camera at a time; a newer one replaces the older.
 */
export class MediaRoom {
  readonly callId: CallId
  readonly #parts: Parts
  readonly #events: TypedEmitter<RoomEvents>
  readonly #transports: BrowserTransports
  readonly #viewers: Viewers
  readonly #camera: RoomCamera
  readonly #screen: ScreenShare
  #voice: VoiceBridge | undefined
  #closed = false

  private constructor(options: MediaRoomOptions, parts: Parts) {
    this.callId = options.callId
    this.#parts = parts
    this.#events = new TypedEmitter((event, error) =>
      options.logger.error({ callId: options.callId, event, err: error }, 'media room listener threw'),
    )
    this.#transports = new BrowserTransports(parts.router, parts.webRtcServer, this.#events)
    this.#viewers = new Viewers(parts.router, this.#events, options.logger)
    const { router, ticker } = parts
    const shared = { router, ticker, events: this.#events, logger: options.logger }
    this.#camera = new RoomCamera({
      ...{ ...shared, callId: options.callId, viewers: this.#viewers },
      silenceMs: options.videoSilenceMs ?? 1_500,
      keyFrameEveryMs: options.keyFrameEveryMs ?? 10_000,
    })
    this.#screen = new ScreenShare(shared)
    parts.router.once('workerclose', () => {
      if (this.#closed) return
      this.#events.emit('workerDied')
      this.close()
    })
  }

  /** @throws RoomError `no-worker` */
  static async create(pool: WorkerPool, options: MediaRoomOptions): Promise<MediaRoom> {
    return new MediaRoom(options, { ...(await pool.openRouter()), ticker: pool.ticker })
  }

  /** What pages load their device with; the same for every room. */
  static routerRtpCapabilities(pool: WorkerPool): RtpCapabilities {
    return pool.routerRtpCapabilities
  }

  /** Returns the function that stops listening. */
  on<N extends keyof RoomEvents>(event: N, listener: (...args: RoomEvents[N]) => void): () => void {
    return this.#events.on(event, listener)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Once per room. From now on the agent's microphone is welcome, in this codec only. */
  async openCallerVoice(voice: { codec: VoiceCodec; ssrc: number }): Promise<CallerVoice> {
    this.#assertOpen()
    if (this.#voice !== undefined) throw new RoomError('already-connected', 'the caller’s voice is already open')
    try {
      const bridge = await VoiceBridge.create({ router: this.#parts.router, events: this.#events, ...voice })
      if (this.#closed) bridge.close()
      this.#assertOpen()
      this.#voice = bridge
      await this.#viewers.offer({ id: bridge.callerProducerId, kind: 'audio' })
      return bridge.callerVoice
    } catch (error) {
      throw asRoomError(error, 'the caller’s voice cannot enter the room')
    }
  }

  async openTransport(participantId: ParticipantId, direction: Direction): Promise<TransportParams> {
    this.#assertOpen()
    try {
      return await this.#transports.open(participantId, direction)
    } catch (error) {
      throw asRoomError(error, 'no transport was made')
    }
  }

  /** A browser's transport as it was told when it was opened, while it lives. */
  describeTransport(participantId: ParticipantId, transportId: string): TransportParams | undefined {
    return this.#closed ? undefined : this.#transports.describe(participantId, transportId)
  }

  /** @throws RoomError `unknown-transport`, `already-connected`, `bad-parameters` */
  async connect(participantId: ParticipantId, transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    this.#assertOpen()
    try {
      await this.#transports.connect(participantId, transportId, dtlsParameters)
    } catch (error) {
      throw asRoomError(error, 'the transport was not connected')
    }
  }

  /** New ICE credentials for a browser that changed networks; the DTLS session goes on. */
  async restartIce(participantId: ParticipantId, transportId: string): Promise<TransportParams['iceParameters']> {
    this.#assertOpen()
    try {
      return { ...(await this.#transports.find(participantId, transportId).restartIce()) }
    } catch (error) {
      throw asRoomError(error, 'ICE was not restarted')
    }
  }

  /**
   * An agent produces a microphone in the call's codec and may share a screen; a caller a camera in one encoding.
   * @throws RoomError `wrong-role`, `wrong-codec`, `unknown-transport`, `bad-parameters`
   */
  async produce(
    participantId: ParticipantId,
    role: 'agent' | 'caller',
    transportId: string,
    kind: 'audio' | 'video',
    rtpParameters: RtpParameters,
    screen = false,
  ): Promise<{ producerId: string }> {
    this.#assertOpen()
    const wanted = role === 'caller' ? kind === 'video' && !screen : screen === (kind === 'video')
    if (!wanted) throw new RoomError('wrong-role', `an ${role} sends no ${kind}`)
    const transport = this.#transports.find(participantId, transportId, 'send')
    // The schema bounds the shape; mediasoup checks the rest and throws TypeError.
    const parameters = rtpParameters as unknown as types.RtpParameters
    if (kind === 'audio') {
      if (this.#voice === undefined) throw new RoomError('wrong-codec', 'the call has no voice codec yet')
      this.#voice.assertCodec(parameters)
    } else if ((parameters.encodings?.length ?? 1) > 1) {
      throw new RoomError('bad-parameters', 'one encoding, no simulcast')
    }
    try {
      const producer = await transport.produce({
        kind,
        rtpParameters: parameters,
        keyFrameRequestDelay: KEY_FRAME_SPACING_MS,
        paused: kind === 'video' && (screen ? this.#screen.held : this.#camera.isShut),
      })
      try {
        if (kind === 'audio') await this.#voice?.useMicrophone(participantId, producer)
        else if (screen) await this.#screen.use(participantId, producer)
        else await this.#camera.use(participantId, producer)
      } catch (error) {
        producer.close()
        throw error
      }
      return { producerId: producer.id }
    } catch (error) {
      throw asRoomError(error, `the ${kind} was not taken`)
    }
  }

  /**
   * Pushes the caller's voice and the camera to this participant, now and whenever they come; of these kinds only.
   * Call it again with a new transport after a reload.
   */
  async addViewer(
    participantId: ParticipantId,
    rtpCapabilities: RtpCapabilities,
    receiveTransportId: string,
    kinds: readonly types.MediaKind[] = ['audio', 'video'],
  ): Promise<void> {
    this.#assertOpen()
    const transport = this.#transports.find(participantId, receiveTransportId, 'receive')
    const producers: Offered[] = []
    if (this.#voice) producers.push({ id: this.#voice.callerProducerId, kind: 'audio' })
    if (this.#camera.producerId !== undefined) producers.push({ id: this.#camera.producerId, kind: 'video' })
    const capabilities = rtpCapabilities as unknown as types.RtpCapabilities
    try {
      await this.#viewers.add(participantId, capabilities, transport, producers, kinds)
    } catch (error) {
      throw asRoomError(error, 'the viewer was not added')
    }
  }

  /** Pushes the agent's shared screen to this participant, now and whenever there is one; nothing else. */
  async addScreenViewer(
    participantId: ParticipantId,
    rtpCapabilities: RtpCapabilities,
    receiveTransportId: string,
  ): Promise<void> {
    this.#assertOpen()
    const transport = this.#transports.find(participantId, receiveTransportId, 'receive')
    try {
      await this.#screen.addViewer(participantId, rtpCapabilities as unknown as types.RtpCapabilities, transport)
    } catch (error) {
      throw asRoomError(error, 'the viewer was not added')
    }
  }

  /** Ends the agent's share; nothing happens without one. */
  stopScreen(): void {
    this.#screen.stop()
  }

  /** Nobody is sent the shared screen meanwhile, nor one that is shared meanwhile. Never rejects. */
  holdScreen(on: boolean): Promise<void> {
    return this.#screen.hold(on)
  }

  /** The viewer's half stands. Packets that came before it are lost to it, so a key frame is asked for if there were any. */
  async ready(participantId: ParticipantId, consumerId: string): Promise<void> {
    if (this.#screen.viewers.has(participantId, consumerId)) return this.#screen.requestKeyFrame()
    const consumer = this.#viewers.find(participantId, consumerId)
    if (consumer.kind === 'video') this.#camera.viewerReady()
  }

  pauseVideo(): Promise<void> {
    return this.#camera.pause()
  }

  resumeVideo(): Promise<void> {
    return this.#camera.resume()
  }

  /**
   * Nobody is sent the camera's picture, whichever camera it is, until it is opened again; a pause of the caller's outlasts it.
   * Never rejects: a worker that dies meanwhile answers nothing, and a camera that cannot be paused is closed.
   */
  shutVideo(shut: boolean): Promise<void> {
    return this.#camera.shut(shut)
  }

  /** As `requestKeyFrame`, of the shared screen. */
  requestScreenKeyFrame(): void {
    this.#screen.requestKeyFrame()
  }

  closeVideo(participantId: ParticipantId): void {
    this.#camera.stop(participantId)
  }

  /** Everything of this participant: transports, microphone or camera, consumers. */
  dropParticipant(participantId: ParticipantId): void {
    this.closeVideo(participantId)
    this.#screen.stop(participantId)
    this.#viewers.drop(participantId)
    this.#screen.viewers.drop(participantId)
    this.#transports.drop(participantId)
  }

  /** A PLI towards the phone; mediasoup sends at most one a second until it is answered. */
  requestKeyFrame(): void {
    this.#camera.requestKeyFrame()
  }

  stats() {
    return {
      transports: this.#transports.count,
      viewers: this.#viewers.count,
      voice: this.#voice?.stats(),
      video: this.#camera.stats(),
    }
  }

  /** How the phone's stream arrives at the media worker, or undefined without one. */
  cameraQuality(): Promise<CameraQuality | undefined> {
    return this.#camera.quality()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#camera.close()
    this.#screen.close()
    this.#voice?.close()
    this.#transports.close()
    this.#parts.router.close()
    this.#parts.release()
    this.#events.clear()
  }

  #assertOpen(): void {
    if (this.#closed) throw new RoomError('closed', 'the media room is closed')
  }
}
