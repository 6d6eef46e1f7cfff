import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The telephone an agent may take calls on, and whether the agent does. */
export async function deskPhoneStep(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('users').addColumn('desk_phone', 'text').execute()
  await db.schema
    .alterTable('users')
    .addColumn('speaks_by', 'text', column => column.notNull().defaultTo('browser'))
    .execute()
}
