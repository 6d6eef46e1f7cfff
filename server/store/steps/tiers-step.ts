import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of where the bytes of a call are. */
export type TiersTables = Record<never, never>

export async function tiersStep(_db: Kysely<Tables>): Promise<void> {}
