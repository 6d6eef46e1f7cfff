import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names =
  | 'push.card'
  | 'push.diagram'
  | 'push.pdfPage'
  | 'library.search'
  | 'share.stop'
  | 'media.receive'
  | 'page.loaded'
  | 'page.seen'
  | 'page.copied'
  | 'caller.look'

export function pushRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  void tools
  return {
    'push.card': notYet,
    'push.diagram': notYet,
    'push.pdfPage': notYet,
    'library.search': notYet,
    'share.stop': notYet,
    'media.receive': notYet,
    'page.loaded': notYet,
    'page.seen': notYet,
    'page.copied': notYet,
    'caller.look': notYet,
  }
}
