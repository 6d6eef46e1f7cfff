import { type Generated, type Kysely, sql } from 'kysely'
import type { Tables } from '../tables.ts'
import { type ReviewWorkTables, reviewWorkTables } from './review-work-step.ts'
import { tablesOf } from './tables-of.ts'

/** The tables of finding and opening records. */
export type FindTables = {
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
}

export type ReviewTables = FindTables & ReviewWorkTables

export async function reviewStep(db: Kysely<Tables>): Promise<void> {
  const { table, index } = tablesOf<FindTables>(db)
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
  await reviewWorkTables(db)
}
