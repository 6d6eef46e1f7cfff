import type { UserId } from '../../../signaling/protocol/ids.ts'
import type { CallRule, SavedSearch } from '../../../signaling/protocol/review.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

type Person = { readonly id: UserId; readonly name: string }

/** Searches a person keeps, and those shared with all reviewers. */
export class SavedSearches {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(by: Person, o: { title: string; rule: CallRule; shared: boolean }): Promise<SavedSearch> {
    const row: Tables['saved_searches'] = {
      search_id: reviewId('find'),
      title: o.title,
      rule_json: JSON.stringify(o.rule),
      shared: o.shared ? 1 : 0,
      owner_id: by.id,
      owner_name: by.name,
      created_at: new Date().toISOString(),
      removed_at: null,
    }
    await this.#db.kysely.insertInto('saved_searches').values(row).execute()
    return read(row, by.id)
  }

  /** Own and shared ones, by title. */
  async of(userId: UserId): Promise<SavedSearch[]> {
    const rows = await this.#db.kysely
      .selectFrom('saved_searches')
      .selectAll()
      .where('removed_at', 'is', null)
      .where(eb => eb.or([eb('owner_id', '=', userId), eb('shared', '=', 1)]))
      .orderBy('title')
      .execute()
    return rows.map(row => read(row, userId))
  }

  /** Only the owner takes a search away. @returns whether there was such a one */
  async remove(userId: UserId, searchId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('saved_searches')
      .set({ removed_at: new Date().toISOString() })
      .where('search_id', '=', searchId)
      .where('owner_id', '=', userId)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

function read(row: Tables['saved_searches'], userId: UserId): SavedSearch {
  return {
    searchId: row.search_id,
    title: row.title,
    rule: JSON.parse(row.rule_json) as CallRule,
    shared: row.shared === 1,
    own: row.owner_id === userId,
    owner: row.owner_name,
    createdAt: row.created_at,
  }
}
