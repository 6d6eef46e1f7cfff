import { type Generated, type Kysely, sql } from 'kysely'
import type { Tables } from '../tables.ts'

/** The tables of finding and of review work. Rows of work are added, never overwritten; what is taken back says by whom. */
export type ReviewTables = {
  /** What the manifest and the journal say of a call, beside `calls`; rebuilt from them when it is missing or of an older `made_by`. */
  call_facts: {
    call_id: string
    scenario: string | null
    scenario_title_json: string | null
    pictures: number
    entries: number
    evidence_bytes: number
    made_by: number
  }
  call_flags: { call_id: string; flag: string }
  /** Everything that can be read in a call. `plain` is what is searched: see server/review/plain-text.ts. */
  texts: {
    text_id: Generated<number>
    call_id: string
    kind: string
    at_ms: number
    text: string
    plain: string
  }
  /** FTS5 over `texts.plain` by trigrams; `rowid` is `text_id`. */
  texts_fts: { rowid: number; plain: string }
  verdicts: {
    call_id: string
    /** SHA-256 of the manifest that was checked. */
    manifest_sha256: string
    verdict_json: string
    verified_at: string
  }
  saved_searches: {
    search_id: string
    title: string
    rule_json: string
    shared: number
    owner_id: string
    owner_name: string
    created_at: string
    removed_at: string | null
  }
  /** A stated reason opens a record for one sign-in, restarts included. */
  record_grants: {
    sid: string
    call_id: string
    user_id: string
    opened_at: string
    expires_at: string
  }
  releases: {
    release_id: string
    call_id: string
    files_json: string
    reason: string
    asked_by: string
    asked_by_name: string
    asked_at: string
    state: 'asked' | 'agreed' | 'refused' | 'withdrawn'
    answered_by: string | null
    answered_by_name: string | null
    answered_at: string | null
    answer: string | null
    expires_at: string | null
  }
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

type Column = 'text' | 'text?' | 'integer' | 'integer?' | 'serial'

export async function reviewStep(db: Kysely<Tables>): Promise<void> {
  const table = async (
    name: keyof ReviewTables,
    columns: Readonly<Record<string, Column>>,
    key?: readonly string[],
  ) => {
    let builder = db.schema.createTable(name)
    for (const [column, kind] of Object.entries(columns)) {
      const type = kind.startsWith('text') ? 'text' : 'integer'
      builder = builder.addColumn(column, type, spec => {
        if (kind === 'serial') return spec.primaryKey().autoIncrement()
        return kind.endsWith('?') ? spec : spec.notNull()
      })
    }
    if (key) builder = builder.addPrimaryKeyConstraint(`${name}_key`, [...key] as never)
    await builder.execute()
  }
  const index = (on: keyof ReviewTables, ...columns: string[]) =>
    db.schema
      .createIndex(`${on}_by_${columns.join('_')}`)
      .on(on)
      .columns(columns)
      .execute()

  await table(
    'call_facts',
    {
      call_id: 'text',
      scenario: 'text?',
      scenario_title_json: 'text?',
      pictures: 'integer',
      entries: 'integer',
      evidence_bytes: 'integer',
      made_by: 'integer',
    },
    ['call_id'],
  )
  await index('call_facts', 'scenario')
  await table('call_flags', { call_id: 'text', flag: 'text' }, ['call_id', 'flag'])
  await index('call_flags', 'flag')
  await table('texts', {
    text_id: 'serial',
    call_id: 'text',
    kind: 'text',
    at_ms: 'integer',
    text: 'text',
    plain: 'text',
  })
  await index('texts', 'call_id')
  // SQLite's own; on another database the search falls back to LIKE over `texts`.
  await sql`create virtual table texts_fts using fts5(plain, content='texts', content_rowid='text_id', tokenize='trigram', detail='full')`.execute(
    db,
  )
  // What is deleted leaves no word behind in the index's segments.
  await sql`insert into texts_fts(texts_fts, rank) values ('secure-delete', 1)`.execute(db)
  await table('verdicts', { call_id: 'text', manifest_sha256: 'text', verdict_json: 'text', verified_at: 'text' }, [
    'call_id',
  ])
  await table(
    'saved_searches',
    {
      search_id: 'text',
      title: 'text',
      rule_json: 'text',
      shared: 'integer',
      owner_id: 'text',
      owner_name: 'text',
      created_at: 'text',
      removed_at: 'text?',
    },
    ['search_id'],
  )
  await table(
    'record_grants',
    { sid: 'text', call_id: 'text', user_id: 'text', opened_at: 'text', expires_at: 'text' },
    ['sid', 'call_id'],
  )
  await table(
    'releases',
    {
      release_id: 'text',
      call_id: 'text',
      files_json: 'text',
      reason: 'text',
      asked_by: 'text',
      asked_by_name: 'text',
      asked_at: 'text',
      state: 'text',
      answered_by: 'text?',
      answered_by_name: 'text?',
      answered_at: 'text?',
      answer: 'text?',
      expires_at: 'text?',
    },
    ['release_id'],
  )
  await index('releases', 'call_id')
  await workTables(table, index)
}

async function workTables(
  table: (
    name: keyof ReviewTables,
    columns: Readonly<Record<string, Column>>,
    key?: readonly string[],
  ) => Promise<void>,
  index: (on: keyof ReviewTables, ...columns: string[]) => Promise<void>,
): Promise<void> {
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
