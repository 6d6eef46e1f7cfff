import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names =
  | 'camera.abilities'
  | 'camera.control'
  | 'camera.controlled'
  | 'consent.ask'
  | 'consent.answer'
  | 'consent.withdraw'
  | 'invite.rebind'

/** What concerns the caller's phone: its camera as a tool, what the caller is asked, and a change of browser. */
export function phoneRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  const phoneOf = (context: Context) => {
    const { call, participantId } = tools.callerOf(context)
    return { live: call.live, by: participantId }
  }
  return {
    'camera.abilities': async (context, { abilities }) => {
      const { live, by } = phoneOf(context)
      live.phone.can(by, abilities)
      return {}
    },
    'camera.control': async (context, { callId, control }) => {
      const { call, by } = tools.own(context, callId)
      call.live.phone.operate(by, control)
      return {}
    },
    'camera.controlled': async (context, { control, outcome }) => {
      const { live, by } = phoneOf(context)
      live.phone.controlled(by, control, outcome)
      return {}
    },
    'consent.ask': async (context, { callId, kind }) => {
      const { call, by } = tools.own(context, callId)
      call.live.phone.ask(by, kind)
      return {}
    },
    'consent.answer': async (context, { consent }) => {
      const { live, by } = phoneOf(context)
      live.consents.answer(consent, { by })
      return {}
    },
    'consent.withdraw': async (context, { kind }) => {
      const { live, by } = phoneOf(context)
      live.consents.withdraw(by, kind)
      return {}
    },
    'invite.rebind': async (context, { callId, requestId, allow }) => {
      const { call, by } = tools.own(context, callId)
      call.live.rebind.answer(by, requestId, allow)
      return {}
    },
  }
}
