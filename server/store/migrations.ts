import { type Kysely, sql } from 'kysely'
import { auditStep } from './steps/audit-step.ts'
import { deskPhoneStep } from './steps/desk-phone-step.ts'
import { jobsStep } from './steps/jobs-step.ts'
import { journalHeadsStep } from './steps/journal-heads-step.ts'
import { qualityStep } from './steps/quality-step.ts'
import { redactionStep } from './steps/redaction-step.ts'
import { retentionStep } from './steps/retention-step.ts'
import { reviewStep } from './steps/review-step.ts'
import { tiersStep } from './steps/tiers-step.ts'
import { usersStep } from './steps/users-step.ts'
import type { Tables } from './tables.ts'

/** Each step runs once, in order, in a transaction. Never change a step that was released: add one. */
const STEPS: readonly ((db: Kysely<Tables>) => Promise<void>)[] = [
  async db => {
    await db.schema
      .createTable('users')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('name', 'text', column => column.notNull().unique())
      .addColumn('display_name', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('password_hash', 'text', column => column.notNull())
      .addColumn('created_at', 'text', column => column.notNull())
      .execute()
    await db.schema
      .createTable('calls')
      .addColumn('call_id', 'text', column => column.primaryKey())
      .addColumn('from_number', 'text', column => column.notNull())
      .addColumn('to_number', 'text', column => column.notNull())
      .addColumn('agent_id', 'text', column => column.notNull())
      .addColumn('agent_name', 'text', column => column.notNull())
      .addColumn('answered_at', 'text', column => column.notNull())
      .addColumn('duration_ms', 'integer', column => column.notNull())
      .addColumn('end_json', 'text', column => column.notNull())
      .addColumn('snapshots', 'integer', column => column.notNull())
      .addColumn('camera_ms', 'integer', column => column.notNull())
      .addColumn('folder', 'text', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .execute()
    await db.schema.createIndex('calls_by_time').on('calls').column('answered_at').execute()
    await db.schema.createIndex('calls_by_number').on('calls').column('from_number').execute()
    await db.schema
      .createTable('access_log')
      .addColumn('seq', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('at', 'text', column => column.notNull())
      .addColumn('user_id', 'text', column => column.notNull())
      .addColumn('user_name', 'text', column => column.notNull())
      .addColumn('call_id', 'text', column => column.notNull())
      .addColumn('action', 'text', column => column.notNull())
      .addColumn('detail', 'text', column => column.notNull())
      .execute()
  },
  async db => {
    await db.schema
      .createTable('diagrams')
      .addColumn('diagram_id', 'text', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('product', 'text', column => column.notNull())
      .addColumn('fault', 'text', column => column.notNull())
      .addColumn('title', 'text', column => column.notNull())
      .addColumn('file', 'text', column => column.notNull())
      .addColumn('type', 'text', column => column.notNull())
      .addColumn('sha256', 'text', column => column.notNull())
      .addColumn('width_px', 'integer', column => column.notNull())
      .addColumn('height_px', 'integer', column => column.notNull())
      .addColumn('added_at', 'text', column => column.notNull())
      .addColumn('removed_at', 'text')
      .addPrimaryKeyConstraint('diagrams_key', ['diagram_id', 'version'])
      .execute()
  },
  async db => {
    await db.schema
      .alterTable('users')
      .addColumn('rights_json', 'text', column => column.notNull().defaultTo('[]'))
      .execute()
  },
  reviewStep,
  retentionStep,
  auditStep,
  tiersStep,
  qualityStep,
  redactionStep,
  jobsStep,
  usersStep,
  journalHeadsStep,
  deskPhoneStep,
]

export async function migrate(db: Kysely<Tables>): Promise<void> {
  await sql`create table if not exists schema_version (version integer not null)`.execute(db)
  const row = await db.selectFrom('schema_version').select('version').executeTakeFirst()
  const from = row?.version ?? 0
  if (from > STEPS.length) throw new Error('the database was written by a newer version of Tongping')
  for (let version = from; version < STEPS.length; version++) {
    await db.transaction().execute(async tx => {
      await STEPS[version]?.(tx as Kysely<Tables>)
      await tx.deleteFrom('schema_version').execute()
      await tx
        .insertInto('schema_version')
        .values({ version: version + 1 })
        .execute()
    })
  }
}
