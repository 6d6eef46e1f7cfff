import type { Language } from '../../../signaling/protocol/call.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Connection } from '../../../signaling/ws/connection.ts'
import type { Guest } from '../../assist/guest-book.ts'
import type { Library } from '../../assist/library.ts'
import type { StaffClaims } from '../../auth/tokens.ts'
import type { Events } from '../../events.ts'
import type { Call } from '../call.ts'
import type { CallDesk } from '../call-desk.ts'
import type { OnlookerRole } from '../onlookers.ts'

export type AgentContext = {
  readonly role: 'agent'
  readonly claims: StaffClaims
  readonly connection: Connection
  call: Call | undefined
}
export type CallerContext = {
  readonly role: 'caller'
  readonly participantId: ParticipantId
  readonly connection: Connection
  readonly call: Call
}
/** Somebody who looks on: signed in as a supervisor, or let in by an expert's link. */
export type WatchContext = {
  readonly role: OnlookerRole
  readonly connection: Connection
  readonly name: string
  /** Of a supervisor. */
  readonly userId: UserId | undefined
  readonly language: Language
  /** A guest has one place in one call; a supervisor gets a new one in every call entered. */
  readonly guest: Guest | undefined
  participantId: ParticipantId
  call: Call | undefined
}
export type Context = AgentContext | CallerContext | WatchContext

/** A call, and who of it asks. */
export type Asked = { readonly call: Call; readonly by: ParticipantId }

/** What every domain's handlers need: who asks, and whether it may. */
export class RequestTools {
  readonly desk: CallDesk
  readonly events: Events
  readonly library: Library

  constructor(desk: CallDesk, events: Events, library: Library) {
    this.desk = desk
    this.events = events
    this.library = library
  }

  /** @throws AppError `forbidden` */
  agentOf(context: Context): AgentContext {
    if (context.role !== 'agent') throw new AppError('forbidden', 'for agents')
    return context
  }

  /** One call at a time. @throws AppError `conflict` */
  assertFree({ claims }: AgentContext): void {
    for (const call of this.desk.calls()) {
      if (call.seat?.agent.id === claims.sub && call.phase !== 'ended')
        throw new AppError('conflict', 'finish your other call first')
    }
  }

  /** @throws AppError `forbidden`, or `gone` when a newer code took the seat */
  callerOf(context: Context): CallerContext {
    if (context.role !== 'caller') throw new AppError('forbidden', 'for callers')
    context.call.caller.assertSeated(context.participantId)
    return context
  }

  /** The call somebody looks on in. @throws AppError `forbidden`, `conflict` before `watch.enter` */
  onlookerOf(context: Context): { call: Call; participantId: ParticipantId } {
    if (context.role !== 'supervisor' && context.role !== 'guest') throw new AppError('forbidden', 'for onlookers')
    const { call, participantId } = context
    if (!call) throw new AppError('conflict', 'enter a call first')
    call.onlookers.assertSeated(participantId)
    return { call, participantId }
  }

  /** The agent's own call; another agent's is as good as unknown. @throws AppError */
  own(context: Context, callId: CallId): Asked {
    const { claims } = this.agentOf(context)
    const call = this.desk.get(callId)
    if (call.seat?.agent.id !== claims.sub) throw new AppError('forbidden', 'this is not your call')
    return { call, by: call.seat.participantId }
  }

  /** The call somebody draws in: the agent's own, or the one the caller sits in. @throws AppError */
  drawerOf(context: Context, callId: CallId): Asked {
    if (context.role === 'agent') return this.own(context, callId)
    const { call, participantId } = context.role === 'caller' ? this.callerOf(context) : this.onlookerOf(context)
    if (call.id !== callId) throw new AppError('forbidden', 'this is not your call')
    return { call, by: participantId }
  }
}

/** For a request whose part of the house is not built: honest, typed, counted like every refusal. */
export const notYet = async (): Promise<never> => {
  throw new AppError('unavailable', 'not offered by this server')
}
