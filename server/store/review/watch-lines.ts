import type { AuditAction } from '../../../signaling/protocol/audit.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { WatchLine } from '../../review/audit-patterns.ts'
import { maskNumber } from '../../review/mask-number.ts'
import type { Database } from '../database.ts'

/** Lines of reviewers in the access log's index, oldest first; `to` is exclusive. */
export async function watchLines(
  db: Database,
  o: { from?: string | undefined; to?: string | undefined; callId?: CallId },
): Promise<WatchLine[]> {
  let query = db.kysely
    .selectFrom('audit_log')
    .innerJoin('users', 'users.id', 'audit_log.user_id')
    .select(['seq', 'at', 'user_id', 'user_name', 'call_id', 'action', 'detail'])
    .where('users.role', '=', 'reviewer')
    .orderBy('seq')
  if (o.from) query = query.where('at', '>=', o.from)
  if (o.to) query = query.where('at', '<', o.to)
  if (o.callId) query = query.where('call_id', '=', o.callId)
  return (await query.execute()).map(row => ({
    at: row.at,
    user: { id: row.user_id ?? '', name: row.user_name },
    callId: (row.call_id ?? undefined) as CallId | undefined,
    action: row.action as AuditAction,
    detail: row.detail,
  }))
}

/** The caller of each call that is still kept. */
export async function customersOf(db: Database) {
  const rows = await db.kysely.selectFrom('calls').select(['call_id', 'from_number']).execute()
  const numbers = new Map(rows.map(row => [row.call_id, row.from_number]))
  return (callId: CallId) => {
    const number = numbers.get(callId)
    return number === undefined ? undefined : { key: number, masked: maskNumber(number) }
  }
}
