import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'picture.rung' | 'picture.measured' | 'picture.prefer' | 'camera.notice'

/** How the picture travels, and what the phone's watchdog noticed. */
export function networkRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'picture.rung': async (context, { rung, because, network }) => {
      const { call, participantId } = tools.callerOf(context)
      call.live.ladder.moved(participantId, rung, because, network)
      return {}
    },
    'picture.measured': async (context, { network }) => {
      tools.callerOf(context).call.live.ladder.measured(network)
      return {}
    },
    'picture.prefer': async (context, { callId, rung }) => {
      tools.own(context, callId).call.live.ladder.prefer(rung)
      return {}
    },
    'camera.notice': async (context, { notice }) => {
      const { call, participantId } = tools.callerOf(context)
      call.live.log.write({ type: 'camera.noticed', by: participantId, notice })
      return {}
    },
  }
}
