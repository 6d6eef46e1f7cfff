import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { RequestHandlers } from '../../signaling/ws/handler.ts'
import type { StaffClaims } from '../auth/tokens.ts'
import type { Events } from '../events.ts'
import type { AgentDesk } from './agent-desk.ts'
import type { Call } from './call.ts'
import type { CallDesk } from './call-desk.ts'

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
export type Context = AgentContext | CallerContext

function agentOf(context: Context): AgentContext {
  if (context.role !== 'agent') throw new AppError('forbidden', 'for agents')
  return context
}
function callerOf(context: Context): CallerContext {
  if (context.role !== 'caller') throw new AppError('forbidden', 'for callers')
  context.call.caller.assertSeated(context.participantId)
  return context
}

const cameraOf = (context: Context) => callerOf(context).call.live.camera

/** What each request of the catalogue does: one line of decision, the rest belongs to the call. */
export function requestHandlers(o: {
  desk: CallDesk
  agents: AgentDesk
  events: Events
  routerRtpCapabilities: RtpCapabilities
  sipAddress: () => string
}): RequestHandlers<Context> {
  /** The agent's own call; another agent's is as good as unknown. */
  const own = (context: Context, callId: CallId) => {
    const { claims } = agentOf(context)
    const call = o.desk.get(callId)
    if (call.seat?.agent.id !== claims.sub) throw new AppError('forbidden', 'this is not your call')
    return { call, by: call.seat.participantId }
  }
  const mediaOf = (context: Context) => {
    if (context.role === 'caller') {
      callerOf(context)
      return { room: context.call.room, participantId: context.participantId }
    }
    const { call, connection } = context
    if (!call?.seat?.isHeldBy(connection)) throw new AppError('conflict', 'answer or attach to a call first')
    return { room: call.room, participantId: call.seat.participantId }
  }
  const agent = (claims: StaffClaims) => ({ id: claims.sub, name: claims.name })
  return {
    'desk.enter': async context => {
      const { claims } = agentOf(context)
      return {
        agent: agent(claims),
        calls: o.agents.viewsFor(claims.sub),
        routerRtpCapabilities: o.routerRtpCapabilities,
        sipAddress: o.sipAddress(),
      }
    },
    'call.answer': async (context, { callId, rtpCapabilities }) => {
      const me = agentOf(context)
      for (const call of o.desk.calls()) {
        if (call.seat?.agent.id === me.claims.sub && call.phase !== 'ended')
          throw new AppError('conflict', 'finish your other call first')
      }
      const call = o.desk.get(callId)
      me.call = call
      return call.answer(agent(me.claims), me.connection, rtpCapabilities)
    },
    'call.attach': async (context, { callId, rtpCapabilities }) => {
      const me = agentOf(context)
      const call = o.desk.get(callId)
      const session = await call.attach(agent(me.claims), me.connection, rtpCapabilities)
      me.call = call
      return session
    },
    'call.decline': async (context, { callId }) => {
      agentOf(context)
      const call = o.desk.get(callId)
      if (call.phase !== 'ringing') throw new AppError('conflict', 'this call is not ringing any more')
      await call.end({ cause: 'rejected', sipStatus: 603, reason: 'Decline' })
      return {}
    },
    'call.hangUp': async (context, { callId }) => {
      void own(context, callId).call.end({ cause: 'agent-hung-up' })
      return {}
    },

    'caller.enter': async context => {
      const { call, participantId } = callerOf(context)
      return call.caller.enter(participantId)
    },
    'camera.pause': async context => {
      await cameraOf(context).pause()
      return {}
    },
    'camera.resume': async context => {
      await cameraOf(context).resume()
      return {}
    },
    'camera.stop': async context => {
      cameraOf(context).stop()
      return {}
    },
    'camera.switched': async (context, { facing }) => {
      cameraOf(context).switched(facing)
      return {}
    },
    'camera.torch': async (context, { on }) => {
      cameraOf(context).torch(on)
      return {}
    },
    'camera.trouble': async (context, { trouble }) => {
      cameraOf(context).failed(trouble)
      return {}
    },

    'media.connect': async (context, { transportId, dtlsParameters }) => {
      const { room, participantId } = mediaOf(context)
      await room.connect(participantId, transportId, dtlsParameters)
      return {}
    },
    'media.restartIce': async (context, { transportId }) => {
      const { room, participantId } = mediaOf(context)
      return { iceParameters: { ...(await room.restartIce(participantId, transportId)) } }
    },
    'media.produce': async (context, { transportId, kind, rtpParameters }) => {
      const { room, participantId } = mediaOf(context)
      return room.produce(participantId, context.role, transportId, kind, rtpParameters)
    },
    'media.ready': async (context, { consumerId }) => {
      const { room, participantId } = mediaOf(context)
      await room.ready(participantId, consumerId)
      return {}
    },

    'invite.issue': async (context, { callId, language, to }) => {
      const { call, by } = own(context, callId)
      return call.live.invite.issue({ by, language, to: to ?? call.leg.from })
    },
    'stage.freeze': async (context, { callId }) => {
      const startedMs = performance.now()
      const { call, by } = own(context, callId)
      const { snapshots, camera } = call.live
      const snapshotId = await snapshots.freeze(by, () => camera.still())
      o.events.snapshotTaken(callId, performance.now() - startedMs)
      return { snapshotId }
    },
    'stage.page': async (context, { callId, snapshotId }) => {
      const { call, by } = own(context, callId)
      call.live.stage.showPage(by, snapshotId)
      return {}
    },
    'stage.live': async (context, { callId }) => {
      const { call, by } = own(context, callId)
      call.live.stage.showLive(by)
      return {}
    },
    'mark.begin': async (context, { callId, on, mark }) => {
      const { call, by } = own(context, callId)
      call.live.stage.begin(by, on, mark)
      return {}
    },
    'mark.extend': async (context, { callId, on, markId, points }) => {
      const { call, by } = own(context, callId)
      call.live.stage.extend(by, on, markId, points)
      return {}
    },
    'mark.undo': async (context, { callId, on }) => {
      const { call, by } = own(context, callId)
      call.live.stage.undo(by, on)
      return {}
    },
    'marks.clear': async (context, { callId, on }) => {
      const { call, by } = own(context, callId)
      call.live.stage.clear(by, on)
      return {}
    },
    'text.read': async (context, { callId, snapshotId, region }) => {
      const { call, by } = own(context, callId)
      const { snapshots, stage } = call.live
      return snapshots.read(by, stage.page(snapshotId).snapshot, region)
    },
  }
}
