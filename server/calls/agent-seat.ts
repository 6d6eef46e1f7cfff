import type { ParticipantId, UserId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { NotificationData, NotificationName } from '../../signaling/protocol/notifications.ts'
import type { Connection } from '../../signaling/ws/connection.ts'

export type Agent = { readonly id: UserId; readonly name: string }

/** The agent's place in a call. It outlives the page: after a reload a new connection takes it. */
export class AgentSeat {
  readonly participantId: ParticipantId
  readonly agent: Agent
  #connection: Connection | undefined

  constructor(participantId: ParticipantId, agent: Agent, connection?: Connection) {
    this.participantId = participantId
    this.agent = agent
    this.#connection = connection
  }

  attach(connection: Connection): void {
    this.#connection = connection
  }

  detach(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined
  }

  isHeldBy(connection: Connection): boolean {
    return this.#connection === connection
  }

  notify<N extends NotificationName>(name: N, data: NotificationData<N>): void {
    this.#connection?.notify(name, data)
  }

  entry(callId: NotificationData<'call.entries'>['callId'], entry: JournalEntry): void {
    this.notify('call.entries', { callId, entries: [entry] })
  }
}
