import type { Response } from 'express'
import * as z from 'zod'
import type { AuditAction, AuditActor } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { addressKey } from '../auth/address-key.ts'
import type { SignIn } from '../auth/sign-in.ts'
import { STAFF_ROLES, type StaffRole } from '../auth/tokens.ts'
import type { AgentDesk } from '../calls/agent-desk.ts'
import type { WatchDesk } from '../calls/watch-desk.ts'
import type { Events } from '../events.ts'
import type { AccessLog } from '../store/access-log.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, type Route, type RouteContext, route } from './routes.ts'

type SignInAction = Extract<AuditAction, 'signed-in' | 'sign-in-refused' | 'signed-out'>
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
  accessLog: Pick<AccessLog, 'add'>
}): Route[] {
  const noted = (of: StaffRole, action: SignInAction, user: AuditActor, detail: string) =>
    of === 'reviewer' ? o.accessLog.add({ user, action, detail }) : undefined
  /** A name nobody has may be a password in the wrong field: it is not written down. Blocked attempts are not either, so that nobody can fill the log. */
  const noteRefusal = async (body: { name: string; role: StaffRole }, address: string, error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'not-signed-in') return
    const known = o.signIn.whoIs(body.name)
    const detail = `${known ? 'wrong password or role' : 'unknown name'}, from ${addressKey(address)}`
    await noted(body.role, 'sign-in-refused', known ?? 'system', detail)
  }
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
          const user = { id: claims.sub, name: claims.name }
          await noted(body.role, 'signed-in', user, `from ${addressKey(address)}`)
          setCookie(response, COOKIES[body.role], token)
          o.events.signedIn(body.role, true)
          if (body.role === 'agent') o.agentSignedIn()
          return { id: claims.sub, name: claims.name, role: body.role, rights: claims.rights }
        } catch (error) {
          o.events.signedIn(body.role, false)
          await noteRefusal(body, address, error)
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
        return {
          id: renewed.claims.sub,
          name: renewed.claims.name,
          role: context.body.role,
          rights: renewed.claims.rights,
        }
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
        if (claims) await noted(context.body.role, 'signed-out', { id: claims.sub, name: claims.name }, '')
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
        return { id: claims.sub, name: claims.name, role: wanted.data, rights: claims.rights }
      },
    }),
  ]
}
