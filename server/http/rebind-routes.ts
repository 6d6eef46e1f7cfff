import * as z from 'zod'
import { Consent, Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { InviteBook } from '../assist/invite-book.ts'
import { addressKey } from '../auth/address-key.ts'
import { RateLimit } from '../auth/rate-limit.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { callerCookie } from './caller-cookie.ts'
import { JoinRefused } from './http-error.ts'
import { type Route, type RouteContext, route } from './routes.ts'

const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const deviceId = z.string().min(8).max(80)
/** Requests one address may make in ten minutes. */
export const REBINDS_PER_ADDRESS = 6
const ADDRESS_WINDOW_MS = 600_000
/** Shorter than any proxy's patience. */
const POLL_MS = 20_000

/**
 * A second browser takes the caller's place, with the agent's leave: it asks with the link's own token, waits, and comes
 * for the seat with a ticket that only it has. Nothing of the call is told before the agent has said yes.
 */
export function rebindRoutes(o: { invites: InviteBook; desk: CallDesk; tokens: Tokens }): Route[] {
  const asked = new RateLimit({ limit: REBINDS_PER_ADDRESS, windowMs: ADDRESS_WINDOW_MS })
  const find = (theToken: string, device: string) => {
    const invite = o.invites.find(theToken)
    if (!invite) throw new JoinRefused('unknown')
    const refusal = o.invites.refusal(invite, device)
    if (refusal !== 'already-used' && refusal !== 'other-device')
      throw refusal ? new JoinRefused(refusal) : new AppError('conflict', 'this code has not been used')
    const call = o.desk.find(invite.callId)
    if (call?.phase !== 'talking') throw new JoinRefused('call-ended')
    return { invite, call }
  }
  const userAgentOf = ({ request }: RouteContext<unknown>) => (request.headers['user-agent'] ?? '').slice(0, 300)
  return [
    route({
      method: 'post',
      path: '/api/join/rebind',
      by: 'public',
      body: z.object({ token, deviceId }),
      handle: async context => {
        const key = addressKey(context.address)
        const blockedForMs = asked.blockedForMs(key)
        if (blockedForMs > 0) throw new JoinRefused('locked', blockedForMs)
        // Every request counts, also one for a code that nobody issued: this is no place to try codes at.
        asked.fail(key)
        const { invite, call } = find(context.body.token, context.body.deviceId)
        const userAgent = userAgentOf(context)
        return call.live.rebind.ask({ inviteId: invite.id, deviceId: context.body.deviceId, userAgent })
      },
    }),
    route({
      method: 'post',
      path: '/api/join/rebind/answer',
      by: 'public',
      body: z.object({
        token,
        deviceId,
        ticket: token,
        language: Language,
        consents: z.array(Consent).min(1).max(4),
      }),
      handle: async context => {
        const { body } = context
        const { invite, call } = find(body.token, body.deviceId)
        const { rebind } = call.live
        const { state, leftMs } = await rebind.heard(body.ticket, body.deviceId, POLL_MS)
        if (state !== 'allowed') return { state, leftMs }
        rebind.take(body.ticket, body.deviceId)
        const session = await call.caller.takeOver({ ...body, invite, via: 'link', userAgent: userAgentOf(context) })
        callerCookie(context.response, o.tokens.caller({ sub: session.participantId, call: call.id }))
        return { state, session }
      },
    }),
  ]
}
