import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of the hash-chained access log and the daily anchors. */
export type AuditTables = Record<never, never>

export async function auditStep(_db: Kysely<Tables>): Promise<void> {}
