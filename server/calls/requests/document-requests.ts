import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names = 'document.read' | 'document.judge' | 'face.compare'

export function documentRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'document.read': async (context, { callId, pageId, kind, region }) => {
      const { call, by } = tools.own(context, callId)
      const { documents, stage, shutter } = call.live
      await shutter.better(pageId)
      return documents.read(by, stage.page(pageId), kind, region)
    },
    'document.judge': async (context, { callId, reading, verdict }) => {
      const { call, by } = tools.own(context, callId)
      call.live.documents.judge(by, reading, verdict)
      return {}
    },
    'face.compare': async (context, { callId, documentPageId, facePageId }) => {
      const { call, by } = tools.own(context, callId)
      const { documents, stage, shutter } = call.live
      await Promise.all([shutter.better(documentPageId), shutter.better(facePageId)])
      return documents.compare(by, stage.page(documentPageId), stage.page(facePageId))
    },
  }
}
