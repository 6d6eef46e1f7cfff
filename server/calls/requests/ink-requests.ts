import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Surface } from '../../../signaling/protocol/stage.ts'
import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { CallStage, Drawer } from '../../assist/call-stage.ts'
import type { AnsweredCall } from '../answered-call.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'mark.begin' | 'mark.extend' | 'marks.erase' | 'marks.clear' | 'ink.undo' | 'ink.redo'

export function inkRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  /** Who draws, if this kind of call lets them. @throws AppError `forbidden` */
  const drawing = (
    context: Context,
    callId: CallId,
    on: Surface,
  ): { live: AnsweredCall; stage: CallStage; drawer: Drawer } => {
    const { call, by } = tools.drawerOf(context, callId)
    const { role } = context
    if (role === 'supervisor') throw new AppError('forbidden', 'supervisors look on')
    const { live } = call
    const { scenario, stage } = live
    scenario.require(role === 'caller' ? 'caller-draw' : 'draw')
    if (on === 'live') scenario.require('live-marks')
    return { live, stage, drawer: { by, role } }
  }
  return {
    'mark.begin': async (context, { callId, on, mark, replaces, anchor }) => {
      const { live, stage, drawer } = drawing(context, callId, on)
      live.assertMoves(on)
      stage.begin(drawer, on, mark, { ...(replaces && { replaces }), ...(anchor && { anchor }) })
      return {}
    },
    'mark.extend': async (context, { callId, on, markId, points }) => {
      const { stage, drawer } = drawing(context, callId, on)
      stage.extend(drawer, on, markId, points)
      return {}
    },
    'marks.erase': async (context, { callId, on, markIds }) => {
      const { stage, drawer } = drawing(context, callId, on)
      stage.erase(drawer, on, markIds)
      return {}
    },
    'marks.clear': async (context, { callId, on }) => {
      const { stage, drawer } = drawing(context, callId, on)
      stage.clear(drawer, on)
      return {}
    },
    'ink.undo': async (context, { callId, on }) => {
      const { stage, drawer } = drawing(context, callId, on)
      stage.undo(drawer, on)
      return {}
    },
    'ink.redo': async (context, { callId, on }) => {
      const { stage, drawer } = drawing(context, callId, on)
      stage.redo(drawer, on)
      return {}
    },
  }
}
