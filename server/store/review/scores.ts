import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Score } from '../../../signaling/protocol/review-work.ts'
import type { Answers, ScoreResult } from '../../../signaling/protocol/score-sheet.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

export type ScoreRevision = Score & { readonly assignmentId: string | null }

/** Scores of records. Each save is a revision; no row is ever changed. */
export class Scores {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(score: ScoreRevision): Promise<void> {
    await this.#db.kysely
      .insertInto('scores')
      .values({
        score_id: score.scoreId,
        revision: score.revision,
        call_id: score.callId,
        sheet_id: score.sheetId,
        sheet_version: score.sheetVersion,
        kind: score.kind,
        calibration_id: score.calibrationId,
        assignment_id: score.assignmentId,
        reviewer_id: score.reviewer.id,
        reviewer_name: score.reviewer.name,
        state: score.state,
        answers_json: JSON.stringify(score.answers),
        comment: score.comment,
        reason: score.reason,
        result_json: JSON.stringify(score.result),
        at: score.at,
      })
      .execute()
  }

  /** Every revision, oldest first. */
  async revisions(scoreId: string): Promise<ScoreRevision[]> {
    const rows = await this.#db.kysely
      .selectFrom('scores')
      .selectAll()
      .where('score_id', '=', scoreId)
      .orderBy('revision')
      .execute()
    return rows.map(read)
  }

  /** The newest revision of each score of a record. */
  async ofCall(callId: CallId): Promise<ScoreRevision[]> {
    return newest(await this.#db.kysely.selectFrom('scores').selectAll().where('call_id', '=', callId).execute())
  }

  async ofCalibration(calibrationId: string): Promise<ScoreRevision[]> {
    return newest(
      await this.#db.kysely.selectFrom('scores').selectAll().where('calibration_id', '=', calibrationId).execute(),
    )
  }
}

function newest(rows: readonly Tables['scores'][]): ScoreRevision[] {
  const last = new Map<string, Tables['scores']>()
  for (const row of [...rows].sort((a, b) => a.revision - b.revision)) last.set(row.score_id, row)
  return [...last.values()].map(read).sort((a, b) => (a.at < b.at ? -1 : 1))
}

function read(row: Tables['scores']): ScoreRevision {
  return {
    scoreId: row.score_id,
    revision: row.revision,
    callId: row.call_id as CallId,
    sheetId: row.sheet_id,
    sheetVersion: row.sheet_version,
    kind: row.kind,
    calibrationId: row.calibration_id,
    assignmentId: row.assignment_id,
    reviewer: { id: row.reviewer_id, name: row.reviewer_name },
    state: row.state,
    answers: JSON.parse(row.answers_json) as Answers,
    comment: row.comment,
    reason: row.reason,
    result: JSON.parse(row.result_json) as ScoreResult,
    at: row.at,
  }
}
