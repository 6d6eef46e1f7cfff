import type { AuditAction, AuditEntry } from '../../signaling/protocol/audit.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { AuditLine } from './access-log.ts'
import type { Database } from './database.ts'

export type AuditSearch = {
  readonly userId?: string | undefined
  readonly callId?: string | undefined
  readonly action?: AuditAction | undefined
  /** ISO 8601, UTC; `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only entries before this one. */
  readonly before?: number | undefined
  readonly limit: number
}

/** The rows over the access log's files by which it is searched; nothing is decided by them. */
export class AuditIndex {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async put(entries: readonly { line: AuditLine & { seq: number; at: string }; hash: string }[]): Promise<void> {
    if (entries.length === 0) return
    await this.#db.kysely
      .insertInto('audit_log')
      .values(
        entries.map(({ line, hash }) => ({
          seq: line.seq,
          at: line.originallyAt ?? line.at,
          user_id: line.userId ?? null,
          user_name: line.userName,
          call_id: line.callId ?? null,
          action: line.action,
          detail: line.detail,
          hash,
        })),
      )
      .onConflict(conflict => conflict.column('seq').doNothing())
      .execute()
  }

  async last(): Promise<{ seq: number; hash: string } | undefined> {
    return this.#db.kysely
      .selectFrom('audit_log')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  async clear(): Promise<void> {
    await this.#db.kysely.deleteFrom('audit_log').execute()
  }

  async ofCall(callId: CallId): Promise<{ at: string; userName: string; action: AuditAction; detail: string }[]> {
    const rows = await this.#db.kysely
      .selectFrom('audit_log')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('seq')
      .execute()
    return rows.map(row => ({
      at: row.at,
      userName: row.user_name,
      action: row.action as AuditAction,
      detail: row.detail,
    }))
  }

  async search(search: AuditSearch): Promise<{ entries: AuditEntry[]; next?: number }> {
    let query = this.#db.kysely.selectFrom('audit_log').selectAll().orderBy('seq', 'desc')
    if (search.userId !== undefined) query = query.where('user_id', '=', search.userId)
    if (search.callId !== undefined) query = query.where('call_id', '=', search.callId)
    if (search.action !== undefined) query = query.where('action', '=', search.action)
    if (search.from !== undefined) query = query.where('at', '>=', search.from)
    if (search.to !== undefined) query = query.where('at', '<', search.to)
    if (search.before !== undefined) query = query.where('seq', '<', search.before)
    const rows = await query.limit(search.limit + 1).execute()
    const page = rows.slice(0, search.limit)
    const entries = page.map(row => ({
      seq: row.seq,
      at: row.at,
      userId: (row.user_id ?? undefined) as UserId | undefined,
      userName: row.user_name,
      callId: (row.call_id ?? undefined) as CallId | undefined,
      action: row.action as AuditAction,
      detail: row.detail,
    }))
    const last = page.at(-1)
    return { entries, ...(rows.length > search.limit && last && { next: last.seq }) }
  }

  /** The log as it was before it became a chain. */
  async oldRows() {
    return this.#db.kysely.selectFrom('access_log').selectAll().orderBy('seq').execute()
  }

  async removeOldRow(seq: number): Promise<void> {
    await this.#db.kysely.deleteFrom('access_log').where('seq', '=', seq).execute()
  }
}
