import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of where the bytes of a call are. An index over the tier records, which are files. */
export type TiersTables = {
  /** A call without a row is hot and was never looked at. */
  call_tiers: {
    call_id: string
    tier: 'hot' | 'cold'
    /** What is under way, and goes on after a crash. `refused`: a person must look. */
    state: 'settled' | 'copying' | 'clearing' | 'fetching' | 'refused'
    since: string
    retention_class: string | null
    store: string | null
    store_key: string | null
    files: number
    bytes: number
    vault_sha256: string | null
    locked_until: string | null
    /** Fetched back for work: not moved out again before. */
    keep_hot_until: string | null
    /** Since when the store has been missing for this move, and why. */
    waiting_since: string | null
    reason: string | null
  }
}

export async function tiersStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('call_tiers')
    .addColumn('call_id', 'text', column => column.primaryKey())
    .addColumn('tier', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('since', 'text', column => column.notNull())
    .addColumn('retention_class', 'text')
    .addColumn('store', 'text')
    .addColumn('store_key', 'text')
    .addColumn('files', 'integer', column => column.notNull())
    .addColumn('bytes', 'integer', column => column.notNull())
    .addColumn('vault_sha256', 'text')
    .addColumn('locked_until', 'text')
    .addColumn('keep_hot_until', 'text')
    .addColumn('waiting_since', 'text')
    .addColumn('reason', 'text')
    .execute()
  await db.schema.createIndex('call_tiers_by_state').on('call_tiers').columns(['tier', 'state']).execute()
}
