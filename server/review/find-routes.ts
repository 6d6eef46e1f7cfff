import { AppError } from '../../signaling/protocol/errors.ts'
import { CallQuery, NewSearch, Paging } from '../../signaling/protocol/review.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { RecordSearch } from '../store/review/record-search.ts'
import type { SavedSearches } from '../store/review/saved-searches.ts'
import { maskNumber } from './mask-number.ts'
import type { RecordDoor } from './record-door.ts'

export type FindRoutesOptions = {
  readonly door: RecordDoor
  readonly accessLog: AccessLog
  readonly search: RecordSearch
  readonly searches: SavedSearches
}

/** Finding records. What is shown of them before a reason is given has its numbers masked. */
export function findRoutes(o: FindRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/review/calls',
      by: 'reviewer',
      handle: async context => {
        const { cursor, count, ...given } = context.request.query
        const paging = Paging.safeParse(withoutBlanks({ cursor, count }))
        if (!paging.success) throw new AppError('bad-request', 'this search cannot be read')
        const query = readRule(given)
        if (paging.data.cursor === undefined && Object.keys(query).length > 0)
          await o.accessLog.add({ user: o.door.reviewer(context), action: 'searched', detail: asLogged(given) })
        return o.search.page(query, paging.data)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/facets',
      by: 'reviewer',
      handle: () => o.search.facets(),
    }),
    route({
      method: 'get',
      path: '/api/review/searches',
      by: 'reviewer',
      handle: async context => ({ searches: await o.searches.of(o.door.reviewer(context).id) }),
    }),
    route({
      method: 'post',
      path: '/api/review/searches',
      by: 'reviewer',
      body: NewSearch,
      handle: async context => {
        readRule(context.body.rule)
        const user = o.door.reviewer(context)
        if (context.body.shared)
          await o.accessLog.add({ user, action: 'config-changed', detail: `shared search: ${context.body.title}` })
        return o.searches.add(user, context.body)
      },
    }),
    route({
      method: 'post',
      path: '/api/review/searches/:searchId/remove',
      by: 'reviewer',
      handle: async context => {
        const { searchId } = context.request.params
        if (!(await o.searches.remove(o.door.reviewer(context).id, String(searchId))))
          throw new AppError('not-found', 'no such search of yours')
        return undefined
      },
    }),
  ]
}

/** A rule as it came over the wire or was saved. @throws AppError `bad-request` */
export function readRule(given: Readonly<Record<string, unknown>>): CallQuery {
  const query = CallQuery.safeParse(withoutBlanks(given))
  if (!query.success) throw new AppError('bad-request', 'this search cannot be read')
  return query.data
}

function withoutBlanks(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value !== undefined))
}

/** What the access log keeps of a search: it outlives every erasure, so nothing of a customer stands in it. */
function asLogged(given: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(withoutBlanks(given)).map(([name, value]) => {
    const text = String(value)
    if (name === 'number') return `number=${maskNumber(text)}`
    if (name === 'text' || name === 'customer') return `${name}=(${[...text].length} characters)`
    return `${name}=${text}`
  })
  return parts.join(' ').slice(0, 300)
}
