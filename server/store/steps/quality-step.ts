import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of quality checks. */
export type QualityTables = Record<never, never>

export async function qualityStep(_db: Kysely<Tables>): Promise<void> {}
