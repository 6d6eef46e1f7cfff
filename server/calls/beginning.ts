import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { AgentSeat } from './agent-seat.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'

/** What there is when a call turns into a talk. */
export type Answered = {
  readonly seat: AgentSeat
  readonly answered: AnsweredCall
  readonly media: CallMedia
  readonly leg: CallLeg
}

/** What each way to a talk needs of the call: the way finds out how it goes, the call decides what it becomes. */
export type Beginning = {
  readonly callId: CallId
  readonly deps: CallDeps
  /** Opens the record. @throws the file system's error */
  readonly openAnswered: () => Promise<AnsweredCall>
  readonly events: {
    changed(): void
    /** The call is talked on from here. */
    answered(o: Answered): void
    ended(end: CallEnd): void
  }
}
