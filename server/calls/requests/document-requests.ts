import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names = 'document.read' | 'document.judge' | 'face.compare'

export function documentRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'document.read': notYet,
    'document.judge': notYet,
    'face.compare': notYet,
  }
}
