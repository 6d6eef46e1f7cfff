import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { Database } from './database.ts'

/** Who looked at which record, when, and for what reason. Rows are only ever added. */
export class AccessLog {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(o: {
    user: { id: UserId; name: string }
    callId: CallId
    action: 'open' | 'verify' | 'file'
    detail: string
  }): Promise<void> {
    await this.#db.kysely
      .insertInto('access_log')
      .values({
        at: new Date().toISOString(),
        user_id: o.user.id,
        user_name: o.user.name,
        call_id: o.callId,
        action: o.action,
        detail: o.detail,
      })
      .execute()
  }

  async ofCall(callId: CallId): Promise<{ at: string; userName: string; action: string; detail: string }[]> {
    const rows = await this.#db.kysely
      .selectFrom('access_log')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('seq')
      .execute()
    return rows.map(row => ({ at: row.at, userName: row.user_name, action: row.action, detail: row.detail }))
  }
}
