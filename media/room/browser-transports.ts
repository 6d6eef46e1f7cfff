import type { types } from 'mediasoup'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { DtlsParameters, TransportParams } from '../../signaling/protocol/media.ts'
import { RoomError } from './room-error.ts'
import type { RoomEvents, TransportState } from './room-events.ts'
import type { TypedEmitter } from './typed-emitter.ts'

export type Direction = 'send' | 'receive'
type Entry = {
  readonly participantId: ParticipantId
  readonly direction: Direction
  readonly transport: types.WebRtcTransport
  state: TransportState | 'new'
  /** The page has named its certificate. DTLS may be under way before: the first ICE check over UDP starts it. */
  connected: boolean
}

/** A page needs one at a time and a second while it reconnects; more are leftovers, or an attack. */
const MAX_PER_DIRECTION = 3
/** Seconds without ICE consent (RFC 7675) after which a phone counts as gone; mediasoup's own default is 30. */
const ICE_CONSENT_TIMEOUT_S = 12
/** One 720p picture without simulcast. */
const INITIAL_OUTGOING_BPS = 2_000_000
const MAX_INCOMING_BPS = 4_000_000

/** The WebRTC transports of a call's browsers; each belongs to one participant and carries media one way. */
export class BrowserTransports {
  readonly #router: types.Router
  readonly #webRtcServer: types.WebRtcServer
  readonly #events: TypedEmitter<RoomEvents>
  readonly #entries = new Map<string, Entry>()

  constructor(router: types.Router, webRtcServer: types.WebRtcServer, events: TypedEmitter<RoomEvents>) {
    this.#router = router
    this.#webRtcServer = webRtcServer
    this.#events = events
  }

  get count(): number {
    return this.#entries.size
  }

  async open(participantId: ParticipantId, direction: Direction): Promise<TransportParams> {
    const transport = await this.#router.createWebRtcTransport({
      webRtcServer: this.#webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: ICE_CONSENT_TIMEOUT_S,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BPS,
    })
    if (direction === 'send') await transport.setMaxIncomingBitrate(MAX_INCOMING_BPS)
    const entry: Entry = { participantId, direction, transport, state: 'new', connected: false }
    this.#entries.set(transport.id, entry)
    this.#watch(entry)
    const [oldest, ...others] = this.#of(participantId, direction)
    if (oldest !== undefined && others.length >= MAX_PER_DIRECTION) oldest.transport.close()
    return paramsOf(transport)
  }

  /** What the page needs of a transport that it has already; undefined when its DTLS is no more, or it is another's. */
  describe(participantId: ParticipantId, transportId: string): TransportParams | undefined {
    const entry = this.#entries.get(transportId)
    if (entry?.participantId !== participantId || entry.transport.closed) return undefined
    return entry.transport.dtlsState === 'connected' ? paramsOf(entry.transport) : undefined
  }

  /** @throws RoomError `unknown-transport` also for one that belongs to somebody else */
  find(participantId: ParticipantId, transportId: string, direction?: Direction): types.WebRtcTransport {
    const entry = this.#entries.get(transportId)
    if (entry?.participantId !== participantId || (direction !== undefined && entry.direction !== direction)) {
      throw new RoomError('unknown-transport', 'no such transport')
    }
    return entry.transport
  }

  async connect(participantId: ParticipantId, transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    const transport = this.find(participantId, transportId)
    const entry = this.#entries.get(transportId)
    // Not by the state of DTLS: where signalling is slower than the media path, that has begun before this request comes.
    if (!entry || entry.connected) throw new RoomError('already-connected', 'the transport is already connected')
    entry.connected = true
    // The schema bounds the shape; mediasoup checks algorithm names and values itself.
    try {
      await transport.connect({ dtlsParameters: dtlsParameters as types.DtlsParameters })
    } catch (error) {
      entry.connected = false
      throw error
    }
  }

  drop(participantId: ParticipantId): void {
    for (const entry of this.#entries.values()) {
      if (entry.participantId === participantId) entry.transport.close()
    }
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.transport.close()
  }

  #of(participantId: ParticipantId, direction: Direction): Entry[] {
    return [...this.#entries.values()].filter(
      entry => entry.participantId === participantId && entry.direction === direction,
    )
  }

  #watch(entry: Entry): void {
    const { transport } = entry
    const update = () => {
      const { iceState, dtlsState } = transport
      if (dtlsState === 'failed') this.#enter(entry, 'failed')
      else if (dtlsState === 'closed') this.#enter(entry, 'closed')
      else if (iceState === 'disconnected') this.#enter(entry, 'disconnected')
      else if (dtlsState === 'connected') this.#enter(entry, 'connected')
    }
    transport.on('icestatechange', update)
    transport.on('dtlsstatechange', update)
    // Closing is our own doing or the worker's death, and both are known; only the far side's doings are told.
    transport.observer.once('close', () => this.#entries.delete(transport.id))
  }

  #enter(entry: Entry, state: TransportState): void {
    if (entry.state === state || entry.transport.closed) return
    entry.state = state
    if (state === 'connected') this.#closeOlder(entry)
    this.#events.emit('transportState', entry.participantId, entry.transport.id, state)
    // DTLS cannot begin again on the same transport.
    if (state === 'closed' || state === 'failed') entry.transport.close()
  }

  /** A page that reconnects keeps its old transport until the new one stands. */
  #closeOlder(connected: Entry): void {
    for (const entry of this.#of(connected.participantId, connected.direction)) {
      if (entry === connected) return
      entry.transport.close()
    }
  }
}

function paramsOf(transport: types.WebRtcTransport): TransportParams {
  return {
    id: transport.id,
    iceParameters: { ...transport.iceParameters },
    iceCandidates: transport.iceCandidates.map(candidate => ({ ...candidate })),
    dtlsParameters: { ...transport.dtlsParameters },
  }
}
