import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

type Person = { readonly id: UserId; readonly name: string }
export type KeptCalibration = {
  readonly calibrationId: string
  readonly title: string
  readonly callId: CallId
  readonly sheetId: string
  readonly sheetVersion: number
  readonly by: { readonly id: string; readonly name: string }
  readonly at: string
  readonly closedAt: string | null
}

/** Sessions in which several reviewers score the same record blind. Who takes part stands in the assignments. */
export class Calibrations {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(
    by: Person,
    o: { title: string; callId: CallId; sheetId: string; sheetVersion: number },
  ): Promise<KeptCalibration> {
    const row: Tables['calibrations'] = {
      calibration_id: reviewId('cal'),
      title: o.title,
      call_id: o.callId,
      sheet_id: o.sheetId,
      sheet_version: o.sheetVersion,
      opened_by: by.id,
      opened_by_name: by.name,
      opened_at: new Date().toISOString(),
      closed_at: null,
    }
    await this.#db.kysely.insertInto('calibrations').values(row).execute()
    return read(row)
  }

  /** Newest first. */
  async all(): Promise<KeptCalibration[]> {
    return (await this.#db.kysely.selectFrom('calibrations').selectAll().orderBy('opened_at', 'desc').execute()).map(
      read,
    )
  }

  /** @throws AppError `not-found` */
  async get(calibrationId: string): Promise<KeptCalibration> {
    const row = await this.#db.kysely
      .selectFrom('calibrations')
      .selectAll()
      .where('calibration_id', '=', calibrationId)
      .executeTakeFirst()
    if (!row) throw new AppError('not-found', 'no such calibration')
    return read(row)
  }

  async close(calibrationId: string): Promise<KeptCalibration> {
    await this.#db.kysely
      .updateTable('calibrations')
      .set({ closed_at: new Date().toISOString() })
      .where('calibration_id', '=', calibrationId)
      .where('closed_at', 'is', null)
      .execute()
    return this.get(calibrationId)
  }
}

function read(row: Tables['calibrations']): KeptCalibration {
  return {
    calibrationId: row.calibration_id,
    title: row.title,
    callId: row.call_id as CallId,
    sheetId: row.sheet_id,
    sheetVersion: row.sheet_version,
    by: { id: row.opened_by, name: row.opened_by_name },
    at: row.opened_at,
    closedAt: row.closed_at,
  }
}
