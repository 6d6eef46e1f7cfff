import * as z from 'zod'
import { Consent, Language } from '../../signaling/protocol/call.ts'
import type { Invite, InviteBook } from '../assist/invite-book.ts'
import { addressKey } from '../auth/address-key.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { Call } from '../calls/call.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import type { Events } from '../events.ts'
import { callerCookie } from './caller-cookie.ts'
import { readCookies } from './cookies.ts'
import { JoinRefused } from './http-error.ts'
import { COOKIES, type Route, route } from './routes.ts'

const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const digits = z.string().regex(/^\d{6}$/)
const userAgentOf = (headers: { 'user-agent'?: string | undefined }) => (headers['user-agent'] ?? '').slice(0, 300)

/** How a visual assist code is opened (GET never spends it) and spent (POST, after a tap). */
export function joinRoutes(o: { invites: InviteBook; desk: CallDesk; tokens: Tokens; events: Events }): Route[] {
  const callOf = (invite: Invite | undefined): Call | undefined => {
    const call = invite && o.desk.find(invite.callId)
    return call?.phase === 'talking' ? call : undefined
  }
  const refuse = (invite: Invite | undefined, refusal: JoinRefused): never => {
    if (invite) callOf(invite)?.live.invite.refused(invite, refusal.refusal)
    o.events.joinRefused(invite?.callId, refusal.refusal)
    throw refusal
  }
  /** It counts against every open code and stands in each record; agents are only bothered when it can be nobody else's caller. */
  const wrongDigits = () => {
    const open = o.invites.open()
    for (const invite of open) callOf(invite)?.live.invite.refused(invite, 'wrong-digits', { quietly: open.length > 1 })
  }
  return [
    route({
      method: 'post',
      path: '/api/join/opened',
      by: 'public',
      body: z.object({ token }),
      handle: async ({ body, request }) => {
        const invite = o.invites.find(body.token)
        const call = callOf(invite)
        if (!invite || !call) return undefined
        const refusal = o.invites.refusal(invite, undefined)
        if (refusal === undefined) call.live.invite.opened(invite, userAgentOf(request.headers))
        else call.live.invite.refused(invite, refusal)
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/join/digits',
      by: 'public',
      body: z.object({ digits }),
      handle: async ({ body, request, address }) => {
        const found = o.invites.byDigits(body.digits, addressKey(address))
        if ('refusal' in found) {
          // A wrong guess belongs to no call; but a code it locked does, and its agent should know.
          for (const locked of found.lockedNow) callOf(locked)?.live.invite.refused(locked, 'locked')
          if (found.refusal === 'wrong-digits') wrongDigits()
          return refuse(undefined, new JoinRefused(found.refusal, found.retryAfterMs))
        }
        const call = callOf(found.invite)
        if (!call) return refuse(found.invite, new JoinRefused('call-ended'))
        call.live.invite.opened(found.invite, userAgentOf(request.headers))
        return {
          token: o.invites.ticket(found.invite),
          agentName: call.seat?.agent.name ?? '',
          language: found.invite.language,
          recording: call.live.scenario.current.consents.recording,
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/join',
      by: 'public',
      body: z.object({
        token,
        deviceId: z.string().min(8).max(80),
        language: Language,
        consents: z.array(Consent).min(1).max(4),
      }),
      handle: async ({ body, request, response }) => {
        const invite = o.invites.find(body.token)
        if (!invite) return refuse(undefined, new JoinRefused('unknown'))
        const refusal = o.invites.refusal(invite, body.deviceId)
        const call = callOf(invite)
        if (!call) return refuse(invite, new JoinRefused(refusal === 'expired' ? 'expired' : 'call-ended'))
        const claims = o.tokens.readCaller(readCookies(request.headers.cookie).get(COOKIES.caller))
        // The same phone, tapping again with its own session: a reload, not a second use.
        if (refusal === 'already-used' && claims?.call === call.id && claims.sub === call.caller.participantId) {
          return call.caller.enter(claims.sub)
        }
        if (refusal) return refuse(invite, new JoinRefused(refusal))
        const via = o.invites.isTicket(invite, body.token) ? 'digits' : 'link'
        const session = await call.caller.join({ ...body, invite, via, userAgent: userAgentOf(request.headers) })
        callerCookie(response, o.tokens.caller({ sub: session.participantId, call: call.id }))
        return session
      },
    }),
  ]
}
