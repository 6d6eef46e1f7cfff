import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of retention: clocks, holds, erasures. */
export type RetentionTables = {
  /** What the journal says of a call's class; read once. */
  retention_calls: { call_id: string; retention_class: string | null }
  retention_events: {
    event_id: string
    subject_kind: 'call' | 'number' | 'reference'
    /** Call id, number (digits), or reference. */
    subject: string
    event: string
    at: string
    reference: string
    added_at: string
    added_by: string
    withdrawn_at: string | null
  }
  retention_links: { call_id: string; reference: string; added_at: string; added_by: string }
  retention_holds: {
    hold_id: string
    /** Either a call, or what calls are matched by. */
    held_call: string | null
    match_json: string | null
    case_reference: string
    reason: string
    set_by: string
    since: string
    released_at: string | null
    released_by: string | null
    release_reason: string | null
  }
  retention_erasures: {
    request_id: string
    /** JSON of the subject; null once answered. */
    subject_json: string | null
    requester: string
    received_at: string
    due_at: string | null
    asked_by: string
    state: 'not-found' | 'open' | 'done' | 'withdrawn'
  }
  retention_outcomes: {
    request_id: string
    call_id: string
    outcome: 'due' | 'restricted' | 'purged'
    reasons_json: string
    at: string
  }
  retention_purges: {
    call_id: string
    run_id: string
    step: string
    at: string
    /** What could not be destroyed yet, as JSON; null when nothing is left. */
    pending_json: string | null
  }
  retention_runs: {
    run_id: string
    kind: 'daily' | 'manual'
    state: 'waiting' | 'running' | 'done'
    planned_at: string
    ended_at: string | null
    asked_by: string
    policy_version: string
    /** Call ids, JSON. */
    calls_json: string
    purged: number
    failed: number
    confirmed_by: string | null
  }
}

export async function retentionStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('retention_calls')
    .addColumn('call_id', 'text', column => column.primaryKey())
    .addColumn('retention_class', 'text')
    .execute()
  await db.schema
    .createTable('retention_events')
    .addColumn('event_id', 'text', column => column.primaryKey())
    .addColumn('subject_kind', 'text', column => column.notNull())
    .addColumn('subject', 'text', column => column.notNull())
    .addColumn('event', 'text', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('reference', 'text', column => column.notNull())
    .addColumn('added_at', 'text', column => column.notNull())
    .addColumn('added_by', 'text', column => column.notNull())
    .addColumn('withdrawn_at', 'text')
    .execute()
  await db.schema
    .createIndex('retention_events_by_subject')
    .on('retention_events')
    .columns(['subject_kind', 'subject'])
    .execute()
  await db.schema
    .createTable('retention_links')
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('reference', 'text', column => column.notNull())
    .addColumn('added_at', 'text', column => column.notNull())
    .addColumn('added_by', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('retention_links_key', ['call_id', 'reference'])
    .execute()
  await db.schema
    .createTable('retention_holds')
    .addColumn('hold_id', 'text', column => column.primaryKey())
    .addColumn('held_call', 'text')
    .addColumn('match_json', 'text')
    .addColumn('case_reference', 'text', column => column.notNull())
    .addColumn('reason', 'text', column => column.notNull())
    .addColumn('set_by', 'text', column => column.notNull())
    .addColumn('since', 'text', column => column.notNull())
    .addColumn('released_at', 'text')
    .addColumn('released_by', 'text')
    .addColumn('release_reason', 'text')
    .execute()
  await db.schema
    .createTable('retention_erasures')
    .addColumn('request_id', 'text', column => column.primaryKey())
    .addColumn('subject_json', 'text')
    .addColumn('requester', 'text', column => column.notNull())
    .addColumn('received_at', 'text', column => column.notNull())
    .addColumn('due_at', 'text')
    .addColumn('asked_by', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('retention_outcomes')
    .addColumn('request_id', 'text', column => column.notNull())
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('reasons_json', 'text', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('retention_outcomes_key', ['request_id', 'call_id'])
    .execute()
  await db.schema.createIndex('retention_outcomes_by_call').on('retention_outcomes').column('call_id').execute()
  await db.schema
    .createTable('retention_purges')
    .addColumn('call_id', 'text', column => column.primaryKey())
    .addColumn('run_id', 'text', column => column.notNull())
    .addColumn('step', 'text', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('pending_json', 'text')
    .execute()
  await db.schema
    .createTable('retention_runs')
    .addColumn('run_id', 'text', column => column.primaryKey())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('planned_at', 'text', column => column.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('asked_by', 'text', column => column.notNull())
    .addColumn('policy_version', 'text', column => column.notNull())
    .addColumn('calls_json', 'text', column => column.notNull())
    .addColumn('purged', 'integer', column => column.notNull())
    .addColumn('failed', 'integer', column => column.notNull())
    .addColumn('confirmed_by', 'text')
    .execute()
}
