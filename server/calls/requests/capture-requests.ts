import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'capture.pause' | 'capture.resume' | 'recording.start' | 'recording.stop' | 'call.flag'

/** What is captured of a call, as far as it is the agent's to decide. */
export function captureRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  const captureOf = (context: Context, callId: Parameters<RequestTools['own']>[1]) => {
    const { call, by } = tools.own(context, callId)
    const { card, triggers } = call.live.capture
    return { card, triggers, by }
  }
  return {
    'capture.pause': async (context, { callId }) => {
      const { card, by } = captureOf(context, callId)
      card.pause({ by, trigger: 'agent' })
      return {}
    },
    'capture.resume': async (context, { callId }) => {
      const { card, by } = captureOf(context, callId)
      await card.resume({ by, because: 'agent' })
      return {}
    },
    'recording.start': async (context, { callId }) => {
      const { triggers, by } = captureOf(context, callId)
      triggers.start(by)
      return {}
    },
    'recording.stop': async (context, { callId }) => {
      const { triggers, by } = captureOf(context, callId)
      triggers.stop(by)
      return {}
    },
    'call.flag': async (context, { callId, flag, on }) => {
      const { triggers, by } = captureOf(context, callId)
      triggers.flag(by, flag, on)
      return {}
    },
  }
}
