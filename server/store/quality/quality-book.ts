import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { NewAnswer, PersonAnswer, QualityFinding } from '../../../signaling/protocol/quality.ts'
import type { Database } from '../database.ts'

export type RunRow = { readonly run: number; readonly at: string; readonly state: 'done' | 'failed' }

/** Which records were checked, what was found in short, and what people said to it. */
export class QualityBook {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async lastRun(callId: CallId): Promise<RunRow | undefined> {
    return this.#db.kysely
      .selectFrom('quality_runs')
      .select(['run', 'at', 'state'])
      .where('call_id', '=', callId)
      .orderBy('run', 'desc')
      .executeTakeFirst()
  }

  async put(o: {
    readonly callId: CallId
    readonly run: number
    readonly rulesVersion: string
    readonly state: 'done' | 'failed'
    readonly findings: readonly QualityFinding[]
  }): Promise<void> {
    const { callId: call_id, run, rulesVersion: rules_version, state, findings } = o
    await this.#db.kysely.transaction().execute(async tx => {
      const at = new Date().toISOString()
      await tx
        .insertInto('quality_runs')
        .values({ call_id, run, at, rules_version, state, findings: findings.length })
        .execute()
      if (state === 'failed') return
      await tx.deleteFrom('quality_findings').where('call_id', '=', call_id).execute()
      for (const { ruleId: rule_id, kind, severity, evidence } of findings)
        await tx
          .insertInto('quality_findings')
          .values({ call_id, rule_id, kind, severity, at_ms: Math.round(evidence[0]?.atMs ?? 0) })
          .execute()
    })
  }

  /** Records with deliverables that no check has looked at, newest first. */
  async unchecked(limit: number): Promise<CallId[]> {
    const rows = await this.#db.kysely
      .selectFrom('calls')
      .leftJoin('quality_runs', 'quality_runs.call_id', 'calls.call_id')
      .select('calls.call_id as id')
      .where('calls.state', '=', 'muxed')
      .where('quality_runs.call_id', 'is', null)
      .orderBy('calls.answered_at', 'desc')
      .limit(limit)
      .execute()
    return rows.map(row => row.id as CallId)
  }

  async answer(callId: CallId, user: { id: UserId; name: string }, given: NewAnswer): Promise<void> {
    await this.#db.kysely
      .insertInto('quality_answers')
      .values({
        call_id: callId,
        checklist_id: given.checklistId,
        item_id: given.itemId,
        answer: given.answer,
        note: given.note,
        user_id: user.id,
        user_name: user.name,
        at: new Date().toISOString(),
      })
      .execute()
  }

  /** The newest of each item. */
  async answers(callId: CallId): Promise<PersonAnswer[]> {
    const rows = await this.#db.kysely
      .selectFrom('quality_answers')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('at')
      .execute()
    const newest = new Map<string, PersonAnswer>()
    for (const row of rows)
      newest.set(`${row.checklist_id} ${row.item_id}`, {
        checklistId: row.checklist_id,
        itemId: row.item_id,
        answer: row.answer,
        note: row.note,
        by: row.user_name,
        at: row.at,
      })
    return [...newest.values()]
  }
}
