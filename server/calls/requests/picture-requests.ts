import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { type Context, notYet, type RequestTools } from './request-context.ts'

type Names =
  | 'stage.freeze'
  | 'stage.page'
  | 'stage.live'
  | 'still.failed'
  | 'text.read'
  | 'text.correct'
  | 'codes.read'
  | 'codes.seen'

export function pictureRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'stage.freeze': async (context, { callId }) => {
      const startedMs = performance.now()
      const { call, by } = tools.own(context, callId)
      const { pages, camera } = call.live
      const pageId = await pages.freeze(by, () => camera.still())
      tools.events.snapshotTaken(callId, performance.now() - startedMs)
      return { pageId }
    },
    'stage.page': async (context, { callId, pageId }) => {
      const { call, by } = tools.own(context, callId)
      call.live.stage.showPage(by, pageId)
      return {}
    },
    'stage.live': async (context, { callId }) => {
      const { call, by } = tools.own(context, callId)
      call.live.stage.showLive(by)
      return {}
    },
    'still.failed': notYet,
    'text.read': async (context, { callId, pageId, region }) => {
      const { call, by } = tools.own(context, callId)
      const { pages, stage } = call.live
      return pages.read(by, stage.page(pageId), region)
    },
    'text.correct': notYet,
    'codes.read': notYet,
    'codes.seen': notYet,
  }
}
