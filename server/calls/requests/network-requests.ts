import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names = 'picture.rung' | 'picture.measured' | 'picture.prefer' | 'camera.notice'

export function networkRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'picture.rung': notYet,
    'picture.measured': notYet,
    'picture.prefer': notYet,
    'camera.notice': notYet,
  }
}
