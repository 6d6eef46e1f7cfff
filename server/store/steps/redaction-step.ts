import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of redactions and their releases. */
export type RedactionTables = Record<never, never>

export async function redactionStep(_db: Kysely<Tables>): Promise<void> {}
