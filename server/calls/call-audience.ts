import type { MediaRoom } from '../../media/room/media-room.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Call } from './call.ts'
import { callerSees } from './call-log.ts'
import { tellConsumers } from './seat-media.ts'

/** Everybody who is told of what happens in a call: the agent, the caller, who looks on, and the system that holds it. */
export class CallAudience {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  /** Of the entries so far, what the agent may see. */
  agentSees(entries: readonly JournalEntry[]): JournalEntry[] {
    return entries.filter(entry => this.#call.onlookers.agentSees(entry))
  }

  entry(entry: JournalEntry): void {
    const { id, seat, caller, onlookers, voice } = this.#call
    if (onlookers.agentSees(entry)) seat?.entry(id, entry)
    onlookers.entry(entry)
    if (callerSees(entry)) caller.entry(entry)
    if (voice.place !== 'here') voice.noticed(entry)
  }

  /** Tells all of them which tracks come and go in a room. */
  watch(room: MediaRoom): void {
    const { id, onlookers } = this.#call
    tellConsumers(room, id, () => this.#call.seat)
    tellConsumers(room, id, () => this.#call.caller)
    onlookers.watch(room)
  }

  /** The room has gone; each page comes back into another. */
  mediaLost(): void {
    const { id, seat, caller, onlookers } = this.#call
    seat?.notify('media.lost', { callId: id })
    caller.mediaLost()
    onlookers.mediaLost()
  }
}
