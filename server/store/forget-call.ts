import { sql } from 'kysely'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Database } from './database.ts'
import { isNumberOf } from './retention-book.ts'
import { comparable } from './same-number.ts'

/** What becomes of a table's rows about a call when the call is purged. */
export type Forget = 'delete' | { readonly keep: string }

/**
 * Every table with a column `call_id`, and what a purge does with its rows. A table that is not listed loses its rows
 * all the same; a test insists that somebody thought about it.
 */
export const CALL_TABLES: Readonly<Record<string, Forget>> = {
  calls: 'delete',
  /** The log before it was a chain; its rows move into the chain at the first start. */
  access_log: 'delete',
  audit_log: { keep: 'an index over the hash-chained log: who did what outlives the record and names no customer' },
  stamps: { keep: 'hashes and times only: proves when the record existed' },
  /** An index over the records of the tiers, which are files of their own and go when the last cold copy is gone. */
  call_tiers: 'delete',
  mux_jobs: 'delete',
  /** Their words leave the full-text index before (RecordIndex.forget). */
  texts: 'delete',
  call_facts: 'delete',
  call_flags: 'delete',
  verdicts: 'delete',
  record_grants: 'delete',
  releases: 'delete',
  comments: 'delete',
  tags: 'delete',
  call_references: 'delete',
  scores: 'delete',
  assignments: 'delete',
  calibrations: 'delete',
  quality_runs: 'delete',
  quality_findings: 'delete',
  quality_answers: 'delete',
  sample_calls: { keep: 'a drawing can be repeated by anybody: call id, place and ticket only' },
  redactions: 'delete',
  redaction_versions: 'delete',
  retention_calls: 'delete',
  retention_links: 'delete',
  retention_outcomes: { keep: 'the answer to a request: call id and outcome only' },
  retention_purges: { keep: 'how far the purge is' },
}

/** Removes every row about a call, and what is known of its number when no other call has it. */
export async function forgetCall(db: Database, callId: CallId): Promise<{ rows: number }> {
  const tables = await tablesWithCallId(db)
  return db.kysely.transaction().execute(async tx => {
    await sql`pragma defer_foreign_keys = on`.execute(tx)
    const call = await tx.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst()
    let rows = 0
    for (const { name, searched } of tables) {
      if (typeof CALL_TABLES[name] === 'object') continue
      // A full-text index otherwise keeps deleted words in its segments until they are merged.
      if (searched)
        await sql`insert into ${sql.table(name)} (${sql.ref(name)}, rank) values ('secure-delete', 1)`.execute(tx)
      const { numAffectedRows } = await sql`delete from ${sql.table(name)} where call_id = ${callId}`.execute(tx)
      rows += Number(numAffectedRows ?? 0)
    }
    await tx.deleteFrom('retention_events').where('subject_kind', '=', 'call').where('subject', '=', callId).execute()
    await tx
      .updateTable('retention_outcomes')
      .set({ outcome: 'purged', reasons_json: '[]', at: new Date().toISOString() })
      .where('call_id', '=', callId)
      .execute()
    await sql`update retention_erasures set state = 'done', subject_json = null where state = 'open' and not exists
      (select 1 from retention_outcomes o where o.request_id = retention_erasures.request_id and o.outcome <> 'purged')`.execute(
      tx,
    )
    if (!call) return { rows }
    const others = await tx.selectFrom('calls').select(['from_number', 'to_number']).execute()
    for (const number of new Set([call.from_number, call.to_number])) {
      if (others.some(other => isNumberOf(number, { from: other.from_number, to: other.to_number }))) continue
      await tx
        .deleteFrom('retention_events')
        .where('subject_kind', '=', 'number')
        .where('subject', '=', comparable(number))
        .execute()
      const released = await tx
        .selectFrom('retention_holds')
        .selectAll()
        .where('released_at', 'is not', null)
        .where('match_json', 'is not', null)
        .execute()
      for (const hold of released) {
        const match = JSON.parse(hold.match_json ?? '{}') as { number?: string }
        if (match.number === undefined || comparable(match.number) !== comparable(number)) continue
        await tx.updateTable('retention_holds').set({ match_json: null }).where('hold_id', '=', hold.hold_id).execute()
      }
    }
    return { rows }
  })
}

/** By the schema itself, so that a forgotten entry above forgets nothing. */
export async function tablesWithCallId(db: Database): Promise<{ name: string; searched: boolean }[]> {
  const { rows } = await sql<{ name: string; sql: string }>`select m.name as name, m.sql as sql from sqlite_master m
    join pragma_table_info(m.name) c on c.name = 'call_id' where m.type = 'table' order by m.name`.execute(db.kysely)
  return rows.map(row => ({ name: row.name, searched: /using\s+fts5/i.test(row.sql) }))
}

/** Nothing of what was deleted is left in the database's files: pages are written anew, the log is emptied. */
export async function scrubDatabase(db: Database): Promise<void> {
  await sql`vacuum`.execute(db.kysely)
  await sql`pragma wal_checkpoint(truncate)`.execute(db.kysely)
}
