import type { Generated, Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export type UsersTables = {
  /** What the operator changed on the command line, until the server has written it into the access log. */
  user_changes: {
    change_id: Generated<number>
    at: string
    /** The account on the machine that did it. */
    by_account: string
    what: string
    told: number
  }
}

export async function usersStep(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('users').addColumn('disabled_at', 'text').execute()
  // Tokens from before this time are worth nothing: the password was set anew.
  await db.schema.alterTable('users').addColumn('sessions_from', 'text').execute()
  await db.schema
    .createTable('user_changes')
    .addColumn('change_id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('by_account', 'text', column => column.notNull())
    .addColumn('what', 'text', column => column.notNull())
    .addColumn('told', 'integer', column => column.notNull().defaultTo(0))
    .execute()
}
