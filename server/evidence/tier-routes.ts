import { MoveRefused } from '../../recordings/store/mover.ts'
import type { StoreAbilities } from '../../recordings/store/s3-store.ts'
import { isStoreTrouble } from '../../recordings/store/store-errors.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { TierOverview, TierRow } from '../../signaling/protocol/tiers.ts'
import { claimsOf, type Route, type RouteContext, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { CallTiers } from '../store/call-tiers.ts'
import type { TierPolicy } from './tier-policy.ts'
import type { TierSweep } from './tier-sweep.ts'
import { reasonOf, type Tiers } from './tiers.ts'

const WAITING_ROWS = 100
/** A call nobody has looked at yet. */
const HOT = {
  tier: 'hot',
  state: 'settled',
  files: 0,
  bytes: 0,
  reason: null,
  waitingSince: null,
  lockedUntil: null,
} as const

/** What lies where, what waits and why; moving by hand. For those with the right `retention`. */
export function tierRoutes(o: {
  tiers: Tiers
  sweep: TierSweep
  rows: CallTiers
  policy: TierPolicy
  accessLog: AccessLog
  store: { name: string; look: () => Promise<StoreAbilities> | undefined } | undefined
}): Route[] {
  const act = (
    path: 'move' | 'fetch',
    action: 'moved' | 'restored',
    detail: string,
    run: (id: CallId) => Promise<void>,
  ) =>
    route({
      method: 'post',
      path: `/api/review/tiers/:callId/${path}`,
      by: 'reviewer',
      needs: 'retention',
      handle: async context => {
        const callId = callIdOf(context)
        const { sub, name } = claimsOf(context)
        await o.accessLog.add({ user: { id: sub, name }, callId, action, detail })
        await run(callId).catch(asAnswer)
        return shown(await o.rows.get(callId))
      },
    })
  const overview = async (): Promise<TierOverview & { policy: TierPolicy }> => ({
    ...(o.store && { store: { name: o.store.name, ...(await state(o.store.look)) } }),
    counts: await o.rows.counts(),
    waiting: (await o.rows.waiting(WAITING_ROWS)).flatMap(row => shown(row) ?? []),
    alarm: o.sweep.alarm,
    lastRun: o.sweep.last ?? null,
    policy: o.policy,
    locks: [...Object.values(o.policy.classes), o.policy.otherwise].some(rule => rule.lockDays !== undefined),
  })
  return [
    route({
      method: 'get',
      path: '/api/review/tiers',
      by: 'reviewer',
      needs: 'retention',
      handle: overview,
    }),
    route({
      method: 'post',
      path: '/api/review/tiers/run',
      by: 'reviewer',
      needs: 'retention',
      handle: async context => {
        const { sub, name } = claimsOf(context)
        await o.accessLog.add({ user: { id: sub, name }, action: 'moved', detail: 'run by age, started by hand' })
        await o.sweep.run()
        return overview()
      },
    }),
    route({
      method: 'get',
      path: '/api/review/tiers/:callId',
      by: 'reviewer',
      needs: 'retention',
      handle: async context => shown(await o.rows.get(callIdOf(context))) ?? { ...HOT, callId: callIdOf(context) },
    }),
    act('move', 'moved', 'to the cold store, by hand', callId => o.tiers.moveOut(callId)),
    act('fetch', 'restored', 'from the cold store, by hand', callId => o.tiers.fetchBack(callId)),
  ]
}

async function state(look: () => Promise<StoreAbilities> | undefined) {
  try {
    return { state: 'ok', ...(await look()) }
  } catch (error) {
    return { state: isStoreTrouble(error) ? reasonOf(error) : 'store-unavailable' }
  }
}

function shown(row: Awaited<ReturnType<CallTiers['get']>>): TierRow | undefined {
  if (!row) return undefined
  const { callId, tier, state, since, files, bytes, reason } = row
  return {
    callId,
    tier,
    state,
    since,
    files,
    bytes,
    reason,
    waitingSince: row.waiting_since,
    lockedUntil: row.locked_until,
  }
}

function callIdOf(context: RouteContext<unknown>): CallId {
  const parsed = CallId.safeParse(context.request.params.callId)
  if (!parsed.success) throw new AppError('not-found', 'no such record')
  return parsed.data
}

function asAnswer(error: unknown): never {
  if (error instanceof MoveRefused) throw new AppError('conflict', error.message, { cause: error })
  if (isStoreTrouble(error)) throw new AppError('unavailable', 'the cold store does not serve now', { cause: error })
  throw error
}
