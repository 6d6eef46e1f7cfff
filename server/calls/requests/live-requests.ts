import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names = 'marks.pose' | 'pointer.move'

export function liveRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'marks.pose': notYet,
    'pointer.move': notYet,
  }
}
