import * as z from 'zod'
import { Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { ExternalAttributes } from '../../signaling/protocol/external.ts'
import { UserId } from '../../signaling/protocol/ids.ts'
import type { Agent } from '../calls/agent-seat.ts'
import type { ExternalCalls } from '../external/external-calls.ts'
import type { Scenarios } from '../scenarios/scenarios.ts'
import type { Users } from '../store/users.ts'
import { type Route, type RouteContext, route } from './routes.ts'

/** Printable ASCII without a slash: it stands in paths. */
const ExternalId = z.string().regex(/^[!-.0-~]{1,200}$/)
const Number_ = z.string().regex(/^[+0-9A-Za-z*#._@-]{1,40}$/)

const Registered = z.strictObject({
  externalId: ExternalId,
  /** An agent's user id or sign-in name. */
  agentId: z.string().min(1).max(80),
  callerNumber: Number_.optional(),
  calledNumber: Number_.optional(),
  language: Language.default('zh-CN'),
  scenario: z.string().max(40).optional(),
  attributes: z
    .record(z.string(), z.string())
    .transform(given => Object.entries(given).map(([label, value]) => ({ label, value })))
    .pipe(ExternalAttributes)
    .default([]),
  /** Send the code to `callerNumber` as a text message as well. */
  sendCode: z.boolean().default(false),
})
const NewCode = z.strictObject({ sendCode: z.boolean().default(false) })
const Nothing = z.strictObject({})

/** Contact centres that keep their own telephony: they tell of a call, and get a visual session bound to it. */
export function externalRoutes(o: {
  external: ExternalCalls
  users: Users
  scenarios: Pick<Scenarios, 'find'>
  limitMs: number
}): Route[] {
  const idOf = (context: RouteContext<unknown>) => {
    const id = ExternalId.safeParse(context.request.params.externalId)
    if (!id.success) throw new AppError('not-found', 'no such call')
    return id.data
  }
  return [
    route({
      method: 'post',
      path: '/api/external-calls',
      by: 'integration',
      body: Registered,
      handle: async context => {
        const { externalId, callerNumber, calledNumber, language, scenario, attributes, sendCode } = context.body
        if (scenario !== undefined && !o.scenarios.find(scenario)) throw new AppError('bad-request', 'no such scenario')
        if (sendCode && callerNumber === undefined) throw new AppError('bad-request', 'sendCode needs callerNumber')
        return o.external.register({
          agent: await agentOf(o.users, context.body.agentId),
          sendCode,
          facts: {
            name: { system: systemOf(context), id: externalId, origin: 'api' },
            ...(callerNumber !== undefined && { from: callerNumber }),
            ...(calledNumber !== undefined && { to: calledNumber }),
            language,
            scenarioId: scenario,
            attributes,
            limitMs: o.limitMs,
          },
        })
      },
    }),
    route({
      method: 'get',
      path: '/api/external-calls/:externalId',
      by: 'integration',
      handle: async context => o.external.state(systemOf(context), idOf(context)),
    }),
    route({
      method: 'post',
      path: '/api/external-calls/:externalId/code',
      by: 'integration',
      body: NewCode,
      handle: async context => o.external.newCode(systemOf(context), idOf(context), context.body.sendCode),
    }),
    route({
      method: 'post',
      path: '/api/external-calls/:externalId/end',
      by: 'integration',
      body: Nothing,
      handle: async context => o.external.end(systemOf(context), idOf(context)),
    }),
  ]
}

function systemOf(context: RouteContext<unknown>): string {
  if (context.integration === undefined) throw new Error('this route has no integration')
  return context.integration
}

/** @throws AppError `not-found` for who is not there, is no agent, or may not work any more */
async function agentOf(users: Users, given: string): Promise<Agent> {
  const id = UserId.safeParse(given)
  const user = id.success ? users.byId(id.data) : users.byName(given.toLowerCase())
  if (user?.role !== 'agent' || user.disabled) throw new AppError('not-found', 'no such agent')
  return { id: user.id, name: user.displayName }
}
