import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Database } from './database.ts'
import type { TiersTables } from './steps/tiers-step.ts'

type Row = TiersTables['call_tiers']
export type Tier = Row['tier']
export type TierState = Row['state']
export type CallTier = Omit<Row, 'call_id'> & { readonly callId: CallId }
/** A call that may be old enough to be moved. */
export type MoveCandidate = { readonly callId: CallId; readonly answeredAt: string }
export type TierCount = {
  readonly tier: Tier
  readonly state: TierState
  readonly calls: number
  readonly bytes: number
}

/** Where the bytes of each call are, for lists and for reading; rebuilt from the tier records when it is lost. */
export class CallTiers {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async get(callId: CallId): Promise<CallTier | undefined> {
    const row = await this.#db.kysely
      .selectFrom('call_tiers')
      .selectAll()
      .where('call_id', '=', callId)
      .executeTakeFirst()
    return row && read(row)
  }

  /** Changes what is named, and begins a row where there is none. */
  async set(callId: CallId, change: Partial<Omit<Row, 'call_id'>>): Promise<void> {
    const fresh: Row = {
      call_id: callId,
      tier: 'hot',
      state: 'settled',
      since: new Date().toISOString(),
      retention_class: null,
      store: null,
      store_key: null,
      files: 0,
      bytes: 0,
      vault_sha256: null,
      locked_until: null,
      keep_hot_until: null,
      waiting_since: null,
      reason: null,
    }
    await this.#db.kysely
      .insertInto('call_tiers')
      .values({ ...fresh, ...change })
      .onConflict(conflict => conflict.column('call_id').doUpdateSet(change))
      .execute()
  }

  async forget(callId: CallId): Promise<void> {
    await this.#db.kysely.deleteFrom('call_tiers').where('call_id', '=', callId).execute()
  }

  /** Moves that were begun, oldest first. */
  async underWay(): Promise<CallTier[]> {
    const rows = await this.#db.kysely
      .selectFrom('call_tiers')
      .selectAll()
      .where('state', 'in', ['copying', 'clearing', 'fetching'])
      .orderBy('since')
      .execute()
    return rows.map(read)
  }

  /** Settled hot calls answered before `before`, oldest first, after the place where the last page ended. */
  async candidates(before: string, after: MoveCandidate | undefined, limit: number): Promise<MoveCandidate[]> {
    let query = this.#db.kysely
      .selectFrom('calls')
      .leftJoin('call_tiers', 'call_tiers.call_id', 'calls.call_id')
      .select(['calls.call_id as call_id', 'calls.answered_at as answered_at'])
      // A call whose replay is still being made would be fetched back at once.
      .where('calls.state', 'in', ['muxed', 'mux-failed'])
      .where('calls.answered_at', '<', before)
      .where(where =>
        where.or([
          where('call_tiers.tier', 'is', null),
          where.and([where('call_tiers.tier', '=', 'hot'), where('call_tiers.state', '=', 'settled')]),
        ]),
      )
    if (after)
      query = query.where(where =>
        where.or([
          where('calls.answered_at', '>', after.answeredAt),
          where.and([where('calls.answered_at', '=', after.answeredAt), where('calls.call_id', '>', after.callId)]),
        ]),
      )
    const rows = await query.orderBy('calls.answered_at').orderBy('calls.call_id').limit(limit).execute()
    return rows.map(row => ({ callId: row.call_id as CallId, answeredAt: row.answered_at }))
  }

  async counts(): Promise<TierCount[]> {
    const rows = await this.#db.kysely
      .selectFrom('call_tiers')
      .select(['tier', 'state', fn => fn.fn.countAll().as('calls'), fn => fn.fn.sum('bytes').as('bytes')])
      .groupBy(['tier', 'state'])
      .execute()
    return rows.map(row => ({ tier: row.tier, state: row.state, calls: Number(row.calls), bytes: Number(row.bytes) }))
  }

  /** Calls that wait for the store or for a person, the longest first. */
  async waiting(limit: number): Promise<CallTier[]> {
    const rows = await this.#db.kysely
      .selectFrom('call_tiers')
      .selectAll()
      .where(where => where.or([where('waiting_since', 'is not', null), where('state', '=', 'refused')]))
      .orderBy('waiting_since')
      .limit(limit)
      .execute()
    return rows.map(read)
  }
}

function read({ call_id, ...row }: Row): CallTier {
  return { ...row, callId: call_id as CallId }
}
