import * as z from 'zod'
import { MAX_PICTURE_BYTES } from '../../media/picture/intake.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId, PageId, UploadId } from '../../signaling/protocol/ids.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import type { MaySee } from './may-see.ts'
import { COOKIES, type Route, type RouteContext, route } from './routes.ts'

const MAX_CHUNK_BYTES = 1024 * 1024
/** Phones name their files in many ways or not at all; the content decides. */
const PICTURES = ['image/*', 'application/octet-stream']
const Nth = z.coerce.number().int().min(0).max(1_000).optional()
const Offset = z.coerce.number().int().min(0)
const StillKind = z.enum(['photo', 'frame'])
const NewUpload = z.object({
  name: z.string().max(500),
  type: z.string().max(100),
  sizeBytes: z.number().int().min(1),
  lastModifiedMs: z.number().optional(),
})

export type PictureRoutesOptions = {
  readonly desk: CallDesk
  readonly tokens: Tokens
  /** Whether this browser may see pictures of this call. */
  readonly maySee: MaySee
}

/** Pictures of a live call: fetched by those who see it, brought by the caller's phone (stills, own photos and files). */
export function pictureRoutes(o: PictureRoutesOptions): Route[] {
  const callIdOf = (context: RouteContext<unknown>) => given(CallId, context.request.params.callId)
  /** The call of the caller who asks. @throws AppError `forbidden`, or `gone` when another device took the seat */
  const own = (context: RouteContext<unknown>) => {
    const callId = callIdOf(context)
    const caller = o.tokens.readCaller(readCookies(context.request.headers.cookie).get(COOKIES.caller))
    if (caller?.call !== callId) throw new AppError('forbidden', 'this is not your call')
    const call = o.desk.get(callId)
    call.caller.assertSeated(caller.sub)
    return { live: call.live, by: caller.sub }
  }
  const uploads = (context: RouteContext<unknown>) => {
    const { live, by } = own(context)
    live.scenario.require('upload')
    return { uploads: live.uploads, by }
  }
  return [
    route({
      method: 'get',
      path: '/api/calls/:callId/pictures/:pageId',
      by: 'public',
      handle: async context => {
        const callId = callIdOf(context)
        if (!o.maySee(context, callId)) throw new AppError('forbidden', 'this picture is not for you')
        const { pages, stage } = o.desk.get(callId).live
        const nth = given(Nth, context.request.query.picture)
        const picture = pages.pictureOf(stage.page(given(PageId, context.request.params.pageId)), nth)
        // The n-th picture never changes; which one is the best does.
        const cache = nth === undefined ? 'private, no-cache' : 'private, max-age=3600, immutable'
        context.response
          .set({ 'content-type': picture.type, 'cache-control': cache, etag: `"${picture.sha256}"` })
          .send(await pages.bytes(picture))
      },
    }),
    route<Buffer>({
      method: 'post',
      path: '/api/calls/:callId/pages/:pageId/still',
      by: 'public',
      raw: { maxBytes: MAX_PICTURE_BYTES, types: PICTURES },
      handle: async context => {
        const { live, by } = own(context)
        const kind = given(StillKind, context.request.headers['x-still-kind'])
        const pageId = given(PageId, context.request.params.pageId)
        return { pageId: await live.shutter.arrived(by, pageId, kind, context.body) }
      },
    }),
    route({
      method: 'post',
      path: '/api/calls/:callId/uploads',
      by: 'public',
      body: NewUpload,
      handle: async context => {
        const { uploads: its, by } = uploads(context)
        return its.begin(by, context.body, context.startedAtMs)
      },
    }),
    route({
      method: 'get',
      path: '/api/calls/:callId/uploads/:uploadId',
      by: 'public',
      handle: async context => {
        const { uploads: its, by } = uploads(context)
        return its.state(by, given(UploadId, context.request.params.uploadId))
      },
    }),
    route<Buffer>({
      method: 'post',
      path: '/api/calls/:callId/uploads/:uploadId',
      by: 'public',
      raw: { maxBytes: MAX_CHUNK_BYTES, types: [...PICTURES, 'application/pdf'] },
      handle: async context => {
        const { uploads: its, by } = uploads(context)
        const uploadId = given(UploadId, context.request.params.uploadId)
        return its.append(by, uploadId, given(Offset, context.request.query.offset), context.body, context.startedAtMs)
      },
    }),
  ]
}

/** @throws AppError `bad-request`; for a path that names nothing of ours the answer is the same */
function given<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AppError('bad-request', 'this request is not as expected')
  return parsed.data
}
