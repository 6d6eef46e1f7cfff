import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of the hash-chained access log and the daily anchors. */
export type AuditTables = {
  /** An index over the files of the chain; rebuilt from them when it differs. */
  audit_log: {
    seq: number
    at: string
    user_id: string | null
    user_name: string
    call_id: string | null
    action: string
    detail: string
    /** SHA-256 of the line. */
    hash: string
  }
  /** What stood in the configuration at the last start: a keyed hash for each setting. */
  settings_seen: { name: string; digest: string }
  /** Digests that a webhook took over. */
  digests_told: { day: string; stamped: number; at: string }
  /** What a daily digest has named; rebuilt from the digests. */
  anchored: { kind: 'call' | 'erasure'; id: string; sha256: string; day: string }
  /** The time stamp of each sealed call. */
  stamps: {
    call_id: string
    sealed_at: string
    manifest_sha256: string
    /** `gone`: destroyed before it was stamped. */
    state: 'waiting' | 'stamped' | 'gone'
    tries: number
    next_try_at: string
    /** The authority's time, once there is one. */
    stamped_at: string | null
    stamped_by: string | null
    last_error: string | null
  }
  /** Alarms a person has looked at and explained. */
  anchor_acknowledged: { alarm: string; at: string; user_name: string; reason: string }
}

export async function auditStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('audit_log')
    .addColumn('seq', 'integer', column => column.primaryKey())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('user_name', 'text', column => column.notNull())
    .addColumn('call_id', 'text')
    .addColumn('action', 'text', column => column.notNull())
    .addColumn('detail', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('audit_by_time').on('audit_log').column('at').execute()
  await db.schema.createIndex('audit_by_user').on('audit_log').columns(['user_id', 'seq']).execute()
  await db.schema.createIndex('audit_by_call').on('audit_log').columns(['call_id', 'seq']).execute()
  await db.schema.createIndex('audit_by_action').on('audit_log').columns(['action', 'seq']).execute()
  await db.schema
    .createTable('settings_seen')
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('digest', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('digests_told')
    .addColumn('day', 'text', column => column.notNull())
    .addColumn('stamped', 'integer', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('digests_told_key', ['day', 'stamped'])
    .execute()
  await db.schema
    .createTable('anchored')
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('id', 'text', column => column.notNull())
    .addColumn('sha256', 'text', column => column.notNull())
    .addColumn('day', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('anchored_key', ['kind', 'id', 'sha256'])
    .execute()
  await db.schema
    .createTable('stamps')
    .addColumn('call_id', 'text', column => column.primaryKey())
    .addColumn('sealed_at', 'text', column => column.notNull())
    .addColumn('manifest_sha256', 'text', column => column.notNull())
    .addColumn('journal_head', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('tries', 'integer', column => column.notNull())
    .addColumn('next_try_at', 'text', column => column.notNull())
    .addColumn('stamped_at', 'text')
    .addColumn('stamped_by', 'text')
    .addColumn('last_error', 'text')
    .execute()
  await db.schema.createIndex('stamps_by_state').on('stamps').columns(['state', 'next_try_at']).execute()
  await db.schema
    .createTable('anchor_acknowledged')
    .addColumn('alarm', 'text', column => column.primaryKey())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('user_name', 'text', column => column.notNull())
    .addColumn('reason', 'text', column => column.notNull())
    .execute()
}
