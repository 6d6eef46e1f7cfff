import type { Response } from 'express'
import * as z from 'zod'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { SignIn } from '../auth/sign-in.ts'
import { STAFF_ROLES, type StaffRole } from '../auth/tokens.ts'
import type { AgentDesk } from '../calls/agent-desk.ts'
import type { WatchDesk } from '../calls/watch-desk.ts'
import type { Events } from '../events.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, type Route, type RouteContext, route } from './routes.ts'

const role = z.enum(STAFF_ROLES)

function setCookie(response: Response, name: string, token: string): void {
  response.cookie(name, token, { httpOnly: true, secure: true, sameSite: 'strict', path: '/' })
}

/** Signing in and out of agents and reviewers. */
export function staffRoutes(o: {
  signIn: SignIn
  agents: AgentDesk
  watchers: WatchDesk
  events: Events
  agentSignedIn: () => void
}): Route[] {
  const tokenOf = (context: RouteContext<unknown>, of: StaffRole) =>
    readCookies(context.request.headers.cookie).get(COOKIES[of])
  return [
    route({
      method: 'post',
      path: '/api/sign-in',
      by: 'public',
      body: z.object({ name: z.string().min(1).max(80), password: z.string().min(1).max(200), role }),
      handle: async ({ body, response, address }) => {
        try {
          const { claims, token } = await o.signIn.signIn({ ...body, address })
          setCookie(response, COOKIES[body.role], token)
          o.events.signedIn(body.role, true)
          if (body.role === 'agent') o.agentSignedIn()
          return { name: claims.name, role: body.role, rights: claims.rights }
        } catch (error) {
          o.events.signedIn(body.role, false)
          throw error
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/session/refresh',
      by: 'public',
      body: z.object({ role }),
      handle: async context => {
        const renewed = o.signIn.refresh(context.body.role, tokenOf(context, context.body.role))
        if (!renewed) throw new AppError('not-signed-in', 'please sign in again')
        setCookie(context.response, COOKIES[context.body.role], renewed.token)
        return { name: renewed.claims.name, role: context.body.role, rights: renewed.claims.rights }
      },
    }),
    route({
      method: 'post',
      path: '/api/sign-out',
      by: 'public',
      body: z.object({ role }),
      handle: async context => {
        const claims = o.signIn.signOut(context.body.role, tokenOf(context, context.body.role))
        if (claims) o.agents.signedOut(claims.sid)
        if (claims) o.watchers.signedOut(claims.sid)
        context.response.clearCookie(COOKIES[context.body.role], { path: '/' })
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/api/session',
      by: 'public',
      handle: async context => {
        const wanted = role.safeParse(context.request.query.role)
        if (!wanted.success) throw new AppError('bad-request', `role is one of ${STAFF_ROLES.join(', ')}`)
        const claims = o.signIn.read(wanted.data, tokenOf(context, wanted.data))
        if (!claims) throw new AppError('not-signed-in', 'please sign in')
        return { name: claims.name, role: wanted.data, rights: claims.rights }
      },
    }),
  ]
}
