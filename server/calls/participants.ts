import type { Participant } from '../../signaling/protocol/call.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CallLog } from './call-log.ts'

/** Everybody who took part in a call, also those who have left. */
export class Participants {
  readonly #log: Pick<CallLog, 'write'>
  readonly #all: Participant[] = []

  constructor(log: Pick<CallLog, 'write'>) {
    this.#log = log
  }

  get all(): readonly Participant[] {
    return this.#all
  }

  join(participant: Participant, userAgent?: string): void {
    this.#all.push(participant)
    this.#log.write({ type: 'participant.joined', participant, ...(userAgent !== undefined && { userAgent }) })
  }

  /** Whether somebody of the house looked on under this id; also after having left. */
  isSupervisor(id: ParticipantId): boolean {
    return this.#all.some(one => one.id === id && one.role === 'supervisor')
  }
}
