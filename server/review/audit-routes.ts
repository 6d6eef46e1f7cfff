import * as z from 'zod'
import type { ChainMark } from '../../recordings/chain/verify-chain-log.ts'
import { AUDIT_ACTIONS } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId, UserId } from '../../signaling/protocol/ids.ts'
import { claimsOf, type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'

const Search = z.object({
  user: UserId.optional(),
  call: CallId.optional(),
  action: z.enum(AUDIT_ACTIONS).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

/** Reviewers of reviewers: the access log of everybody, and whether its chain holds. Reading it is an entry in it. */
export function auditRoutes(o: { accessLog: AccessLog; anchoredMarks: () => Promise<readonly ChainMark[]> }): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/review/audit',
      by: 'reviewer',
      handle: async context => {
        const given = Object.fromEntries(Object.entries(context.request.query).filter(([, value]) => value !== ''))
        const search = Search.safeParse(given)
        if (!search.success) throw new AppError('bad-request', 'this search cannot be read')
        const claims = claimsOf(context)
        const { user, call, from, to, ...rest } = search.data
        // What one did oneself may be read by everybody.
        if (user !== claims.sub && !claims.rights.includes('audit'))
          throw new AppError('forbidden', 'reading what colleagues did needs the right "audit"')
        const asked = Object.entries(given).map(([name, value]) => `${name}=${String(value)}`)
        if (user !== claims.sub)
          await o.accessLog.add({
            user: { id: claims.sub, name: claims.name },
            callId: call,
            action: 'audit-read',
            detail: asked.join(' ').slice(0, 300),
          })
        const utc = (time: string | undefined) => time && new Date(time).toISOString()
        return o.accessLog.search({ ...rest, userId: user, callId: call, from: utc(from), to: utc(to) })
      },
    }),
    route({
      method: 'post',
      path: '/api/review/audit/verify',
      by: 'reviewer',
      needs: 'audit',
      handle: async context => {
        const claims = claimsOf(context)
        const marks = await o.anchoredMarks()
        await o.accessLog.add({
          user: { id: claims.sub, name: claims.name },
          action: 'audit-read',
          detail: 'verify',
        })
        return { ...(await o.accessLog.verify(marks)), marksChecked: marks.length }
      },
    }),
  ]
}
