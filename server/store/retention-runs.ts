import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RunRow } from '../../signaling/protocol/retention.ts'
import type { Database } from './database.ts'
import { shortId } from './short-id.ts'
import type { Tables } from './tables.ts'

type Row = Tables['retention_runs']

/** Runs of the retention policy: planned, agreed to, carried out. */
export class RetentionRuns {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(o: {
    kind: Row['kind']
    state: 'waiting' | 'running'
    by: string
    policyVersion: string
    calls: readonly CallId[]
  }): Promise<string> {
    const runId = shortId('run')
    await this.#db.kysely
      .insertInto('retention_runs')
      .values({
        run_id: runId,
        kind: o.kind,
        state: o.state,
        planned_at: new Date().toISOString(),
        ended_at: null,
        asked_by: o.by,
        policy_version: o.policyVersion,
        calls_json: JSON.stringify(o.calls),
        purged: 0,
        failed: 0,
        confirmed_by: null,
      })
      .execute()
    return runId
  }

  async update(
    runId: string,
    change: Partial<Pick<Row, 'state' | 'ended_at' | 'purged' | 'failed' | 'confirmed_by'>>,
  ): Promise<void> {
    await this.#db.kysely.updateTable('retention_runs').set(change).where('run_id', '=', runId).execute()
  }

  /** A newer plan replaces one that waits. */
  async dropWaiting(): Promise<void> {
    await this.#db.kysely.deleteFrom('retention_runs').where('state', '=', 'waiting').execute()
  }

  /** At start: a run that was going on has ended with the process; its purges were finished one by one. */
  async endInterrupted(): Promise<void> {
    await this.#db.kysely
      .updateTable('retention_runs')
      .set({ state: 'done', ended_at: new Date().toISOString() })
      .where('state', '=', 'running')
      .execute()
  }

  async calls(runId: string): Promise<CallId[]> {
    const row = await this.#row(runId)
    return row ? (JSON.parse(row.calls_json) as CallId[]) : []
  }

  async get(runId: string): Promise<RunRow | undefined> {
    const row = await this.#row(runId)
    return row && read(row)
  }

  /** Newest first. */
  async latest(count: number): Promise<RunRow[]> {
    const rows = await this.#db.kysely
      .selectFrom('retention_runs')
      .selectAll()
      .orderBy('planned_at', 'desc')
      .limit(count)
      .execute()
    return rows.map(read)
  }

  #row(runId: string): Promise<Row | undefined> {
    return this.#db.kysely.selectFrom('retention_runs').selectAll().where('run_id', '=', runId).executeTakeFirst()
  }
}

function read(row: Row): RunRow {
  return {
    runId: row.run_id,
    kind: row.kind,
    state: row.state,
    plannedAt: row.planned_at,
    endedAt: row.ended_at,
    by: row.asked_by,
    calls: (JSON.parse(row.calls_json) as unknown[]).length,
    purged: row.purged,
    failed: row.failed,
    confirmedBy: row.confirmed_by,
  }
}
