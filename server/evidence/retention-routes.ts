import type * as z from 'zod'
import type { AuditActor } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import {
  ConfirmRun,
  NewErasure,
  NewEvent,
  NewHold,
  NewLink,
  type RecordStanding,
  ReleaseHold,
  Withdraw,
  WithdrawErasure,
} from '../../signaling/protocol/retention.ts'
import { claimsOf, type Route, type RouteContext, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Erasures } from '../store/erasures.ts'
import type { RetentionBook } from '../store/retention-book.ts'
import type { RetentionRuns } from '../store/retention-runs.ts'
import type { Certificates } from './certificates.ts'
import { standingOf } from './record-standing.ts'
import type { Retention } from './retention.ts'
import { overviewOf } from './retention-overview.ts'

const RUNS_SHOWN = 20

export type RetentionRoutesOptions = {
  readonly retention: Retention
  readonly book: RetentionBook
  readonly erasures: Erasures
  readonly runs: RetentionRuns
  readonly certificates: Certificates
  readonly nextRunAt: () => string | null
  readonly accessLog: Pick<AccessLog, 'add'>
  /** Whether the index knows this record. */
  readonly isKnown: (callId: CallId) => Promise<boolean>
}

/** Keeping and destroying, for people with the right `retention`; events also for the operator's machines. */
export function retentionRoutes(o: RetentionRoutesOptions): Route[] {
  const { retention } = o
  const read = (path: string, handle: () => Promise<unknown>) =>
    route({ method: 'get', path: `/api/review/retention${path}`, by: 'reviewer', needs: 'retention', handle })
  const change = <B>(path: string, body: z.ZodType<B>, handle: (body: B, user: Person) => Promise<unknown>) =>
    route<B>({
      method: 'post',
      path: `/api/review/retention/${path}`,
      by: 'reviewer',
      needs: 'retention',
      body,
      handle: context => handle(context.body, personOf(context)),
    })
  const told = <B>(path: string, body: z.ZodType<B>, handle: (body: B) => Promise<unknown>) =>
    route<B>({
      method: 'post',
      path: `/api/retention/${path}`,
      by: 'operator',
      body,
      handle: context => handle(context.body),
    })
  const run = async (runId: string) => {
    const row = await o.runs.get(runId)
    if (!row) throw new AppError('internal', 'the run was not kept')
    return row
  }
  return [
    read('', async () => overviewOf(retention, { runs: await o.runs.latest(RUNS_SHOWN), nextRunAt: o.nextRunAt() })),
    read('/events', async () => ({ events: await o.book.events() })),
    read('/holds', async () => ({ holds: await retention.holds() })),
    read('/erasures', async () => ({ erasures: await o.erasures.all() })),
    read('/certificates', async () => ({ certificates: await o.certificates.list() })),
    route({
      method: 'get',
      path: '/api/review/retention/certificates/:file',
      by: 'reviewer',
      needs: 'retention',
      handle: async ({ request, response }) => {
        const text = await o.certificates.text(String(request.params.file))
        if (text === undefined) throw new AppError('not-found', 'no such certificate')
        response.type('application/json').send(text)
      },
    }),
    change('events', NewEvent, async (event, user) => ({ eventId: await retention.addEvent(event, user) })),
    change('events/withdraw', Withdraw, ({ eventId, reason }, user) => retention.withdrawEvent(eventId, reason, user)),
    change('links', NewLink, (link, user) => retention.link(link, user)),
    change('holds', NewHold, (hold, user) => retention.setHold(hold, user)),
    change('holds/release', ReleaseHold, (released, user) => retention.releaseHold(released, user)),
    change('erasures', NewErasure, (asked, user) => retention.askErasure(asked, user)),
    change('erasures/withdraw', WithdrawErasure, ({ requestId, reason }, user) =>
      retention.withdrawErasure(requestId, reason, user),
    ),
    route({
      method: 'post',
      path: '/api/review/retention/runs',
      by: 'reviewer',
      needs: 'retention',
      handle: async context => run(await retention.run('manual', personOf(context))),
    }),
    change('runs/confirm', ConfirmRun, async (confirmed, user) => {
      await retention.confirm(confirmed, user)
      return run(confirmed.runId)
    }),
    told('events', NewEvent, async event => ({ eventId: await retention.addEvent(event, 'operator') })),
    told('links', NewLink, link => retention.link(link, 'operator')),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/retention',
      by: 'reviewer',
      handle: async context => {
        const callId = CallId.safeParse(context.request.params.callId).data
        if (!callId) throw new AppError('not-found', 'no such record')
        if (!claimsOf(context).rights.includes('retention')) await retention.assertProcessing(callId)
        return retention.ofRecord(callId)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calls/:callId/standing',
      by: 'reviewer',
      handle: async (context): Promise<RecordStanding> => {
        const callId = CallId.safeParse(context.request.params.callId).data
        if (!callId) throw new AppError('not-found', 'no such record')
        const standing = await standingOf(callId, o, { whole: claimsOf(context).rights.includes('retention') })
        if (!standing) {
          if (await o.isKnown(callId)) return { kind: 'open' }
          throw new AppError('not-found', 'no such record')
        }
        const detail = `standing: ${standing.kind}`
        await o.accessLog.add({ user: personOf(context), callId, action: 'audit-read', detail })
        return standing
      },
    }),
  ]
}

type Person = Exclude<AuditActor, 'system'>

function personOf(context: RouteContext<unknown>): Person {
  const { sub, name } = claimsOf(context)
  return { id: sub, name }
}
