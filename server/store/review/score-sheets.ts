import { AppError } from '../../../signaling/protocol/errors.ts'
import type { UserId } from '../../../signaling/protocol/ids.ts'
import type { ScoreSheet, SheetDraft } from '../../../signaling/protocol/score-sheet.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

type Person = { readonly id: UserId; readonly name: string }

/** The operator's score sheets. A change is a new version; scores name the version they were given on. */
export class ScoreSheets {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  /** The newest version of each, retired ones included, by id. */
  async all(): Promise<ScoreSheet[]> {
    const newest = new Map<string, ScoreSheet>()
    for (const sheet of await this.#read()) newest.set(sheet.sheetId, sheet)
    return [...newest.values()]
  }

  /** Oldest first. @throws AppError `not-found` */
  async versions(sheetId: string): Promise<ScoreSheet[]> {
    const versions = await this.#read(sheetId)
    if (versions.length === 0) throw new AppError('not-found', 'no such score sheet')
    return versions
  }

  /** That version, or the newest. @throws AppError `not-found` */
  async get(sheetId: string, version?: number): Promise<ScoreSheet> {
    const versions = await this.versions(sheetId)
    const sheet = version === undefined ? versions.at(-1) : versions.find(one => one.version === version)
    if (!sheet) throw new AppError('not-found', 'no such version of this score sheet')
    return sheet
  }

  async add(by: Person, draft: SheetDraft & { sheetId: string }): Promise<ScoreSheet> {
    const last = (await this.#read(draft.sheetId)).at(-1)
    const row: Tables['score_sheets'] = {
      sheet_id: draft.sheetId,
      version: (last?.version ?? 0) + 1,
      sheet_json: JSON.stringify(draft),
      made_by: by.id,
      made_by_name: by.name,
      made_at: new Date().toISOString(),
      retired_at: null,
    }
    await this.#db.kysely.insertInto('score_sheets').values(row).execute()
    return read(row)
  }

  /** No new scores on it; what was scored stays readable. A later version takes it up again. @throws AppError `not-found` */
  async retire(sheetId: string): Promise<ScoreSheet> {
    const { version } = await this.get(sheetId)
    await this.#db.kysely
      .updateTable('score_sheets')
      .set({ retired_at: new Date().toISOString() })
      .where('sheet_id', '=', sheetId)
      .where('version', '=', version)
      .execute()
    return this.get(sheetId)
  }

  async #read(sheetId?: string): Promise<ScoreSheet[]> {
    let query = this.#db.kysely.selectFrom('score_sheets').selectAll().orderBy('sheet_id').orderBy('version')
    if (sheetId !== undefined) query = query.where('sheet_id', '=', sheetId)
    return (await query.execute()).map(read)
  }
}

function read(row: Tables['score_sheets']): ScoreSheet {
  return {
    ...(JSON.parse(row.sheet_json) as Omit<SheetDraft, 'sheetId'> & { sheetId: string }),
    version: row.version,
    by: { id: row.made_by, name: row.made_by_name },
    at: row.made_at,
    retired: row.retired_at !== null,
  }
}
