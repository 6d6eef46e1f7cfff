import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Long work on derivatives, so that a restart goes on with what was not done. */
export type JobsTables = {
  /** One row for each call and kind of work. */
  mux_jobs: {
    call_id: string
    kind: 'replay' | 'mp4'
    state: 'pending' | 'done' | 'failed'
    attempts: number
    failure: string | null
    file: string | null
    updated_at: string
  }
}

export async function jobsStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('mux_jobs')
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('attempts', 'integer', column => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('file', 'text')
    .addColumn('updated_at', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('mux_jobs_key', ['call_id', 'kind'])
    .execute()
}
