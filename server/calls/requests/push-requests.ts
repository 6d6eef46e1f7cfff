import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import { openScreenReceiver } from '../seat-media.ts'
import type { Context, RequestTools } from './request-context.ts'

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

/** What the agent puts before the caller, and what the phone says of it. */
export function pushRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  const pushing = (context: Context, callId: Parameters<RequestTools['own']>[1]) => {
    const { call, by } = tools.own(context, callId)
    call.live.scenario.require('push')
    return { push: call.live.push, by }
  }
  const phone = (context: Context) => {
    const { call, participantId } = tools.callerOf(context)
    return { receipts: call.live.receipts, by: participantId }
  }
  return {
    'push.card': async (context, { callId, card }) => {
      const { push, by } = pushing(context, callId)
      return { pageId: push.card(by, card) }
    },
    'push.diagram': async (context, { callId, diagramId }) => {
      const { push, by } = pushing(context, callId)
      return { pageId: await push.diagram(by, diagramId) }
    },
    'push.pdfPage': async (context, { callId, documentId, page }) => {
      const { push, by } = pushing(context, callId)
      return { pageId: await push.pdfPage(by, documentId, page) }
    },
    'library.search': async (context, { words }) => {
      tools.agentOf(context)
      return { diagrams: await tools.library.search(words) }
    },
    'share.stop': async (context, { callId }) => {
      tools.own(context, callId).call.live.share.stop()
      return {}
    },
    'media.receive': async (context, { rtpCapabilities }) => {
      const { call, participantId } = tools.callerOf(context)
      const { room, deps } = call
      return { receive: await openScreenReceiver({ room, participantId, capabilities: rtpCapabilities, deps }) }
    },
    'page.loaded': async (context, { pageId }) => {
      const { receipts, by } = phone(context)
      receipts.loaded(by, pageId)
      return {}
    },
    'page.seen': async (context, { pageId }) => {
      const { receipts, by } = phone(context)
      receipts.seen(by, pageId)
      return {}
    },
    'page.copied': async (context, { pageId, row }) => {
      const { receipts, by } = phone(context)
      receipts.copied(by, pageId, row)
      return {}
    },
    'caller.look': async (context, { at }) => {
      const { receipts, by } = phone(context)
      receipts.look(by, at)
      return {}
    },
  }
}
