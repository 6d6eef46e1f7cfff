import QRCode from 'qrcode'
import { AppError } from '../../../signaling/protocol/errors.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools, WatchContext } from './request-context.ts'

type Names = 'scenario.choose' | 'guest.invite' | 'guest.remove' | 'watch.calls' | 'watch.enter' | 'watch.leave'

function watcherOf(context: Context): WatchContext {
  if (context.role !== 'supervisor' && context.role !== 'guest') throw new AppError('forbidden', 'for onlookers')
  return context
}

/** The kind of call, and the people beside caller and agent. */
export function peopleRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'scenario.choose': async (context, { callId, scenario }) => {
      const { call, by } = tools.own(context, callId)
      call.live.scenario.choose(by, scenario)
      return {}
    },
    'guest.invite': async (context, { callId, name, language }) => {
      const { call, by } = tools.own(context, callId)
      call.live.scenario.require('guest')
      const { guest, token } = call.deps.guests.issue({ callId, name, language })
      const expiresAt = new Date(guest.expiresAtMs).toISOString()
      call.live.log.write({ type: 'guest.invited', by, name, expiresAt })
      const link = `${call.deps.publicUrl()}/g/${token}`
      return { link, qrSvg: await QRCode.toString(link, { type: 'svg', margin: 1 }), expiresAt }
    },
    'guest.remove': async (context, { callId, participantId }) => {
      const { call, by } = tools.own(context, callId)
      call.deps.guests.remove(participantId)
      call.onlookers.remove(by, participantId)
      return {}
    },

    'watch.calls': async context => {
      watcherOf(context)
      return { calls: tools.desk.views().filter(view => view.phase === 'talking') }
    },
    'watch.enter': async (context, { callId, rtpCapabilities }) => {
      const me = watcherOf(context)
      const call = tools.desk.get(callId)
      if (me.guest && me.guest.callId !== callId) throw new AppError('forbidden', 'this is not your call')
      if (me.call && me.call !== call) me.call.onlookers.leave(me.participantId, 'left')
      // A supervisor who comes back after leaving is a new entry in the record.
      if (!me.guest && me.call !== call) me.participantId = newId('part')
      me.call = call
      const { role, name, userId, connection, language, participantId } = me
      return call.onlookers.enter({
        participantId,
        role,
        name,
        userId,
        connection,
        language,
        capabilities: rtpCapabilities,
      })
    },
    'watch.leave': async (context, { callId }) => {
      const me = watcherOf(context)
      if (me.call?.id === callId) {
        me.call.onlookers.leave(me.participantId, 'left')
        me.call = undefined
      }
      return {}
    },
  }
}
