import { Reason } from '../../signaling/protocol/review.ts'
import { AgreeRelease, AskRelease } from '../../signaling/protocol/review-access.ts'
import { type Route, type RouteContext, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { ReleasePerson, Releases } from '../store/review/releases.ts'
import type { RecordDoor } from './record-door.ts'

/** Two-person release of originals: asked for with a reason, agreed to by somebody else, for a time. */
export function releaseRoutes(o: { door: RecordDoor; accessLog: AccessLog; releases: Releases }): Route[] {
  const { door, accessLog, releases } = o
  const person = (context: RouteContext<unknown>): ReleasePerson => {
    const { id, name, rights } = door.reviewer(context)
    return { id, name, mayRelease: rights.includes('release') }
  }
  const idOf = (context: RouteContext<unknown>) => String(context.request.params.releaseId)
  return [
    route({
      method: 'post',
      path: '/api/review/calls/:callId/releases',
      by: 'reviewer',
      body: AskRelease,
      handle: async context => {
        const callId = await door.opened(context)
        const user = person(context)
        const { files, reason } = context.body
        const what = files === 'package' ? 'package' : files.join(' ')
        await accessLog.add({ user, callId, action: 'release-asked', detail: `${what}: ${reason}`.slice(0, 1000) })
        return releases.ask(user, { callId, files, reason })
      },
    }),
    route({
      method: 'get',
      path: '/api/review/releases',
      by: 'reviewer',
      handle: async context => {
        const { state } = context.request.query
        const all = await releases.list(person(context))
        return { releases: typeof state === 'string' && state ? all.filter(one => one.state === state) : all }
      },
    }),
    route({
      method: 'post',
      path: '/api/review/releases/:releaseId/agree',
      by: 'reviewer',
      needs: 'release',
      body: AgreeRelease,
      handle: async context => {
        const user = person(context)
        const { callId } = await releases.assertAnswerable(user, idOf(context))
        const { reason, validMinutes } = context.body
        const detail = `${idOf(context)} for ${validMinutes} min: ${reason}`
        await accessLog.add({ user, callId, action: 'release-granted', detail })
        return releases.answer(user, idOf(context), { agreed: true, reason, validMs: validMinutes * 60_000 })
      },
    }),
    route({
      method: 'post',
      path: '/api/review/releases/:releaseId/refuse',
      by: 'reviewer',
      needs: 'release',
      body: Reason,
      handle: async context => {
        const user = person(context)
        const { callId } = await releases.assertAnswerable(user, idOf(context))
        const { reason } = context.body
        await accessLog.add({ user, callId, action: 'release-refused', detail: `${idOf(context)}: ${reason}` })
        return releases.answer(user, idOf(context), { agreed: false, reason, validMs: 0 })
      },
    }),
    route({
      method: 'post',
      path: '/api/review/releases/:releaseId/withdraw',
      by: 'reviewer',
      handle: async context => {
        const user = person(context)
        const { callId } = await releases.get(idOf(context), user)
        await accessLog.add({ user, callId, action: 'release-withdrawn', detail: idOf(context) })
        return releases.withdraw(user, idOf(context))
      },
    }),
  ]
}
