import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { Assignment, WorkItem } from '../../../signaling/protocol/review-work.ts'
import { maskNumber } from '../../review/mask-number.ts'
import { reviewId } from '../../review/review-id.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'

type Person = { readonly id: UserId; readonly name: string }
export type NewAssignment = {
  readonly callId: CallId
  readonly kind: Assignment['kind']
  readonly reviewer: Person
  readonly dueAt?: string | undefined
  readonly note?: string
  readonly sampleId?: string
  readonly calibrationId?: string
  readonly sheetId?: string | undefined
}
const PAGE_ROWS = 500

/** Who is to look at what, until when. */
export class Assignments {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async add(by: Person, all: readonly NewAssignment[]): Promise<Assignment[]> {
    const at = new Date().toISOString()
    const rows = all.map((one): Tables['assignments'] => ({
      assignment_id: reviewId('task'),
      call_id: one.callId,
      kind: one.kind,
      state: 'open',
      reviewer_id: one.reviewer.id,
      reviewer_name: one.reviewer.name,
      assigned_by: by.id,
      assigned_by_name: by.name,
      assigned_at: at,
      due_at: one.dueAt ?? null,
      note: one.note ?? '',
      sample_id: one.sampleId ?? null,
      calibration_id: one.calibrationId ?? null,
      sheet_id: one.sheetId ?? null,
      done_at: null,
    }))
    for (const row of rows) await this.#db.kysely.insertInto('assignments').values(row).execute()
    return rows.map(read)
  }

  /** @throws AppError `not-found` */
  async get(assignmentId: string): Promise<Assignment> {
    const row = await this.#db.kysely
      .selectFrom('assignments')
      .selectAll()
      .where('assignment_id', '=', assignmentId)
      .executeTakeFirst()
    if (!row) throw new AppError('not-found', 'no such assignment')
    return read(row)
  }

  async ofCall(callId: CallId): Promise<Assignment[]> {
    return this.#where('call_id', callId)
  }

  async ofSample(sampleId: string): Promise<Assignment[]> {
    return this.#where('sample_id', sampleId)
  }

  async ofCalibration(calibrationId: string): Promise<Assignment[]> {
    return this.#where('calibration_id', calibrationId)
  }

  async setState(assignmentId: string, state: Assignment['state']): Promise<Assignment> {
    await this.#db.kysely
      .updateTable('assignments')
      .set({ state, done_at: state === 'done' ? new Date().toISOString() : null })
      .where('assignment_id', '=', assignmentId)
      .execute()
    return this.get(assignmentId)
  }

  /** Opening a record begins the work on it. */
  async begin(reviewerId: UserId, callId: CallId): Promise<void> {
    await this.#db.kysely
      .updateTable('assignments')
      .set({ state: 'in-work' })
      .where('reviewer_id', '=', reviewerId)
      .where('call_id', '=', callId)
      .where('state', '=', 'open')
      .execute()
  }

  /** A list of work: what is due first comes first, what has no date last. */
  async list(o: { reviewerId?: string | undefined; states: readonly Assignment['state'][] }): Promise<WorkItem[]> {
    let query = this.#db.kysely
      .selectFrom('assignments')
      .innerJoin('calls', 'calls.call_id', 'assignments.call_id')
      .selectAll('assignments')
      .select(['calls.answered_at', 'calls.duration_ms', 'calls.agent_name', 'calls.from_number'])
      .where('assignments.state', 'in', o.states)
    if (o.reviewerId !== undefined) query = query.where('reviewer_id', '=', o.reviewerId)
    const rows = await query
      .orderBy(eb => eb.case().when('due_at', 'is', null).then(1).else(0).end())
      .orderBy('due_at')
      .orderBy('assigned_at')
      .orderBy('assignment_id')
      .limit(PAGE_ROWS)
      .execute()
    const now = new Date().toISOString()
    return rows.map(row => ({
      ...read(row),
      overdue: row.due_at !== null && row.due_at < now && (row.state === 'open' || row.state === 'in-work'),
      call: {
        answeredAt: row.answered_at,
        durationMs: row.duration_ms,
        agentName: row.agent_name,
        from: maskNumber(row.from_number),
      },
    }))
  }

  /** `userId callId` of every assignment there ever was. */
  async pairs(): Promise<Set<string>> {
    const rows = await this.#db.kysely.selectFrom('assignments').select(['reviewer_id', 'call_id']).execute()
    return new Set(rows.map(row => `${row.reviewer_id} ${row.call_id}`))
  }

  async #where(column: 'call_id' | 'sample_id' | 'calibration_id', value: string): Promise<Assignment[]> {
    const rows = await this.#db.kysely
      .selectFrom('assignments')
      .selectAll()
      .where(column, '=', value)
      .orderBy('assigned_at')
      .orderBy('assignment_id')
      .execute()
    return rows.map(read)
  }
}

function read(row: Tables['assignments']): Assignment {
  return {
    assignmentId: row.assignment_id,
    callId: row.call_id as CallId,
    kind: row.kind,
    state: row.state,
    reviewer: { id: row.reviewer_id, name: row.reviewer_name },
    by: { id: row.assigned_by, name: row.assigned_by_name },
    at: row.assigned_at,
    dueAt: row.due_at,
    note: row.note,
    sampleId: row.sample_id,
    calibrationId: row.calibration_id,
    sheetId: row.sheet_id,
    doneAt: row.done_at,
  }
}
