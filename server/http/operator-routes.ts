import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { type Route, type RouteContext, route } from './routes.ts'

const By = z.enum(['api', 'ivr']).default('api')
const Pause = z.strictObject({ by: By, limitMs: z.number().int().min(1_000).max(3_600_000).optional() })
const Resume = z.strictObject({ by: By })
const Flag = z.strictObject({ flag: z.string().max(40), on: z.boolean() })

/** What the operator's own machines (voice menu, payment page, customer records) may do to a call that is going on. */
export function operatorRoutes(o: { desk: CallDesk }): Route[] {
  const captureOf = (context: RouteContext<unknown>) => {
    const callId = CallId.safeParse(context.request.params.callId)
    if (!callId.success) throw new AppError('not-found', 'no such call')
    return o.desk.get(callId.data).live.capture
  }
  return [
    /** So that a machine that knows a number finds the call. */
    route({
      method: 'get',
      path: '/api/operator/calls',
      by: 'operator',
      handle: async () => ({
        calls: [...o.desk.calls()]
          .filter(call => call.phase === 'talking')
          .map(call => call.view())
          .map(({ callId, from, to, answeredAt, agent, capture }) => ({
            callId,
            from,
            to,
            answeredAt,
            agent,
            capture,
          })),
      }),
    }),
    route({
      method: 'post',
      path: '/api/calls/:callId/capture/pause',
      by: 'operator',
      body: Pause,
      handle: async context => {
        const { card, view } = captureOf(context)
        card.pause({ trigger: context.body.by, limitMs: context.body.limitMs })
        return { ...view, shutter: card.view }
      },
    }),
    route({
      method: 'post',
      path: '/api/calls/:callId/capture/resume',
      by: 'operator',
      body: Resume,
      handle: async context => {
        const capture = captureOf(context)
        await capture.card.resume({ because: context.body.by })
        return capture.view
      },
    }),
    route({
      method: 'post',
      path: '/api/calls/:callId/flags',
      by: 'operator',
      body: Flag,
      handle: async context => {
        const { triggers } = captureOf(context)
        triggers.flag(undefined, context.body.flag, context.body.on)
        return { flags: triggers.flags }
      },
    }),
  ]
}
