import { AppError } from '../../../signaling/protocol/errors.ts'
import type { NotificationData } from '../../../signaling/protocol/notifications.ts'
import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'marks.pose' | 'pointer.move'

export function liveRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'marks.pose': async (context, { callId, poses }) => {
      const { call, by } = tools.own(context, callId)
      call.live.scenario.require('live-marks')
      call.live.liveMarks.pose(by, poses)
      return {}
    },
    'pointer.move': async (context, { callId, on, points, rtpTimestamp, epoch }) => {
      const { call, by } = tools.drawerOf(context, callId)
      const { role } = context
      if (role === 'supervisor') throw new AppError('forbidden', 'supervisors look on')
      const { scenario, stage, liveMarks } = call.live
      scenario.require(role === 'caller' ? 'caller-draw' : 'draw')
      // As with ink: others than the agent point at what is shown to them.
      if (role !== 'agent' && on !== stage.stage.showing)
        throw new AppError('forbidden', 'point at the page that is shown')
      call.live.assertMoves(on)
      liveMarks.point(by, on, points)
      const told: NotificationData<'pointer.moved'> = {
        callId,
        by,
        on,
        points,
        ...(rtpTimestamp !== undefined && { rtpTimestamp }),
        ...(epoch !== undefined && { epoch }),
      }
      if (role !== 'agent') call.seat?.notify('pointer.moved', told)
      if (role !== 'caller') call.caller.notify('pointer.moved', told)
      call.onlookers.pointer(by, told)
      return {}
    },
  }
}
