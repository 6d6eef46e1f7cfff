import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of retention: clocks, holds, erasures. */
export type RetentionTables = Record<never, never>

export async function retentionStep(_db: Kysely<Tables>): Promise<void> {}
