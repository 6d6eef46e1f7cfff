import { MAX_PDF_BYTES } from '../../media/picture/pdf-renderer.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { Library } from '../assist/library.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { claimsOf, type Route, type RouteContext, route } from './routes.ts'

/** Browsers name some pictures (HEIC) not at all; the content decides. */
const TYPES = ['image/*', 'application/pdf', 'application/octet-stream']
const FOREVER = 'private, max-age=31536000, immutable'

/** What the agent hands over for the caller's phone, and what there is to choose from. */
export function pushRoutes(o: { desk: CallDesk; library: Library }): Route[] {
  /** @throws AppError `forbidden`, also for a call of another agent */
  const own = (context: RouteContext<unknown>) => {
    const callId = CallId.safeParse(context.request.params.callId)
    if (!callId.success) throw new AppError('not-found', 'no such call here')
    const call = o.desk.get(callId.data)
    if (call.seat?.agent.id !== claimsOf(context).sub) throw new AppError('forbidden', 'this is not your call')
    const { live } = call
    live.scenario.require('push')
    return { push: live.push, by: call.seat.participantId }
  }
  return [
    route<Buffer>({
      method: 'post',
      path: '/api/calls/:callId/push',
      by: 'agent',
      raw: { maxBytes: MAX_PDF_BYTES, types: TYPES },
      handle: async context => {
        const { push, by } = own(context)
        return push.file(by, context.body, nameIn(context.request.headers['x-file-name']))
      },
    }),
    route({
      method: 'get',
      path: '/api/calls/:callId/documents',
      by: 'agent',
      handle: async context => ({ documents: own(context).push.documents.views }),
    }),
    /** A small picture of one page, to choose by. */
    route({
      method: 'get',
      path: '/api/calls/:callId/documents/:documentId/:page',
      by: 'agent',
      handle: async context => {
        const { push } = own(context)
        const { documentId, page } = context.request.params
        const { bytes, type } = await push.documents.thumbnail(String(documentId), whole(page))
        context.response.set({ 'content-type': type, 'cache-control': FOREVER }).send(bytes)
      },
    }),
    route({
      method: 'get',
      path: '/api/library/:diagramId/:version',
      by: 'agent',
      handle: async context => {
        const { diagramId, version } = context.request.params
        const found = await o.library.open(String(diagramId), whole(version))
        if (!found) throw new AppError('not-found', 'no such diagram')
        context.response.set({ 'content-type': found.type, 'cache-control': FOREVER }).send(found.bytes)
      },
    }),
  ]
}

/** @throws AppError `not-found` for what is no number from 1 on */
function whole(text: unknown): number {
  if (typeof text !== 'string' || !/^[1-9]\d{0,5}$/.test(text)) throw new AppError('not-found', 'there is nothing here')
  return Number(text)
}

/** Headers are ASCII, names of files are not: the page encodes them with percents. */
function nameIn(header: string | string[] | undefined): string {
  try {
    return decodeURIComponent(String(header ?? ''))
  } catch {
    return ''
  }
}
