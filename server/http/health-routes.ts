import { AppError } from '../../signaling/protocol/errors.ts'
import type { Events } from '../events.ts'
import { bearerIs } from './bearer.ts'
import { type Route, route } from './routes.ts'

export type Health = {
  readonly status: 'ok' | 'draining' | 'degraded'
  readonly checks: Readonly<Record<'sip' | 'mediaWorker' | 'disk' | 'anchors', 'ok' | 'failed'>> & {
    /** Moves to the archive store have waited too long. Calls and recordings do not depend on it, nor does `status`. */
    readonly archiveStore?: 'ok' | 'failed'
    /** Registered and answering; calls that come in do not depend on it, nor does `status`. */
    readonly trunk?: 'ok' | 'failed'
  }
}

/** `/healthz` for balancers, `/metrics` for Prometheus (loopback, or with the operator's token). */
export function healthRoutes(o: {
  health: () => Promise<Health>
  events: Events
  metricsToken: string | undefined
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      by: 'public',
      handle: async ({ response }) => {
        const health = await o.health()
        if (health.status !== 'ok') response.status(503)
        return health
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      by: 'public',
      handle: async ({ request, response }) => {
        const local =
          /^(::1|127\.|::ffff:127\.)/.test(request.socket.remoteAddress ?? '') && !request.headers['x-forwarded-for']
        if (!local && !bearerIs(request.headers.authorization, o.metricsToken))
          throw new AppError('forbidden', 'metrics need a token')
        response.set('content-type', o.events.registry.contentType).send(await o.events.registry.metrics())
      },
    }),
  ]
}
