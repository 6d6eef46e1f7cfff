import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Rows about stamps outlive their record; the head of a journal would let the digits of its numbers be tried out. */
export async function journalHeadsStep(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('stamps').dropColumn('journal_head').execute()
}
