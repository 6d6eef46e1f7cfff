import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { target } from '../voice-control.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names =
  | 'voice.hold'
  | 'voice.retrieve'
  | 'voice.mute'
  | 'voice.key'
  | 'voice.transfer'
  | 'voice.consult'
  | 'voice.speakTo'
  | 'voice.connect'
  | 'voice.cancelConsult'
  | 'voice.dial'
  | 'voice.speakBy'
  | 'desk.speakBy'

/** The voice of the agent's own call. */
export function voiceRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  const controlOf = (context: Context, callId: Parameters<RequestTools['own']>[1]) =>
    tools.own(context, callId).call.voiceControl
  return {
    'voice.hold': async (context, { callId }) => {
      await controlOf(context, callId).hold.hold()
      return {}
    },
    'voice.retrieve': async (context, { callId }) => {
      await controlOf(context, callId).takeBack()
      return {}
    },
    'voice.mute': async (context, { callId, on }) => {
      controlOf(context, callId).mute(on)
      return {}
    },
    'voice.key': async (context, { callId, digit }) => {
      await controlOf(context, callId).key(digit)
      return {}
    },
    'voice.transfer': async (context, { callId, to }) => {
      controlOf(context, callId).blindTransfer(to)
      return {}
    },
    'voice.consult': async (context, { callId, to }) => {
      await controlOf(context, callId).consult(to)
      return {}
    },
    'voice.speakTo': async (context, { callId, who }) => {
      await controlOf(context, callId).consultation.speakTo(who)
      return {}
    },
    'voice.connect': async (context, { callId }) => {
      controlOf(context, callId).consultation.connect()
      return {}
    },
    'voice.cancelConsult': async (context, { callId }) => {
      await controlOf(context, callId).consultation.cancel()
      return {}
    },
    'voice.speakBy': async (context, { callId, by }) => {
      await tools.own(context, callId).call.speakBy(by)
      return {}
    },
    'desk.speakBy': async (context, { by }) => {
      await tools.desk.chooseVoice(tools.agentOf(context).claims.sub, by)
      return {}
    },
    'voice.dial': async (context, { to, rtpCapabilities }) => {
      const me = tools.agentOf(context)
      tools.assertFree(me)
      return tools.desk.dial({
        agent: { id: me.claims.sub, name: me.claims.name },
        to: target(to),
        connection: me.connection,
        capabilities: rtpCapabilities,
        entered: call => {
          me.call = call
        },
      })
    },
  }
}
