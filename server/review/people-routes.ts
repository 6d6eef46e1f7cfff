import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import type { Assignments } from '../store/review/assignments.ts'
import { customersOf, watchLines } from '../store/review/watch-lines.ts'
import { auditPeople, watchedOf } from './audit-patterns.ts'
import type { RecordDoor } from './record-door.ts'

const Period = z.object({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })

/** Reviewers of reviewers: who watched what, how long, and what a colleague should ask about. Looking is an entry too. */
export function peopleRoutes(o: {
  db: Database
  door: RecordDoor
  accessLog: AccessLog
  assignments: Assignments
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/review/audit/people',
      by: 'reviewer',
      needs: 'audit',
      handle: async context => {
        const period = Period.safeParse(context.request.query)
        if (!period.success) throw new AppError('bad-request', 'a period has from and to')
        const from = new Date(period.data.from).toISOString()
        const to = new Date(period.data.to).toISOString()
        await o.accessLog.add({
          user: o.door.reviewer(context),
          action: 'audit-read',
          detail: `people from=${from} to=${to}`,
        })
        const [lines, assigned, customerOf] = await Promise.all([
          watchLines(o.db, { from, to }),
          o.assignments.pairs(),
          customersOf(o.db),
        ])
        return { people: auditPeople({ lines, assigned, customerOf }) }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/audit/calls/:callId',
      by: 'reviewer',
      needs: 'audit',
      handle: async context => {
        const callId = o.door.callId(context)
        await o.accessLog.add({ user: o.door.reviewer(context), callId, action: 'audit-read', detail: 'who watched' })
        const [lines, assigned] = await Promise.all([watchLines(o.db, { callId }), o.assignments.pairs()])
        return { watched: watchedOf(callId, { lines, assigned }) }
      },
    }),
  ]
}
