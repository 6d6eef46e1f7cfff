import type { MediaRoom } from '../../media/room/media-room.ts'
import type { CallView, Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId, UserId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { NotificationData } from '../../signaling/protocol/notifications.ts'
import type { WatchSession } from '../../signaling/protocol/sessions.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { Call } from './call.ts'
import { callerSees } from './call-log.ts'
import { withIceServers } from './ice-servers.ts'

export type OnlookerRole = 'supervisor' | 'guest'
type Onlooker = {
  readonly participantId: ParticipantId
  readonly role: OnlookerRole
  readonly name: string
  /** Of a supervisor. */
  readonly userId: UserId | undefined
  readonly connection: Connection
}

const MAX_ONLOOKERS = 8

/** Those who look on in one call. They see the picture and the stage; nobody's voice is handed to them. */
export class Onlookers {
  readonly #call: Call
  readonly #seats = new Map<ParticipantId, Onlooker>()

  constructor(call: Call) {
    this.#call = call
  }

  /** Whom the agent is shown: guests always, supervisors where the house wants that. */
  get view(): CallView['onlookers'] {
    const all = [...this.#seats.values()].filter(one => this.#agentKnows(one.role))
    return all.map(({ participantId, role, name }) => ({ participantId, role, name }))
  }

  /** @throws AppError `too-many`, `conflict` while the call is not talked on */
  async enter(o: Onlooker & { language: Language; capabilities: RtpCapabilities }): Promise<WatchSession> {
    const { live } = this.#call
    const { participantId, role, name, userId, connection } = o
    const old = this.#seats.get(participantId)
    if (!old && this.#seats.size >= MAX_ONLOOKERS) throw new AppError('too-many', 'enough people look on')
    if (old && old.connection !== connection) old.connection.close('replaced')
    this.#seats.set(participantId, { participantId, role, name, userId, connection })
    if (!old) live.participants.join({ id: participantId, role, displayName: name })
    const room = await this.#call.readyRoom()
    room.dropParticipant(participantId)
    const receive = await room.openTransport(participantId, 'receive')
    setImmediate(() => {
      Promise.all([
        room.addViewer(participantId, o.capabilities, receive.id, ['video']),
        room.addScreenViewer(participantId, o.capabilities, receive.id),
      ]).catch(error => {
        if (!room.closed) this.#call.deps.events.fault('onlooker', error)
      })
    })
    this.#call.changed()
    return {
      call: this.#viewFor(role),
      participantId,
      role,
      mayDraw: role === 'guest',
      language: o.language,
      entries: live.log.entries.filter(entry => sees(role, entry)),
      receive: withIceServers(receive, this.#call.deps.turn, participantId),
    }
  }

  leave(participantId: ParticipantId, reason: string): void {
    const seat = this.#seats.get(participantId)
    if (!seat) return
    this.#seats.delete(participantId)
    if (this.#call.phase !== 'talking') return
    this.#call.live.log.write({ type: 'participant.left', participantId, reason })
    this.#call.room.dropParticipant(participantId)
    this.#call.changed()
  }

  /** The page's socket closed. */
  detached(connection: Connection): void {
    for (const seat of this.#seats.values()) if (seat.connection === connection) this.leave(seat.participantId, 'left')
  }

  /** The guest is shown out by the agent. @throws AppError `not-found` */
  remove(by: ParticipantId, participantId: ParticipantId): void {
    const seat = this.#seats.get(participantId)
    this.#call.live.log.write({ type: 'guest.removed', by, participantId })
    if (!seat) return
    if (seat.role !== 'guest') throw new AppError('forbidden', 'only guests are shown out')
    this.leave(participantId, 'shown out')
    seat.connection.close('forbidden')
  }

  has(participantId: ParticipantId): boolean {
    return this.#seats.has(participantId)
  }

  hasUser(userId: UserId): boolean {
    return [...this.#seats.values()].some(seat => seat.userId === userId)
  }

  /** @throws AppError `conflict` */
  assertSeated(participantId: ParticipantId): void {
    if (!this.#seats.has(participantId)) throw new AppError('conflict', 'enter the call first')
  }

  entry(entry: JournalEntry): void {
    for (const seat of this.#seats.values()) {
      if (sees(seat.role, entry)) seat.connection.notify('call.entries', { callId: this.#call.id, entries: [entry] })
    }
  }

  /** Somebody's laser pointer, told to the others. */
  pointer(by: ParticipantId, told: NotificationData<'pointer.moved'>): void {
    for (const seat of this.#seats.values()) {
      if (seat.participantId !== by) seat.connection.notify('pointer.moved', told)
    }
  }

  changed(): void {
    for (const seat of this.#seats.values()) seat.connection.notify('call.changed', { call: this.#viewFor(seat.role) })
  }

  /** Whether the agent is told of what this entry tells. */
  agentSees(entry: JournalEntry): boolean {
    if (this.#call.deps.supervisorsVisible) return true
    if (entry.type === 'participant.joined') return entry.participant.role !== 'supervisor'
    if (entry.type === 'participant.left') return !this.#call.isSupervisor(entry.participantId)
    return true
  }

  /** Tells the pages which tracks come and go. */
  watch(room: MediaRoom): void {
    const tell = (participantId: ParticipantId) => this.#seats.get(participantId)?.connection
    room.on('consumer', (id, consumer) => tell(id)?.notify('media.consumer', { callId: this.#call.id, consumer }))
    room.on('consumerClosed', (id, consumerId) =>
      tell(id)?.notify('media.consumerClosed', { callId: this.#call.id, consumerId }),
    )
  }

  mediaLost(): void {
    for (const seat of this.#seats.values()) seat.connection.notify('media.lost', { callId: this.#call.id })
  }

  close(): void {
    for (const seat of this.#seats.values()) {
      if (seat.role === 'guest') seat.connection.close('callEnded')
    }
    this.#seats.clear()
  }

  #agentKnows(role: OnlookerRole): boolean {
    return role === 'guest' || this.#call.deps.supervisorsVisible
  }

  #viewFor(role: OnlookerRole): CallView {
    const view = this.#call.view()
    if (role === 'supervisor') return view
    // A guest is told nothing of who the customer is, nor how to get in.
    const { invite: _invite, rebind: _rebind, ...rest } = view
    return { ...rest, from: '', to: '', onlookers: [] }
  }
}

/** The published table (docs/roles.md): a guest sees what the caller sees, a supervisor what the agent sees. */
function sees(role: OnlookerRole, entry: JournalEntry): boolean {
  return role === 'supervisor' || callerSees(entry)
}
