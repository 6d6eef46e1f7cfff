import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names =
  | 'camera.abilities'
  | 'camera.control'
  | 'camera.controlled'
  | 'consent.ask'
  | 'consent.answer'
  | 'invite.rebind'

export function phoneRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'camera.abilities': notYet,
    'camera.control': notYet,
    'camera.controlled': notYet,
    'consent.ask': notYet,
    'consent.answer': notYet,
    'invite.rebind': notYet,
  }
}
