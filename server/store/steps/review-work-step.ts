import type { Generated, Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { tablesOf } from './tables-of.ts'

/** The tables of review work. Rows are added, never overwritten; what is taken back says by whom. */
export type ReviewWorkTables = {
  comments: {
    comment_id: string
    call_id: string
    at_ms: number | null
    text: string
    reply_to: string | null
    author_id: string
    author_name: string
    at: string
  }
  /** Each time a comment was resolved or taken up again. */
  comment_turns: {
    turn: Generated<number>
    comment_id: string
    resolved: number
    user_id: string
    user_name: string
    at: string
  }
  tags: {
    tag_id: Generated<number>
    call_id: string
    tag: string
    added_by: string
    added_by_name: string
    added_at: string
    removed_by: string | null
    removed_at: string | null
  }
  /** The customer's number or file in the operator's books; the newest row counts, an empty one says none. */
  call_references: {
    reference_id: Generated<number>
    call_id: string
    reference: string
    set_by: string
    set_by_name: string
    set_at: string
  }
  score_sheets: {
    sheet_id: string
    version: number
    sheet_json: string
    made_by: string
    made_by_name: string
    made_at: string
    retired_at: string | null
  }
  /** Each save is a revision; the newest one counts. */
  scores: {
    score_id: string
    revision: number
    call_id: string
    sheet_id: string
    sheet_version: number
    kind: 'check' | 'second' | 'calibration'
    calibration_id: string | null
    assignment_id: string | null
    reviewer_id: string
    reviewer_name: string
    state: 'draft' | 'final'
    answers_json: string
    comment: string
    reason: string | null
    result_json: string
    at: string
  }
  assignments: {
    assignment_id: string
    call_id: string
    kind: 'check' | 'second' | 'calibration'
    state: 'open' | 'in-work' | 'done' | 'withdrawn'
    reviewer_id: string
    reviewer_name: string
    assigned_by: string
    assigned_by_name: string
    assigned_at: string
    due_at: string | null
    note: string
    sample_id: string | null
    calibration_id: string | null
    sheet_id: string | null
    done_at: string | null
  }
  samples: {
    sample_id: string
    title: string
    rule_json: string
    method_json: string
    without_earlier: number
    seed: string
    drawn_by: string
    drawn_by_name: string
    drawn_at: string
    /** Ids of all calls it was drawn from, sorted. */
    population_json: string
    population_sha256: string
  }
  sample_calls: {
    sample_id: string
    call_id: string
    place: number
    stratum: string
    of_stratum: number
    ticket: string
  }
  calibrations: {
    calibration_id: string
    title: string
    call_id: string
    sheet_id: string
    sheet_version: number
    opened_by: string
    opened_by_name: string
    opened_at: string
    closed_at: string | null
  }
}

/** A part of the step of finding: both came at once. */
export async function reviewWorkTables(db: Kysely<Tables>): Promise<void> {
  const { table, index } = tablesOf<ReviewWorkTables>(db)
  await table(
    'comments',
    {
      comment_id: 'text',
      call_id: 'text',
      at_ms: 'integer?',
      text: 'text',
      reply_to: 'text?',
      author_id: 'text',
      author_name: 'text',
      at: 'text',
    },
    ['comment_id'],
  )
  await index('comments', 'call_id')
  await table('comment_turns', {
    turn: 'serial',
    comment_id: 'text',
    resolved: 'integer',
    user_id: 'text',
    user_name: 'text',
    at: 'text',
  })
  await index('comment_turns', 'comment_id')
  await table('tags', {
    tag_id: 'serial',
    call_id: 'text',
    tag: 'text',
    added_by: 'text',
    added_by_name: 'text',
    added_at: 'text',
    removed_by: 'text?',
    removed_at: 'text?',
  })
  await index('tags', 'call_id')
  await index('tags', 'tag')
  await table('call_references', {
    reference_id: 'serial',
    call_id: 'text',
    reference: 'text',
    set_by: 'text',
    set_by_name: 'text',
    set_at: 'text',
  })
  await index('call_references', 'call_id')
  await table(
    'score_sheets',
    {
      sheet_id: 'text',
      version: 'integer',
      sheet_json: 'text',
      made_by: 'text',
      made_by_name: 'text',
      made_at: 'text',
      retired_at: 'text?',
    },
    ['sheet_id', 'version'],
  )
  await table(
    'scores',
    {
      score_id: 'text',
      revision: 'integer',
      call_id: 'text',
      sheet_id: 'text',
      sheet_version: 'integer',
      kind: 'text',
      calibration_id: 'text?',
      assignment_id: 'text?',
      reviewer_id: 'text',
      reviewer_name: 'text',
      state: 'text',
      answers_json: 'text',
      comment: 'text',
      reason: 'text?',
      result_json: 'text',
      at: 'text',
    },
    ['score_id', 'revision'],
  )
  await index('scores', 'call_id')
  await table(
    'assignments',
    {
      assignment_id: 'text',
      call_id: 'text',
      kind: 'text',
      state: 'text',
      reviewer_id: 'text',
      reviewer_name: 'text',
      assigned_by: 'text',
      assigned_by_name: 'text',
      assigned_at: 'text',
      due_at: 'text?',
      note: 'text',
      sample_id: 'text?',
      calibration_id: 'text?',
      sheet_id: 'text?',
      done_at: 'text?',
    },
    ['assignment_id'],
  )
  await index('assignments', 'reviewer_id', 'state')
  await index('assignments', 'call_id')
  await table(
    'samples',
    {
      sample_id: 'text',
      title: 'text',
      rule_json: 'text',
      method_json: 'text',
      without_earlier: 'integer',
      seed: 'text',
      drawn_by: 'text',
      drawn_by_name: 'text',
      drawn_at: 'text',
      population_json: 'text',
      population_sha256: 'text',
    },
    ['sample_id'],
  )
  await table(
    'sample_calls',
    { sample_id: 'text', call_id: 'text', place: 'integer', stratum: 'text', of_stratum: 'integer', ticket: 'text' },
    ['sample_id', 'call_id'],
  )
  await index('sample_calls', 'call_id')
  await table(
    'calibrations',
    {
      calibration_id: 'text',
      title: 'text',
      call_id: 'text',
      sheet_id: 'text',
      sheet_version: 'integer',
      opened_by: 'text',
      opened_by_name: 'text',
      opened_at: 'text',
      closed_at: 'text?',
    },
    ['calibration_id'],
  )
}
