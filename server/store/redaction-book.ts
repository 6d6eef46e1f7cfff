import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Redaction, RedactionItems, RedactionVersion } from '../../signaling/protocol/redaction.ts'
import type { By } from '../../signaling/protocol/review-work.ts'
import type { Database } from './database.ts'
import { shortId } from './short-id.ts'
import type { Tables } from './tables.ts'

type Row = Tables['redactions']
type VersionRow = Tables['redaction_versions']
export type Reader = By & { readonly mayRelease: boolean }

/** Redactions of records: drafts in versions, what was applied, who let it go. Versions are only added. */
export class RedactionBook {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(o: { callId: CallId; title: string; items: RedactionItems; by: By }): Promise<string> {
    const redactionId = shortId('red')
    const none = { failure: null, applied_by: null, applied_by_name: null, applied_at: null, applied_version: null }
    const unasked = { asked_by: null, asked_by_name: null, asked_at: null, ask_reason: null }
    const unanswered = { answered_by: null, answered_by_name: null, answered_at: null, answer: null }
    const at = new Date().toISOString()
    await this.#db.kysely.transaction().execute(async tx => {
      await tx
        .insertInto('redactions')
        .values({
          ...{ ...none, ...unasked, ...unanswered, redaction_id: redactionId, call_id: o.callId, title: o.title },
          ...{ state: 'draft', created_at: at, manifest_sha256: null, files_json: '[]', release_state: 'none' },
        })
        .execute()
      await tx
        .insertInto('redaction_versions')
        .values(versionRow(redactionId, 1, { ...o, at }))
        .execute()
    })
    return redactionId
  }

  /** @throws AppError `conflict` when a newer version was saved meanwhile, or it was applied */
  async addVersion(
    redactionId: string,
    o: { callId: CallId; basedOn: number; items: RedactionItems; by: By },
  ): Promise<void> {
    await this.#db.kysely.transaction().execute(async tx => {
      const row = await tx
        .selectFrom('redactions')
        .selectAll()
        .where('redaction_id', '=', redactionId)
        .executeTakeFirst()
      if (row?.state !== 'draft' && row?.state !== 'failed')
        throw new AppError('conflict', 'this redaction is applied: begin a new one')
      const { newest } = await tx
        .selectFrom('redaction_versions')
        .select(({ fn }) => fn.max('version').as('newest'))
        .where('redaction_id', '=', redactionId)
        .executeTakeFirstOrThrow()
      if (Number(newest) !== o.basedOn) throw new AppError('conflict', 'a colleague saved a newer version meanwhile')
      const at = new Date().toISOString()
      await tx
        .insertInto('redaction_versions')
        .values(versionRow(redactionId, o.basedOn + 1, { ...o, at }))
        .execute()
      await tx.updateTable('redactions').set({ state: 'draft' }).where('redaction_id', '=', redactionId).execute()
    })
  }

  /** From one state to another, at once; false when it is in another state. */
  async turn(redactionId: string, from: readonly Row['state'][], change: Partial<Row>): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('redactions')
      .set(change)
      .where('redaction_id', '=', redactionId)
      .where('state', 'in', from)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async turnRelease(
    redactionId: string,
    from: readonly Row['release_state'][],
    change: Partial<Row>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('redactions')
      .set(change)
      .where('redaction_id', '=', redactionId)
      .where('state', '=', 'applied')
      .where('release_state', 'in', from)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** At start: what was being applied when the last server ended. */
  async interrupted(): Promise<{ redactionId: string; callId: CallId }[]> {
    const rows = await this.#db.kysely.selectFrom('redactions').selectAll().where('state', '=', 'applying').execute()
    return rows.map(row => ({ redactionId: row.redaction_id, callId: row.call_id as CallId }))
  }

  /** @throws AppError `not-found` */
  async callOf(redactionId: string): Promise<CallId> {
    return (await this.#row(redactionId)).call_id as CallId
  }

  async versions(redactionId: string): Promise<RedactionVersion[]> {
    const rows = await this.#db.kysely
      .selectFrom('redaction_versions')
      .selectAll()
      .where('redaction_id', '=', redactionId)
      .orderBy('version')
      .execute()
    return rows.map(readVersion)
  }

  /** @throws AppError `not-found` */
  async get(redactionId: string, reader: Reader): Promise<Redaction> {
    return this.#read(await this.#row(redactionId), reader)
  }

  /** Newest first. */
  async list(reader: Reader, of: { callId: CallId } | { releaseState: Row['release_state'] }): Promise<Redaction[]> {
    const all = this.#db.kysely.selectFrom('redactions').selectAll().orderBy('created_at', 'desc').limit(200)
    const query =
      'callId' in of ? all.where('call_id', '=', of.callId) : all.where('release_state', '=', of.releaseState)
    return Promise.all((await query.execute()).map(row => this.#read(row, reader)))
  }

  async #row(redactionId: string): Promise<Row> {
    const row = await this.#db.kysely
      .selectFrom('redactions')
      .selectAll()
      .where('redaction_id', '=', redactionId)
      .executeTakeFirst()
    if (!row) throw new AppError('not-found', 'no such redaction')
    return row
  }

  async #read(row: Row, reader: Reader): Promise<Redaction> {
    const versions = await this.versions(row.redaction_id)
    const version = versions.at(-1)
    if (!version) throw new AppError('internal', 'a redaction without a version')
    const involved = [...versions.map(one => one.by.id), row.applied_by, row.asked_by]
    return {
      redactionId: row.redaction_id,
      callId: row.call_id as CallId,
      title: row.title,
      state: row.state,
      version,
      progress: null,
      failure: row.failure,
      applied:
        row.state === 'applied'
          ? {
              by: { id: row.applied_by ?? '', name: row.applied_by_name ?? '' },
              at: row.applied_at ?? '',
              manifestSha256: row.manifest_sha256 ?? '',
              files: JSON.parse(row.files_json),
            }
          : null,
      release: {
        state: row.release_state,
        askedBy: personOf(row.asked_by, row.asked_by_name),
        askedAt: row.asked_at,
        reason: row.ask_reason,
        answeredBy: personOf(row.answered_by, row.answered_by_name),
        answeredAt: row.answered_at,
        answer: row.answer,
      },
      mayAnswer: row.release_state === 'asked' && reader.mayRelease && !involved.includes(reader.id),
    }
  }
}

function personOf(id: string | null, name: string | null): By | null {
  return id === null ? null : { id, name: name ?? '' }
}

function versionRow(
  redactionId: string,
  version: number,
  o: { callId: CallId; items: RedactionItems; by: By; at: string },
): VersionRow {
  return {
    ...{ redaction_id: redactionId, version, call_id: o.callId, items_json: JSON.stringify(o.items) },
    ...{ author: o.by.id, author_name: o.by.name, at: o.at },
  }
}

function readVersion(row: VersionRow): RedactionVersion {
  const { version, at } = row
  return { version, items: JSON.parse(row.items_json), by: { id: row.author, name: row.author_name }, at }
}
