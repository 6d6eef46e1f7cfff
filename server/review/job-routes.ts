import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import { JOB_KINDS } from '../../signaling/protocol/record-job.ts'
import type { Deliverables } from '../evidence/deliverables.ts'
import { claimsOf, type Route, type RouteContext, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Archives } from './archives.ts'

/** Long work on a record's derivatives: how far it is, and asking for it. */
export function jobRoutes(o: { archives: Archives; deliverables: Deliverables; accessLog: AccessLog }): Route[] {
  const callOf = async (context: RouteContext<unknown>) => {
    const parsed = CallId.safeParse(context.request.params.callId)
    if (!parsed.success) throw new AppError('not-found', 'no such record')
    return o.archives.call(parsed.data)
  }
  return [
    route({
      method: 'get',
      path: '/api/review/calls/:callId/jobs',
      by: 'reviewer',
      handle: async context => ({ jobs: await o.deliverables.jobsOf((await callOf(context)).callId) }),
    }),
    route({
      method: 'post',
      path: '/api/review/calls/:callId/jobs',
      by: 'reviewer',
      body: z.object({ kind: z.enum(JOB_KINDS) }),
      handle: async context => {
        const { callId, state } = await callOf(context)
        const { kind } = context.body
        if (kind === 'mp4' && state !== 'muxed') throw new AppError('conflict', 'the replay is not there yet')
        const { sub, name } = claimsOf(context)
        await o.accessLog.add({ user: { id: sub, name }, callId, action: 'remuxed', detail: kind })
        return { job: await o.deliverables.start(callId, kind) }
      },
    }),
  ]
}
