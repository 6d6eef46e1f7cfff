import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names = 'scenario.choose' | 'guest.invite' | 'guest.remove' | 'watch.calls' | 'watch.enter' | 'watch.leave'

export function peopleRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'scenario.choose': notYet,
    'guest.invite': notYet,
    'guest.remove': notYet,
    'watch.calls': notYet,
    'watch.enter': notYet,
    'watch.leave': notYet,
  }
}
