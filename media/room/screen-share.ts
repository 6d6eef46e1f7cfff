import type { types } from 'mediasoup'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Logger } from '../logger.ts'
import { Camera } from './camera.ts'
import type { RoomEvents } from './room-events.ts'
import type { Ticker } from './ticker.ts'
import { TypedEmitter } from './typed-emitter.ts'
import { Viewers } from './viewers.ts'

/** Screens change seldom; a missing key frame would spoil the recording for longer than with a camera. */
const KEY_FRAME_EVERY_MS = 10_000

/** The agent's screen on its way to the caller: one producer at a time, its tap for the archive, and viewers of its own. */
export class ScreenShare {
  readonly viewers: Viewers
  readonly #router: types.Router
  readonly #events: TypedEmitter<RoomEvents>
  readonly #ticker: Ticker
  readonly #logger: Logger
  #tap: Camera | undefined
  #held = false
  #closed = false

  constructor(o: { router: types.Router; events: TypedEmitter<RoomEvents>; ticker: Ticker; logger: Logger }) {
    this.#router = o.router
    this.#events = o.events
    this.#ticker = o.ticker
    this.#logger = o.logger
    this.viewers = new Viewers(o.router, o.events, o.logger, true)
  }

  get producerId(): string | undefined {
    return this.#tap?.producer.id
  }

  /** A newer share replaces the older. */
  async use(participantId: ParticipantId, producer: types.Producer): Promise<void> {
    const tap = await Camera.create({
      router: this.#router,
      producer,
      participantId,
      events: this.#renamed(),
      ticker: this.#ticker,
      logger: this.#logger,
      // Nothing moves on most screens: silence means nothing here.
      silenceMs: Number.POSITIVE_INFINITY,
      keyFrameEveryMs: KEY_FRAME_EVERY_MS,
    })
    this.#tap?.close()
    if (this.#closed) return tap.close()
    this.#tap = tap
    producer.observer.once('close', () => {
      tap.close()
      if (this.#tap === tap) this.#tap = undefined
    })
    await Promise.all([this.viewers.offer({ id: producer.id, kind: 'video' }), tap.start()])
    // The hold may have begun or ended since the producer was made.
    if (producer.paused !== this.#held && !producer.closed) await this.hold(this.#held)
  }

  async addViewer(
    participantId: ParticipantId,
    capabilities: types.RtpCapabilities,
    transport: types.WebRtcTransport,
  ): Promise<void> {
    const offered = this.#tap ? [{ id: this.#tap.producer.id, kind: 'video' as const }] : []
    await this.viewers.add(participantId, capabilities, transport, offered, ['video'])
  }

  /** Whether a screen that is shared now begins paused. */
  get held(): boolean {
    return this.#held
  }

  /**
   * Nobody is sent the screen, whichever it is, until it is let go. Never rejects: a screen that cannot be paused is closed,
   * and one that cannot be resumed is the worker's death, told elsewhere.
   */
  async hold(on: boolean): Promise<void> {
    this.#held = on
    const tap = this.#tap
    try {
      await (on ? tap?.pause() : tap?.resume())
    } catch (error) {
      this.#logger.warn({ err: error, on }, 'the shared screen could not be paused or resumed')
      if (on) tap?.close()
    }
  }

  /** For the viewer who is ready now. */
  requestKeyFrame(): void {
    if (this.#tap?.hasPackets === true) this.#tap.requestKeyFrame()
  }

  /** Of this participant, or whoever shares. */
  stop(participantId?: ParticipantId): void {
    if (participantId === undefined || this.#tap?.participantId === participantId) this.#tap?.close()
  }

  close(): void {
    this.#closed = true
    this.#tap?.close()
  }

  /** The tap is the camera's; what it tells is told as the screen's. */
  #renamed(): TypedEmitter<RoomEvents> {
    const own = new TypedEmitter<RoomEvents>((event, error) =>
      this.#logger.error({ event, err: error }, 'screen share listener threw'),
    )
    own.on('videoStarted', video => this.#events.emit('screenStarted', video))
    own.on('videoRtp', rtp => this.#events.emit('screenRtp', rtp))
    own.on('videoRtcp', rtcp => this.#events.emit('screenRtcp', rtcp))
    own.on('videoEnded', participantId => this.#events.emit('screenEnded', participantId))
    return own
  }
}
