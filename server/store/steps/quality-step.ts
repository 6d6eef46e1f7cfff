import type { Kysely } from 'kysely'
import type { QualityAnswer } from '../../../signaling/protocol/quality-kinds.ts'
import type { Tables } from '../tables.ts'

/** The tables of quality checks. Whole reports lie with the record; these rows find and count. */
export type QualityTables = {
  quality_runs: {
    call_id: string
    run: number
    at: string
    rules_version: string
    state: 'done' | 'failed'
    findings: number
  }
  /** Of the newest run of each call. */
  quality_findings: {
    call_id: string
    rule_id: string
    kind: string
    severity: string
    at_ms: number
  }
  /** What people said to items of checklists; rows are added, never changed. */
  quality_answers: {
    call_id: string
    checklist_id: string
    item_id: string
    answer: QualityAnswer
    note: string
    user_id: string
    user_name: string
    at: string
  }
}

export async function qualityStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('quality_runs')
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('run', 'integer', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('rules_version', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('findings', 'integer', column => column.notNull())
    .addPrimaryKeyConstraint('quality_runs_key', ['call_id', 'run'])
    .execute()
  await db.schema
    .createTable('quality_findings')
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('rule_id', 'text', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('severity', 'text', column => column.notNull())
    .addColumn('at_ms', 'integer', column => column.notNull())
    .execute()
  await db.schema.createIndex('quality_findings_by_call').on('quality_findings').column('call_id').execute()
  await db.schema
    .createTable('quality_answers')
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('checklist_id', 'text', column => column.notNull())
    .addColumn('item_id', 'text', column => column.notNull())
    .addColumn('answer', 'text', column => column.notNull())
    .addColumn('note', 'text', column => column.notNull())
    .addColumn('user_id', 'text', column => column.notNull())
    .addColumn('user_name', 'text', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('quality_answers_by_call').on('quality_answers').column('call_id').execute()
}
