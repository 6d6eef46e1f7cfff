import { AppError } from '../../../signaling/protocol/errors.ts'
import type { UserId } from '../../../signaling/protocol/ids.ts'
import type { Database } from '../database.ts'

export type Person = { readonly id: UserId; readonly name: string }

/** The reviewers of these ids, in that order. @throws AppError `bad-request` for anybody else */
export async function reviewersOf(db: Database, ids: readonly UserId[]): Promise<Person[]> {
  const rows = await db.kysely
    .selectFrom('users')
    .select(['id', 'display_name', 'role'])
    .where('id', 'in', ids)
    .execute()
  return [...new Set(ids)].map(id => {
    const row = rows.find(one => one.id === id && one.role === 'reviewer')
    if (!row) throw new AppError('bad-request', 'only reviewers can be given this')
    return { id, name: row.display_name }
  })
}
