import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Database } from '../database.ts'

type Grant = { readonly sid: string; readonly callId: CallId }

/**
 * Which sign-in has given a reason for which record. Kept in the database, because a token outlives a restart and a player
 * in mid-record must not be asked twice; kept in memory too, because every range of a film asks.
 */
export class RecordGrants {
  readonly #db: Database
  readonly #untilMs = new Map<string, number>()
  constructor(db: Database) {
    this.#db = db
  }

  async give(o: Grant & { userId: UserId; forMs: number }): Promise<string> {
    const nowMs = Date.now()
    for (const [key, untilMs] of this.#untilMs) if (untilMs < nowMs) this.#untilMs.delete(key)
    const row = {
      sid: o.sid,
      call_id: o.callId,
      user_id: o.userId,
      opened_at: new Date(nowMs).toISOString(),
      expires_at: new Date(nowMs + o.forMs).toISOString(),
    }
    await this.#db.kysely.deleteFrom('record_grants').where('expires_at', '<', row.opened_at).execute()
    await this.#db.kysely
      .insertInto('record_grants')
      .values(row)
      .onConflict(conflict => conflict.columns(['sid', 'call_id']).doUpdateSet(row))
      .execute()
    this.#untilMs.set(keyOf(o), nowMs + o.forMs)
    return row.expires_at
  }

  async holds(grant: Grant): Promise<boolean> {
    const known = this.#untilMs.get(keyOf(grant))
    if (known !== undefined) return known > Date.now()
    const row = await this.#db.kysely
      .selectFrom('record_grants')
      .select('expires_at')
      .where('sid', '=', grant.sid)
      .where('call_id', '=', grant.callId)
      .executeTakeFirst()
    if (!row) return false
    const untilMs = Date.parse(row.expires_at)
    this.#untilMs.set(keyOf(grant), untilMs)
    return untilMs > Date.now()
  }

  /** Of a record that is no longer to be seen. */
  async endOf(callId: CallId): Promise<void> {
    for (const key of this.#untilMs.keys()) if (key.endsWith(` ${callId}`)) this.#untilMs.delete(key)
    await this.#db.kysely.deleteFrom('record_grants').where('call_id', '=', callId).execute()
  }
}

const keyOf = ({ sid, callId }: Grant) => `${sid} ${callId}`
