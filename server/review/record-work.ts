import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { RecordWork as Shown } from '../../signaling/protocol/review.ts'
import type { Assignment, NewScore, Score } from '../../signaling/protocol/review-work.ts'
import type { Assignments } from '../store/review/assignments.ts'
import type { Calibrations } from '../store/review/calibrations.ts'
import type { RecordNotes } from '../store/review/record-notes.ts'
import type { RecordSearch } from '../store/review/record-search.ts'
import type { ScoreSheets } from '../store/review/score-sheets.ts'
import type { ScoreRevision, Scores } from '../store/review/scores.ts'
import { reviewId } from './review-id.ts'
import { scoreResult, wrongAnswers } from './score-result.ts'

type Person = { readonly id: UserId; readonly name: string }
export type RecordWorkOptions = {
  readonly search: RecordSearch
  readonly notes: RecordNotes
  readonly sheets: ScoreSheets
  readonly scores: Scores
  readonly assignments: Assignments
  readonly calibrations: Calibrations
}

/** What colleagues do at a record, and who may see what of it while others still judge for themselves. */
export class RecordWork {
  readonly #o: RecordWorkOptions
  constructor(o: RecordWorkOptions) {
    this.#o = o
  }

  /** Opening a record begins the reader's work on it. */
  begin(userId: UserId, callId: CallId): Promise<void> {
    return this.#o.assignments.begin(userId, callId)
  }

  /** @throws AppError `not-found` */
  async of(callId: CallId, reader: Person): Promise<Shown> {
    const { search, notes, assignments } = this.#o
    const [row, comments, tags, scores, all] = await Promise.all([
      search.row(callId),
      notes.comments(callId),
      notes.tags(callId),
      this.#o.scores.ofCall(callId),
      assignments.ofCall(callId),
    ])
    if (!row) throw new AppError('not-found', 'no such record')
    return { row, comments, tags, scores: await this.#shownTo(reader, scores, all), assignments: all }
  }

  /**
   * Saves a score as a new revision.
   * @throws AppError `bad-request` (answers that are none, a final one with gaps), `conflict` (retired sheet, closed
   * calibration, a final score changed without a reason), `not-found`
   */
  async score(by: Person, callId: CallId, o: NewScore): Promise<Score> {
    const sheet = await this.#o.sheets.get(o.sheetId, o.sheetVersion)
    const wrong = wrongAnswers(sheet, o.answers)
    if (wrong.length > 0) throw new AppError('bad-request', `no answers to this sheet: ${wrong.join(', ')}`)
    const result = scoreResult(sheet, o.answers)
    if (o.state === 'final' && result.unanswered.length > 0)
      throw new AppError('bad-request', `still to be answered: ${result.unanswered.join(', ')}`)
    const assignment = await this.#assignment(by, callId, o)
    const kind = assignment?.kind ?? 'check'
    const before = (await this.#o.scores.ofCall(callId)).find(
      score =>
        score.reviewer.id === by.id &&
        score.sheetId === o.sheetId &&
        score.assignmentId === (assignment?.assignmentId ?? null),
    )
    if (!before && sheet.retired) throw new AppError('conflict', 'this score sheet is no longer used')
    await this.#assertOpen(before, assignment, o)
    const score: ScoreRevision = {
      scoreId: before?.scoreId ?? reviewId('score'),
      revision: (before?.revision ?? 0) + 1,
      callId,
      sheetId: o.sheetId,
      sheetVersion: o.sheetVersion,
      kind,
      calibrationId: assignment?.calibrationId ?? null,
      assignmentId: assignment?.assignmentId ?? null,
      reviewer: { id: by.id, name: by.name },
      state: o.state,
      answers: o.answers,
      comment: o.comment,
      reason: o.reason ?? null,
      result,
      at: new Date().toISOString(),
    }
    await this.#o.scores.add(score)
    if (assignment && o.state === 'final') await this.#o.assignments.setState(assignment.assignmentId, 'done')
    return shown(score)
  }

  /** Every revision of a score the reader may see. @throws AppError `not-found` */
  async revisions(scoreId: string, reader: Person): Promise<{ callId: CallId; revisions: Score[] }> {
    const revisions = await this.#o.scores.revisions(scoreId)
    const [first] = revisions
    if (!first) throw new AppError('not-found', 'no such score')
    const { scores } = await this.of(first.callId, reader)
    if (!scores.some(score => score.scoreId === scoreId)) throw new AppError('not-found', 'no such score')
    // Another person's drafts are their own.
    const mine = first.reviewer.id === reader.id
    return { callId: first.callId, revisions: revisions.filter(one => mine || one.state === 'final').map(shown) }
  }

  async #assignment(by: Person, callId: CallId, o: NewScore): Promise<Assignment | undefined> {
    if (o.assignmentId !== undefined) {
      const assignment = await this.#o.assignments.get(o.assignmentId)
      if (assignment.reviewer.id !== by.id || assignment.callId !== callId)
        throw new AppError('not-found', 'no such assignment of yours')
      return assignment
    }
    const all = await this.#o.assignments.ofCall(callId)
    return all.find(
      one =>
        one.reviewer.id === by.id && one.state !== 'withdrawn' && (one.sheetId === null || one.sheetId === o.sheetId),
    )
  }

  async #assertOpen(before: Score | undefined, assignment: Assignment | undefined, o: NewScore): Promise<void> {
    if (assignment?.calibrationId) {
      const calibration = await this.#o.calibrations.get(assignment.calibrationId)
      if (calibration.closedAt !== null) throw new AppError('conflict', 'this calibration is closed')
      if (calibration.sheetId !== o.sheetId || calibration.sheetVersion !== o.sheetVersion)
        throw new AppError('bad-request', 'a calibration is scored on its own sheet')
    }
    if (!before) return
    const final = (await this.#o.scores.revisions(before.scoreId)).some(one => one.state === 'final')
    if (final && o.state === 'draft') throw new AppError('conflict', 'this score is final')
    if (final && o.reason === undefined) throw new AppError('conflict', 'changing a final score needs a reason')
  }

  /**
   * Blind where it must be: nobody sees colleagues' drafts; who owes a second opinion sees no score before the own one is
   * final; scores of a calibration are seen when it is closed.
   */
  async #shownTo(reader: Person, scores: readonly ScoreRevision[], all: readonly Assignment[]): Promise<Score[]> {
    const owes = all.some(
      one =>
        one.kind === 'second' && one.reviewer.id === reader.id && (one.state === 'open' || one.state === 'in-work'),
    )
    const kept: Score[] = []
    for (const score of scores) {
      if (score.reviewer.id === reader.id) kept.push(shown(score))
      else if (score.state !== 'final' || owes) continue
      else if (score.calibrationId === null || (await this.#o.calibrations.get(score.calibrationId)).closedAt !== null)
        kept.push(shown(score))
    }
    return kept
  }
}

function shown({ assignmentId: _, ...score }: ScoreRevision): Score {
  return score
}
