import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

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
      await controlOf(context, callId).hold.retrieve()
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
    'voice.consult': notYet,
    'voice.speakTo': notYet,
    'voice.connect': notYet,
    'voice.cancelConsult': notYet,
  }
}
