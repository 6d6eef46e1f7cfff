import type { CallId } from '../../signaling/protocol/ids.ts'
import type { ErasureOutcome, ErasureRow, KeptBecause, NewErasure } from '../../signaling/protocol/retention.ts'
import type { Database } from './database.ts'
import { shortId } from './short-id.ts'

/** Requests of people to have their records erased, and what became of each record. */
export class Erasures {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(o: NewErasure & { dueAt: string | null; by: string; found: boolean }): Promise<string> {
    const requestId = shortId('erasure')
    await this.#db.kysely
      .insertInto('retention_erasures')
      .values({
        request_id: requestId,
        // Nothing was found: then nothing of the question needs to be kept either.
        subject_json: o.found ? JSON.stringify(o.subject) : null,
        requester: o.requester,
        received_at: o.receivedAt,
        due_at: o.dueAt,
        asked_by: o.by,
        state: o.found ? 'open' : 'not-found',
      })
      .execute()
    return requestId
  }

  async setOutcome(
    requestId: string,
    o: { callId: CallId; outcome: ErasureOutcome['outcome']; reasons: readonly KeptBecause[] },
  ): Promise<void> {
    const row = { outcome: o.outcome, reasons_json: JSON.stringify(o.reasons), at: new Date().toISOString() }
    await this.#db.kysely
      .insertInto('retention_outcomes')
      .values({ request_id: requestId, call_id: o.callId, ...row })
      .onConflict(conflict => conflict.columns(['request_id', 'call_id']).doUpdateSet(row))
      .execute()
  }

  /** Newest first. */
  async all(): Promise<ErasureRow[]> {
    const [requests, outcomes] = await Promise.all([
      this.#db.kysely.selectFrom('retention_erasures').selectAll().orderBy('received_at', 'desc').execute(),
      this.#db.kysely.selectFrom('retention_outcomes').selectAll().orderBy('call_id').execute(),
    ])
    return requests.map(row => ({
      requestId: row.request_id,
      subject: row.subject_json === null ? null : (JSON.parse(row.subject_json) as NewErasure['subject']),
      requester: row.requester,
      receivedAt: row.received_at,
      dueAt: row.due_at,
      by: row.asked_by,
      state: row.state,
      outcomes: outcomes
        .filter(one => one.request_id === row.request_id)
        .map(one => ({
          callId: one.call_id as CallId,
          outcome: one.outcome,
          reasons: JSON.parse(one.reasons_json) as KeptBecause[],
          at: one.at,
        })),
    }))
  }

  /** Requests by record, of those that are not purged yet. */
  async open(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.#db.kysely
      .selectFrom('retention_outcomes')
      .select(['call_id', 'request_id'])
      .where('outcome', '!=', 'purged')
      .execute()
    const byCall = new Map<string, string[]>()
    for (const row of rows) byCall.set(row.call_id, [...(byCall.get(row.call_id) ?? []), row.request_id])
    return byCall
  }

  /** Whether a record may only be stored and protected, and since when. */
  async restrictionOf(callId: CallId): Promise<{ requestId: string; since: string } | undefined> {
    const row = await this.#db.kysely
      .selectFrom('retention_outcomes')
      .select(['request_id', 'at'])
      .where('call_id', '=', callId)
      .where('outcome', '!=', 'purged')
      .orderBy('at')
      .executeTakeFirst()
    return row && { requestId: row.request_id, since: row.at }
  }

  /** False when there is no such open request. Answers already given (purged records) stay. */
  async withdraw(requestId: string): Promise<boolean> {
    return this.#db.kysely.transaction().execute(async tx => {
      const { numUpdatedRows } = await tx
        .updateTable('retention_erasures')
        .set({ state: 'withdrawn', subject_json: null })
        .where('request_id', '=', requestId)
        .where('state', '=', 'open')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await tx
        .deleteFrom('retention_outcomes')
        .where('request_id', '=', requestId)
        .where('outcome', '!=', 'purged')
        .execute()
      return true
    })
  }
}
