import type { CallId } from '../../signaling/protocol/ids.ts'
import type { SignIn } from '../auth/sign-in.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, type RouteContext } from './routes.ts'

export type MaySee = (context: RouteContext<unknown>, callId: CallId) => boolean

/** Whether the browser that asks belongs to a call: its agent, the caller who sits in it, or somebody who looks on at this moment. */
export function maySee(o: { desk: CallDesk; signIn: SignIn; tokens: Tokens }): MaySee {
  return (context, callId) => {
    const cookies = readCookies(context.request.headers.cookie)
    const call = o.desk.get(callId)
    const agent = o.signIn.read('agent', cookies.get(COOKIES.agent))
    if (agent && call.seat?.agent.id === agent.sub) return true
    const guest = o.tokens.readGuest(cookies.get(COOKIES.guest))
    if (guest?.call === callId && call.onlookers.has(guest.sub)) return true
    const supervisor = o.signIn.read('supervisor', cookies.get(COOKIES.supervisor))
    if (supervisor && call.onlookers.hasUser(supervisor.sub)) return true
    const caller = o.tokens.readCaller(cookies.get(COOKIES.caller))
    return caller?.call === callId && call.caller.participantId === caller.sub
  }
}
