import type { types } from 'mediasoup'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { RtpParameters } from '../../signaling/protocol/media.ts'
import type { Logger } from '../logger.ts'
import { RoomError } from './room-error.ts'
import type { RoomEvents } from './room-events.ts'
import type { TypedEmitter } from './typed-emitter.ts'

type Viewer = {
  readonly participantId: ParticipantId
  readonly rtpCapabilities: types.RtpCapabilities
  readonly transport: types.WebRtcTransport
  readonly kinds: readonly types.MediaKind[]
  readonly consumers: Map<string, types.Consumer>
  readonly seen: Set<string>
}

/** What is offered to viewers. */
export type Offered = { readonly id: string; readonly kind: types.MediaKind }

/** Those who hear and see the call. Whatever is produced is pushed to every one of them. */
export class Viewers {
  readonly #router: types.Router
  readonly #events: TypedEmitter<RoomEvents>
  readonly #logger: Logger
  readonly #isScreen: boolean
  readonly #viewers = new Map<ParticipantId, Viewer>()

  constructor(router: types.Router, events: TypedEmitter<RoomEvents>, logger: Logger, isScreen = false) {
    this.#router = router
    this.#events = events
    this.#logger = logger
    this.#isScreen = isScreen
  }

  get count(): number {
    return this.#viewers.size
  }

  /** A viewer that comes again (reload) takes its own place; `producers` are offered at once. */
  async add(
    participantId: ParticipantId,
    rtpCapabilities: types.RtpCapabilities,
    transport: types.WebRtcTransport,
    producers: readonly Offered[],
    kinds: readonly types.MediaKind[],
  ): Promise<void> {
    this.drop(participantId)
    const viewer: Viewer = { participantId, rtpCapabilities, transport, kinds, consumers: new Map(), seen: new Set() }
    this.#viewers.set(participantId, viewer)
    transport.observer.once('close', () => {
      if (this.#viewers.get(participantId) === viewer) this.#viewers.delete(participantId)
    })
    for (const producer of producers) await this.#consume(viewer, producer)
  }

  /** Pushes one more producer to everybody. */
  async offer(producer: Offered): Promise<void> {
    await Promise.all([...this.#viewers.values()].map(viewer => this.#consume(viewer, producer)))
  }

  /** @throws RoomError `unknown-consumer` */
  find(participantId: ParticipantId, consumerId: string): types.Consumer {
    const consumer = this.#viewers.get(participantId)?.consumers.get(consumerId)
    if (consumer === undefined) throw new RoomError('unknown-consumer', 'no such consumer')
    return consumer
  }

  has(participantId: ParticipantId, consumerId: string): boolean {
    return this.#viewers.get(participantId)?.consumers.has(consumerId) === true
  }

  drop(participantId: ParticipantId): void {
    const viewer = this.#viewers.get(participantId)
    this.#viewers.delete(participantId)
    for (const consumer of viewer?.consumers.values() ?? []) consumer.close()
  }

  /**
   * The consumer is not paused: on a connected transport a paused one costs a key-frame round trip more than one whose
   * first packets may come too early.
   */
  async #consume(viewer: Viewer, { id: producerId, kind }: Offered): Promise<void> {
    if (!viewer.kinds.includes(kind)) return
    const { participantId, rtpCapabilities, transport } = viewer
    // A producer may be offered twice when it appears while the viewer is being added.
    if (viewer.seen.has(producerId) || transport.closed) return
    viewer.seen.add(producerId)
    try {
      if (!this.#router.canConsume({ producerId, rtpCapabilities })) {
        this.#logger.warn({ participantId, producerId }, 'the viewer cannot decode this track')
        return
      }
      const consumer = await transport.consume({ producerId, rtpCapabilities, paused: false })
      viewer.consumers.set(consumer.id, consumer)
      consumer.observer.once('close', () => viewer.consumers.delete(consumer.id))
      consumer.once('producerclose', () => this.#events.emit('consumerClosed', participantId, consumer.id))
      this.#events.emit('consumer', participantId, {
        id: consumer.id,
        producerId,
        kind: consumer.kind,
        ...(this.#isScreen && { screen: true }),
        rtpParameters: consumer.rtpParameters as unknown as RtpParameters,
      })
    } catch (error) {
      // The transport, the producer or the worker went away meanwhile; each of them is told elsewhere.
      this.#logger.debug({ participantId, producerId, err: error }, 'no consumer was made')
    }
  }
}
