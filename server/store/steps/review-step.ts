import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of review work: tags, comments, scores, samples. */
export type ReviewTables = Record<never, never>

export async function reviewStep(_db: Kysely<Tables>): Promise<void> {}
