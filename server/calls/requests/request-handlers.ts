import { AppError } from '../../../signaling/protocol/errors.ts'
import type { RtpCapabilities } from '../../../signaling/protocol/media.ts'
import type { Scenario } from '../../../signaling/protocol/scenario.ts'
import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { PushTools } from '../../assist/push.ts'
import type { StaffClaims } from '../../auth/tokens.ts'
import type { Events } from '../../events.ts'
import type { AgentDesk } from '../agent-desk.ts'
import type { CallDesk } from '../call-desk.ts'
import { otherNumber } from '../call-voice.ts'
import { captureRequests } from './capture-requests.ts'
import { documentRequests } from './document-requests.ts'
import { inkRequests } from './ink-requests.ts'
import { liveRequests } from './live-requests.ts'
import { networkRequests } from './network-requests.ts'
import { peopleRequests } from './people-requests.ts'
import { phoneRequests } from './phone-requests.ts'
import { pictureRequests } from './picture-requests.ts'
import { pushRequests } from './push-requests.ts'
import { type Context, RequestTools } from './request-context.ts'
import { voiceRequests } from './voice-requests.ts'

/** What each request of the catalogue does: one line of decision, the rest belongs to the call. */
export function requestHandlers(o: {
  desk: CallDesk
  agents: AgentDesk
  events: Events
  routerRtpCapabilities: RtpCapabilities
  sipAddress: () => string
  scenarios: () => readonly Scenario[]
  push: Pick<PushTools, 'linkDomains' | 'library'>
}): RequestHandlers<Context> {
  const tools = new RequestTools(o.desk, o.events, o.push.library)
  const agentOf = (context: Context) => tools.agentOf(context)
  const callerOf = (context: Context) => tools.callerOf(context)
  const cameraOf = (context: Context) => callerOf(context).call.live.camera
  const mediaOf = (context: Context) => {
    if (context.role === 'caller') {
      callerOf(context)
      return { room: context.call.room, participantId: context.participantId }
    }
    if (context.role !== 'agent') {
      const { call, participantId } = tools.onlookerOf(context)
      return { room: call.room, participantId }
    }
    const { call, connection } = context
    if (!call?.seat?.isHeldBy(connection)) throw new AppError('conflict', 'answer or attach to a call first')
    return { room: call.room, participantId: call.seat.participantId }
  }
  const agent = (claims: StaffClaims) => ({ id: claims.sub, name: claims.name })
  return {
    'desk.enter': async context => {
      const { claims } = agentOf(context)
      const deskPhone = o.desk.phoneOf(claims.sub)
      return {
        agent: agent(claims),
        calls: o.agents.viewsFor(claims.sub),
        routerRtpCapabilities: o.routerRtpCapabilities,
        sipAddress: o.sipAddress(),
        scenarios: [...o.scenarios()],
        linkDomains: [...o.push.linkDomains],
        mayDial: o.desk.mayDial,
        ...(deskPhone && { deskPhone }),
      }
    },
    'call.answer': async (context, { callId, rtpCapabilities, by }) => {
      const me = agentOf(context)
      tools.assertFree(me)
      const call = o.desk.get(callId)
      me.call = call
      const chosen = by ?? o.desk.phoneOf(me.claims.sub)?.by ?? 'browser'
      return call.answer(agent(me.claims), me.connection, rtpCapabilities, chosen)
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
      void tools.own(context, callId).call.end({ cause: 'agent-hung-up' })
      return {}
    },

    'caller.enter': async (context, { transportId }) => {
      const { call, participantId } = callerOf(context)
      return call.caller.enter(participantId, transportId)
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
    'media.produce': async (context, { transportId, kind, screen, rtpParameters }) => {
      const { room, participantId } = mediaOf(context)
      const role = context.role === 'agent' ? 'agent' : 'caller'
      if (screen && context.role === 'agent') context.call?.live.scenario.require('share')
      return room.produce(participantId, role, transportId, kind, rtpParameters, screen)
    },
    'media.ready': async (context, { consumerId }) => {
      const { room, participantId } = mediaOf(context)
      await room.ready(participantId, consumerId)
      return {}
    },

    'invite.issue': async (context, { callId, language, to, sms }) => {
      const { call, by } = tools.own(context, callId)
      return call.live.invite.issue({ by, language, to: to ?? otherNumber(call.voice), sms })
    },
    ...pictureRequests(tools),
    ...inkRequests(tools),
    ...liveRequests(tools),
    ...documentRequests(tools),
    ...pushRequests(tools),
    ...networkRequests(tools),
    ...phoneRequests(tools),
    ...peopleRequests(tools),
    ...captureRequests(tools),
    ...voiceRequests(tools),
  }
}
