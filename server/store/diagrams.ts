import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

export type DiagramRow = Tables['diagrams']

const MAX_FOUND = 200

/** The versions of the library's diagrams. Rows are added and marked as removed, never changed or deleted otherwise. */
export class Diagrams {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(row: Omit<DiagramRow, 'removed_at'>): Promise<void> {
    await this.#db.kysely
      .insertInto('diagrams')
      .values({ ...row, removed_at: null })
      .execute()
  }

  /** The number of the newest version, removed ones counted; 0 when there is none. */
  async newestVersion(diagramId: string): Promise<number> {
    const row = await this.#db.kysely
      .selectFrom('diagrams')
      .select(({ fn }) => fn.max('version').as('version'))
      .where('diagram_id', '=', diagramId)
      .executeTakeFirst()
    return Number(row?.version ?? 0)
  }

  /** The newest version, unless the diagram was removed. */
  async current(diagramId: string): Promise<DiagramRow | undefined> {
    return this.#newest().where('diagram_id', '=', diagramId).executeTakeFirst()
  }

  /** This version, even of a diagram that was removed since. */
  async version(diagramId: string, version: number): Promise<DiagramRow | undefined> {
    return this.#db.kysely
      .selectFrom('diagrams')
      .selectAll()
      .where('diagram_id', '=', diagramId)
      .where('version', '=', version)
      .executeTakeFirst()
  }

  /** Newest versions in which every word stands somewhere (product, fault or title), whatever its case. */
  async search(words: readonly string[]): Promise<DiagramRow[]> {
    let query = this.#newest()
    for (const word of words) {
      const like = `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
      query = query.where(sql<boolean>`lower(product || ' ' || fault || ' ' || title) like ${like} escape '\\'`)
    }
    return query.orderBy('product').orderBy('fault').limit(MAX_FOUND).execute()
  }

  /** @returns whether there was something to remove */
  async remove(diagramId: string, at: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('diagrams')
      .set({ removed_at: at })
      .where('diagram_id', '=', diagramId)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  #newest() {
    return this.#db.kysely
      .selectFrom('diagrams')
      .selectAll()
      .where('removed_at', 'is', null)
      .where(
        'version',
        '=',
        sql<number>`(select max(version) from diagrams as newer where newer.diagram_id = diagrams.diagram_id)`,
      )
  }
}
