import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId, PageId } from '../../signaling/protocol/ids.ts'
import type { Outbox } from '../assist/code-sender.ts'
import type { SignIn } from '../auth/sign-in.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, claimsOf, type Route, type RouteContext, route } from './routes.ts'

/** Pictures of a live call for its two sides, and the outbox of an agent. */
export function callRoutes(o: { desk: CallDesk; signIn: SignIn; tokens: Tokens; outbox: Outbox | undefined }): Route[] {
  const maySee = (context: RouteContext<unknown>, callId: CallId): boolean => {
    const cookies = readCookies(context.request.headers.cookie)
    const call = o.desk.get(callId)
    const agent = o.signIn.read('agent', cookies.get(COOKIES.agent))
    if (agent && call.seat?.agent.id === agent.sub) return true
    const caller = o.tokens.readCaller(cookies.get(COOKIES.caller))
    return caller?.call === callId && call.caller.participantId === caller.sub
  }
  return [
    route({
      method: 'get',
      path: '/api/calls/:callId/pictures/:pageId',
      by: 'public',
      handle: async context => {
        const callId = CallId.safeParse(context.request.params.callId)
        const pageId = PageId.safeParse(context.request.params.pageId)
        if (!callId.success || !pageId.success) throw new AppError('not-found', 'no such picture')
        if (!maySee(context, callId.data)) throw new AppError('forbidden', 'this picture is not for you')
        const { live } = o.desk.get(callId.data)
        const { bytes, type } = await live.pages.bytes(live.stage.page(pageId.data))
        // A picture never changes: its id is new with every shot.
        context.response.set({ 'content-type': type, 'cache-control': 'private, max-age=3600, immutable' }).send(bytes)
      },
    }),
    route({
      method: 'get',
      path: '/api/outbox',
      by: 'agent',
      handle: async context => {
        const mine = [...o.desk.calls()]
          .filter(call => call.seat?.agent.id === claimsOf(context).sub)
          .map(call => call.id)
        return o.outbox?.ofCalls(new Set(mine)) ?? []
      },
    }),
  ]
}
