import { normalize } from 'node:path'
import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import { claimsOf, type Route, type RouteContext, route } from '../http/routes.ts'
import { serveCallFile } from '../http/serve-call-file.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { CallIndex } from '../store/call-index.ts'
import type { Archives } from './archives.ts'

/** How long a stated reason opens a record for one sign-in. */
const GRANT_MS = 8 * 3600 * 1000
const Search = z.object({
  number: z.string().max(40).optional(),
  agent: z.string().max(80).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(80).optional(),
})

/** The reviewer's side: find, open with a reason, replay, verify. Every look is in the access log before it happens. */
export function reviewRoutes(o: { index: CallIndex; archives: Archives; accessLog: AccessLog }): Route[] {
  const grants = new Map<string, number>()
  const callIdOf = (context: RouteContext<unknown>) => {
    const parsed = CallId.safeParse(context.request.params.callId)
    if (!parsed.success) throw new AppError('not-found', 'no such record')
    return parsed.data
  }
  const user = (context: RouteContext<unknown>) => ({ id: claimsOf(context).sub, name: claimsOf(context).name })
  const grantKey = (context: RouteContext<unknown>, callId: CallId) => `${claimsOf(context).sid} ${callId}`
  const assertGranted = (context: RouteContext<unknown>, callId: CallId) => {
    if ((grants.get(grantKey(context, callId)) ?? 0) < Date.now())
      throw new AppError('forbidden', 'open this record with a reason first')
  }
  return [
    route({
      method: 'get',
      path: '/api/review/calls',
      by: 'reviewer',
      handle: async context => {
        const query = Object.fromEntries(Object.entries(context.request.query).filter(([, value]) => value !== ''))
        const search = Search.safeParse(query)
        if (!search.success) throw new AppError('bad-request', 'this search cannot be read')
        const { from, to, ...rest } = search.data
        const utc = (time: string | undefined) => time && new Date(time).toISOString()
        const { calls, next } = await o.index.search({ ...rest, fromTime: utc(from), toTime: utc(to) })
        return { calls: calls.map(({ folder: _, ...row }) => row), ...(next && { next }) }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/open',
      by: 'reviewer',
      body: z.object({ reason: z.string().trim().min(3).max(300) }),
      handle: async context => {
        const callId = callIdOf(context)
        await o.archives.call(callId)
        await o.accessLog.add({ user: user(context), callId, action: 'open', detail: context.body.reason })
        const nowMs = Date.now()
        for (const [key, untilMs] of grants) if (untilMs < nowMs) grants.delete(key)
        grants.set(grantKey(context, callId), nowMs + GRANT_MS)
        return { ...(await o.archives.open(callId)), access: await o.accessLog.ofCall(callId) }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/verify',
      by: 'reviewer',
      handle: async context => {
        const callId = callIdOf(context)
        assertGranted(context, callId)
        await o.accessLog.add({ user: user(context), callId, action: 'verify', detail: '' })
        return o.archives.verify(callId)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/files/*path',
      by: 'reviewer',
      handle: async context => {
        const callId = callIdOf(context)
        assertGranted(context, callId)
        const files = await o.archives.files(callId)
        const wanted = normalize(([] as string[]).concat(context.request.params.path ?? []).join('/'))
        const { range } = context.request.headers
        // A player asks for many ranges; the first request of a file is the look that counts.
        if (range === undefined || range.startsWith('bytes=0-')) {
          await o.accessLog.add({ user: user(context), callId, action: 'file', detail: wanted.slice(0, 200) })
        }
        await serveCallFile(files, wanted, context.request, context.response)
      },
    }),
  ]
}
