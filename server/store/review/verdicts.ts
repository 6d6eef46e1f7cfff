import type { ArchiveVerdict } from '../../../signaling/protocol/archive.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Database } from '../database.ts'

export type KnownVerdict = {
  readonly verdict: ArchiveVerdict
  readonly verifiedAt: string
  readonly manifestSha256: string
}

/** The last verdict of each record, so that opening need not wait for every byte. */
export class Verdicts {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async put(callId: CallId, known: KnownVerdict): Promise<void> {
    const row = {
      call_id: callId,
      manifest_sha256: known.manifestSha256,
      verdict_json: JSON.stringify(known.verdict),
      verified_at: known.verifiedAt,
    }
    await this.#db.kysely
      .insertInto('verdicts')
      .values(row)
      .onConflict(conflict => conflict.column('call_id').doUpdateSet(row))
      .execute()
  }

  async get(callId: CallId): Promise<KnownVerdict | undefined> {
    const row = await this.#db.kysely
      .selectFrom('verdicts')
      .selectAll()
      .where('call_id', '=', callId)
      .executeTakeFirst()
    return (
      row && {
        verdict: JSON.parse(row.verdict_json) as ArchiveVerdict,
        verifiedAt: row.verified_at,
        manifestSha256: row.manifest_sha256,
      }
    )
  }
}
