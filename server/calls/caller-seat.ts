import { createHash } from 'node:crypto'
import type { Consent, JoinRefusal, Language, Participant } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { TransportParams } from '../../signaling/protocol/media.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { NotificationData, NotificationName } from '../../signaling/protocol/notifications.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { Invite } from '../assist/invite-book.ts'
import type { Call } from './call.ts'
import { callerSees } from './call-log.ts'
import { withIceServers } from './ice-servers.ts'

export type JoinRequest = {
  readonly invite: Invite
  readonly via: 'link' | 'digits'
  readonly deviceId: string
  readonly language: Language
  readonly consents: readonly Consent[]
  readonly userAgent: string
}

/** The caller's place at the phone's page: taken by spending a code, kept as long as the call lives. */
export class CallerSeat {
  readonly #call: Call
  #participantId: ParticipantId | undefined
  #language: Language = 'zh-CN'
  #connection: Connection | undefined
  #joinedAtMs = 0
  /** The newest entry the phone has: what came while it had no socket is told when it has one again. */
  #toldSeq = -1

  constructor(call: Call) {
    this.#call = call
  }

  get participantId(): ParticipantId | undefined {
    return this.#participantId
  }

  sinceJoinMs(): number {
    return performance.now() - this.#joinedAtMs
  }

  /**
   * Spends the code and seats the caller. A caller seated before (an older code) has to leave.
   * @throws AppError when the call is over or a consent is missing
   */
  async join(o: JoinRequest): Promise<CallerSession> {
    this.#assertAgreed(o.consents)
    const refusal: JoinRefusal | undefined = this.#call.deps.invites.refusal(o.invite, o.deviceId)
    if (refusal) throw new AppError('conflict', refusal)
    // Synchronous from the check to here: of two taps in the same instant one is refused.
    this.#call.deps.invites.spend(o.invite, o.deviceId)
    return this.#sit(o, () => this.#call.live.invite.spent(o.invite, o.via, o.userAgent))
  }

  /**
   * Another browser of the same caller, which the agent has let in: the one before is told and has to leave. Whoever
   * holds it answers for the consents anew.
   * @throws AppError when the call is over or a consent is missing
   */
  async takeOver(o: JoinRequest): Promise<CallerSession> {
    this.#assertAgreed(o.consents)
    this.#call.deps.invites.rebind(o.invite, o.deviceId)
    this.#call.live.phone.forget()
    return this.#sit(o, () => {})
  }

  #assertAgreed(consents: readonly Consent[]): void {
    const { live } = this.#call
    // Seeing and keeping are two consents; whether the second may be refused is the scenario's to say.
    const given = new Set(consents.filter(consent => consent.given).map(consent => consent.kind))
    const mustRecord = live.scenario.current.consents.recording === 'required'
    if (!given.has('camera') || (mustRecord && !given.has('recording'))) {
      throw new AppError('bad-request', 'a consent is missing')
    }
  }

  #sit(o: JoinRequest, spent: () => void): Promise<CallerSession> {
    const { live } = this.#call
    this.#leave('replaced')
    const participant: Participant = { id: newId('part'), role: 'caller', displayName: '' }
    this.#participantId = participant.id
    this.#language = o.language
    this.#joinedAtMs = performance.now()
    spent()
    live.consents.at({ userAgent: o.userAgent, idHash: deviceHash(this.#call.id, o.deviceId) })
    for (const consent of o.consents) live.consents.answer(consent, { inviteId: o.invite.id, by: participant.id })
    live.participants.join(participant, o.userAgent)
    live.camera.expected(participant.id)
    this.#call.deps.events.joined(this.#call.id)
    return this.#session(participant.id)
  }

  /**
   * After a reload or a lost socket: the same seat, and new transports. A page that only lost its socket names the transport
   * it still sends on, and keeps it if it lives: the picture goes on while the signalling comes back.
   */
  async enter(participantId: ParticipantId, transportId?: string): Promise<CallerSession> {
    this.assertSeated(participantId)
    const room = await this.#call.readyRoom()
    const kept = transportId === undefined ? undefined : room.describeTransport(participantId, transportId)
    if (!kept) room.dropParticipant(participantId)
    const session = await this.#session(participantId, kept)
    // A phone that came back does not know what the agent wished.
    this.#call.live.ladder.retell()
    return session
  }

  attach(participantId: ParticipantId, connection: Connection): void {
    this.assertSeated(participantId)
    if (this.#connection !== connection) this.#connection?.close('replaced')
    this.#connection = connection
    const missed = this.#call.live.log.entries.filter(entry => entry.seq > this.#toldSeq && callerSees(entry))
    if (missed.length > 0) this.#tell(missed)
    this.#call.live.shutter.askAgain()
  }

  detach(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    if (this.#call.phase === 'talking' && this.#participantId) this.#call.live.receipts.lost(this.#participantId)
  }

  /** @throws AppError `gone` when a newer code took the seat */
  assertSeated(participantId: ParticipantId): void {
    void this.#call.live
    if (this.#participantId !== participantId) throw new AppError('gone', 'another device took over')
  }

  entry(entry: JournalEntry): void {
    this.#tell([entry])
  }

  mediaLost(): void {
    this.#connection?.notify('media.lost', { callId: this.#call.id })
  }

  /** @returns whether the phone has an open socket to hear it */
  notify<N extends NotificationName>(name: N, data: NotificationData<N>): boolean {
    if (!this.#connection?.isOpen) return false
    this.#connection.notify(name, data)
    return true
  }

  close(): void {
    this.#connection?.close('callEnded')
    this.#connection = undefined
  }

  #tell(entries: JournalEntry[]): void {
    if (!this.#connection?.isOpen) return
    this.#toldSeq = entries.at(-1)?.seq ?? this.#toldSeq
    this.#connection.notify('call.entries', { callId: this.#call.id, entries })
  }

  #leave(reason: 'replaced'): void {
    const old = this.#participantId
    if (old === undefined) return
    this.#call.live.log.write({ type: 'participant.left', participantId: old, reason })
    this.#call.room.dropParticipant(old)
    this.#connection?.close(reason)
    this.#connection = undefined
  }

  async #session(participantId: ParticipantId, kept?: TransportParams): Promise<CallerSession> {
    const { live } = this.#call
    const room = await this.#call.readyRoom()
    const transport = kept ?? (await room.openTransport(participantId, 'send'))
    const entries = live.log.entries.filter(callerSees)
    this.#toldSeq = live.log.entries.at(-1)?.seq ?? -1
    return {
      callId: this.#call.id,
      participantId,
      agentName: this.#call.seat?.agent.name ?? '',
      language: this.#language,
      entries,
      tools: live.scenario.current.tools.filter(tool => tool === 'caller-draw' || tool === 'upload'),
      consents: live.consents.view,
      send: withIceServers(transport, this.#call.deps.turn, participantId),
    }
  }
}

/** The same device in the same call, and nothing that follows a device from one call to another. */
function deviceHash(callId: CallId, deviceId: string): string {
  return createHash('sha256').update(`${callId}:${deviceId}`).digest('hex').slice(0, 16)
}
