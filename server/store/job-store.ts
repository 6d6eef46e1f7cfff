import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JobKind } from '../../signaling/protocol/record-job.ts'
import type { Database } from './database.ts'

export type StoredJob = {
  readonly callId: CallId
  readonly kind: JobKind
  readonly state: 'pending' | 'done' | 'failed'
  readonly attempts: number
  readonly failure: string | undefined
  readonly file: string | undefined
}

/** What became of long work on derivatives; what was pending when the server ended is taken up by the next one. */
export class JobStore {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async put(job: StoredJob): Promise<void> {
    const row = {
      call_id: job.callId,
      kind: job.kind,
      state: job.state,
      attempts: job.attempts,
      failure: job.failure ?? null,
      file: job.file ?? null,
      updated_at: new Date().toISOString(),
    }
    await this.#db.kysely
      .insertInto('mux_jobs')
      .values(row)
      .onConflict(conflict => conflict.columns(['call_id', 'kind']).doUpdateSet(row))
      .execute()
  }

  async ofCall(callId: CallId): Promise<StoredJob[]> {
    return (await this.#db.kysely.selectFrom('mux_jobs').selectAll().where('call_id', '=', callId).execute()).map(read)
  }

  async pending(): Promise<StoredJob[]> {
    const rows = this.#db.kysely.selectFrom('mux_jobs').selectAll().where('state', '=', 'pending')
    return (await rows.orderBy('updated_at').execute()).map(read)
  }

  /** Resolves with the number of jobs there were. */
  async forget(callId: CallId): Promise<number> {
    const gone = await this.#db.kysely.deleteFrom('mux_jobs').where('call_id', '=', callId).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }
}

function read(row: {
  call_id: string
  kind: JobKind
  state: StoredJob['state']
  attempts: number
  failure: string | null
  file: string | null
}): StoredJob {
  return {
    callId: row.call_id as CallId,
    kind: row.kind,
    state: row.state,
    attempts: row.attempts,
    failure: row.failure ?? undefined,
    file: row.file ?? undefined,
  }
}
