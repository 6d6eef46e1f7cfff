import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Release } from '../../../signaling/protocol/review-access.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

export type ReleasePerson = { readonly id: UserId; readonly name: string; readonly mayRelease: boolean }
/** What is fetched: one file of the record, or all of it as a package. */
export type Original = 'package' | { readonly path: string }

/** Two-person release: one asks for originals, another agrees, for a time. Rows stay. */
export class Releases {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async ask(by: ReleasePerson, o: { callId: CallId; files: Release['files']; reason: string }): Promise<Release> {
    const row: Tables['releases'] = {
      release_id: reviewId('rel'),
      call_id: o.callId,
      files_json: JSON.stringify(o.files),
      reason: o.reason,
      asked_by: by.id,
      asked_by_name: by.name,
      asked_at: new Date().toISOString(),
      state: 'asked',
      answered_by: null,
      answered_by_name: null,
      answered_at: null,
      answer: null,
      expires_at: null,
    }
    await this.#db.kysely.insertInto('releases').values(row).execute()
    return read(row, by)
  }

  /** @throws AppError `not-found` */
  async get(releaseId: string, reader: ReleasePerson): Promise<Release> {
    const row = await this.#db.kysely
      .selectFrom('releases')
      .selectAll()
      .where('release_id', '=', releaseId)
      .executeTakeFirst()
    if (!row || (row.asked_by !== reader.id && !reader.mayRelease)) throw new AppError('not-found', 'no such request')
    return read(row, reader)
  }

  /** Own requests; with the right, everybody's. Newest first. */
  async list(reader: ReleasePerson, o: { callId?: CallId | undefined } = {}): Promise<Release[]> {
    let query = this.#db.kysely.selectFrom('releases').selectAll().orderBy('asked_at', 'desc').limit(200)
    if (!reader.mayRelease) query = query.where('asked_by', '=', reader.id)
    if (o.callId) query = query.where('call_id', '=', o.callId)
    return (await query.execute()).map(row => read(row, reader))
  }

  /** @throws AppError `forbidden` for the person who asked, `conflict` when it was answered before, `not-found` */
  async assertAnswerable(by: ReleasePerson, releaseId: string): Promise<Release> {
    const release = await this.get(releaseId, by)
    if (release.askedBy.id === by.id) throw new AppError('forbidden', 'a release needs a second person')
    if (release.state !== 'asked') throw new AppError('conflict', 'this request was answered before')
    return release
  }

  /**
   * The second person's word.
   * @throws AppError `forbidden` for the person who asked, `conflict` when it was answered before
   */
  async answer(
    by: ReleasePerson,
    releaseId: string,
    o: { agreed: boolean; reason: string; validMs: number },
  ): Promise<Release> {
    const release = await this.assertAnswerable(by, releaseId)
    const nowMs = Date.now()
    return this.#settle(release, by, {
      state: o.agreed ? 'agreed' : 'refused',
      answered_by: by.id,
      answered_by_name: by.name,
      answered_at: new Date(nowMs).toISOString(),
      answer: o.reason,
      expires_at: o.agreed ? new Date(nowMs + o.validMs).toISOString() : null,
    })
  }

  /** Taken back by who asked, or ended early by somebody with the right. @throws AppError `conflict` */
  async withdraw(by: ReleasePerson, releaseId: string): Promise<Release> {
    const release = await this.get(releaseId, by)
    if (release.state !== 'asked' && release.state !== 'agreed') throw new AppError('conflict', 'this request is over')
    await this.#db.kysely
      .updateTable('releases')
      .set({ state: 'withdrawn', expires_at: new Date().toISOString() })
      .where('release_id', '=', releaseId)
      .execute()
    return this.get(releaseId, by)
  }

  /** The release under which this person may fetch this original now. */
  async covering(userId: UserId, callId: CallId, original: Original): Promise<string | undefined> {
    const rows = await this.#db.kysely
      .selectFrom('releases')
      .selectAll()
      .where('call_id', '=', callId)
      .where('asked_by', '=', userId)
      .where('state', '=', 'agreed')
      .where('expires_at', '>', new Date().toISOString())
      .execute()
    return rows.find(row => covers(JSON.parse(row.files_json) as Release['files'], original))?.release_id
  }

  async #settle(release: Release, by: ReleasePerson, set: Partial<Tables['releases']>): Promise<Release> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('releases')
      .set(set)
      .where('release_id', '=', release.releaseId)
      .where('state', '=', 'asked')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw new AppError('conflict', 'this request was answered before')
    return this.get(release.releaseId, by)
  }
}

/** A package holds every file; a list of files is no package. */
function covers(files: Release['files'], original: Original): boolean {
  if (files === 'package') return true
  return original !== 'package' && files.includes(original.path)
}

function read(row: Tables['releases'], reader: ReleasePerson): Release {
  const over = row.state === 'agreed' && row.expires_at !== null && row.expires_at <= new Date().toISOString()
  return {
    releaseId: row.release_id,
    callId: row.call_id as CallId,
    files: JSON.parse(row.files_json) as Release['files'],
    reason: row.reason,
    askedBy: { id: row.asked_by, name: row.asked_by_name },
    askedAt: row.asked_at,
    state: over ? 'expired' : row.state,
    answeredBy: row.answered_by === null ? null : { id: row.answered_by, name: row.answered_by_name ?? '' },
    answeredAt: row.answered_at,
    answer: row.answer,
    expiresAt: row.expires_at,
    mayAnswer: row.state === 'asked' && reader.mayRelease && row.asked_by !== reader.id,
  }
}
