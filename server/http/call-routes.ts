import type { Outbox } from '../assist/code-sender.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { claimsOf, type Route, route } from './routes.ts'

/** The outbox of an agent. */
export function callRoutes(o: { desk: CallDesk; outbox: Outbox | undefined }): Route[] {
  return [
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
