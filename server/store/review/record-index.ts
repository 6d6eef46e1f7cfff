import { sql } from 'kysely'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { CallFlag } from '../../../signaling/protocol/review-kinds.ts'
import { type CallFacts, FACTS_MADE_BY } from '../../review/facts-of-call.ts'
import { plainText } from '../../review/plain-text.ts'
import type { Database } from '../database.ts'

/** Flags that are found after the seal: they outlive a rebuilding of the index. */
const LATER_FLAGS: readonly CallFlag[] = ['verification-problem', 'quality-finding', 'not-encrypted']

/** What records are found by besides numbers and times; made from manifest and journal, and made again when missing. */
export class RecordIndex {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  /** Replaces what is known of a call. */
  async put(callId: CallId, facts: CallFacts): Promise<void> {
    await this.#db.kysely.transaction().execute(async tx => {
      await removeTexts(tx, callId)
      await tx.deleteFrom('call_flags').where('call_id', '=', callId).where('flag', 'not in', LATER_FLAGS).execute()
      await tx.deleteFrom('call_facts').where('call_id', '=', callId).execute()
      await tx
        .insertInto('call_facts')
        .values({
          call_id: callId,
          scenario: facts.scenario?.id ?? null,
          scenario_title_json: facts.scenario ? JSON.stringify(facts.scenario.title) : null,
          pictures: facts.pictures,
          entries: facts.entries,
          evidence_bytes: facts.evidenceBytes,
          made_by: FACTS_MADE_BY,
        })
        .execute()
      for (const flag of facts.flags)
        await tx
          .insertInto('call_flags')
          .values({ call_id: callId, flag })
          .onConflict(conflict => conflict.doNothing())
          .execute()
      for (const { kind, atMs, text } of facts.texts) {
        const plain = plainText(text)
        const { text_id } = await tx
          .insertInto('texts')
          .values({ call_id: callId, kind, at_ms: atMs, text, plain })
          .returning('text_id')
          .executeTakeFirstOrThrow()
        await tx.insertInto('texts_fts').values({ rowid: text_id, plain }).execute()
      }
    })
  }

  /** Set by those who check a record later. */
  async setFlag(callId: CallId, flag: CallFlag, on: boolean): Promise<void> {
    if (on)
      await this.#db.kysely
        .insertInto('call_flags')
        .values({ call_id: callId, flag })
        .onConflict(conflict => conflict.doNothing())
        .execute()
    else await this.#db.kysely.deleteFrom('call_flags').where('call_id', '=', callId).where('flag', '=', flag).execute()
  }

  /** Calls of the index whose facts are missing or were made by an older reading. */
  async missing(): Promise<CallId[]> {
    const rows = await this.#db.kysely
      .selectFrom('calls')
      .leftJoin('call_facts', 'call_facts.call_id', 'calls.call_id')
      .select('calls.call_id as id')
      .where(eb => eb.or([eb('call_facts.call_id', 'is', null), eb('call_facts.made_by', '<', FACTS_MADE_BY)]))
      .orderBy('calls.answered_at', 'desc')
      .execute()
    return rows.map(row => row.id as CallId)
  }

  /** The texts of a purged call leave the full-text index too; rows with its id go with the purge. @returns how many texts there were */
  async forget(callId: CallId): Promise<number> {
    return this.#db.kysely.transaction().execute(async tx => {
      const { n } = await tx
        .selectFrom('texts')
        .select(eb => eb.fn.countAll<number>().as('n'))
        .where('call_id', '=', callId)
        .executeTakeFirstOrThrow()
      await removeTexts(tx, callId)
      await tx.deleteFrom('call_flags').where('call_id', '=', callId).execute()
      await tx.deleteFrom('call_facts').where('call_id', '=', callId).execute()
      return Number(n)
    })
  }
}

async function removeTexts(tx: Database['kysely'], callId: CallId): Promise<void> {
  // An index over another table's text must be told the very text it is to lose.
  await sql`insert into texts_fts(texts_fts, rowid, plain) select 'delete', text_id, plain from texts where call_id = ${callId}`.execute(
    tx,
  )
  await tx.deleteFrom('texts').where('call_id', '=', callId).execute()
}
