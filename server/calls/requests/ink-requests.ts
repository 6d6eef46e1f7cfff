import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'mark.begin' | 'mark.extend' | 'marks.erase' | 'marks.clear' | 'ink.undo' | 'ink.redo'

export function inkRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'mark.begin': async (context, { callId, on, mark, anchor }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.begin(by, on, mark, anchor)
      return {}
    },
    'mark.extend': async (context, { callId, on, markId, points }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.extend(by, on, markId, points)
      return {}
    },
    'marks.erase': async (context, { callId, on, markIds }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.erase(by, on, markIds, context.role === 'agent')
      return {}
    },
    'marks.clear': async (context, { callId, on }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.clear(by, on, context.role === 'agent')
      return {}
    },
    'ink.undo': async (context, { callId, on }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.undo(by, on)
      return {}
    },
    'ink.redo': async (context, { callId, on }) => {
      const { call, by } = tools.drawerOf(context, callId)
      call.live.stage.redo(by, on)
      return {}
    },
  }
}
