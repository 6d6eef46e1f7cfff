import type { Kysely } from 'kysely'
import type { REDACTION_RELEASE_STATES, REDACTION_STATES } from '../../../signaling/protocol/redaction-kinds.ts'
import type { Tables } from '../tables.ts'

/** The tables of redactions and their releases. Texts are named by their places in the journal, never copied here. */
export type RedactionTables = {
  redactions: {
    redaction_id: string
    call_id: string
    title: string
    state: (typeof REDACTION_STATES)[number]
    failure: string | null
    created_at: string
    applied_by: string | null
    applied_by_name: string | null
    applied_at: string | null
    applied_version: number | null
    manifest_sha256: string | null
    /** Files of the copy, JSON. */
    files_json: string
    release_state: (typeof REDACTION_RELEASE_STATES)[number]
    asked_by: string | null
    asked_by_name: string | null
    asked_at: string | null
    ask_reason: string | null
    answered_by: string | null
    answered_by_name: string | null
    answered_at: string | null
    answer: string | null
  }
  /** Only ever added to. */
  redaction_versions: {
    redaction_id: string
    version: number
    call_id: string
    items_json: string
    author: string
    author_name: string
    at: string
  }
}

export async function redactionStep(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('redactions')
    .addColumn('redaction_id', 'text', column => column.primaryKey())
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('title', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('created_at', 'text', column => column.notNull())
    .addColumn('applied_by', 'text')
    .addColumn('applied_by_name', 'text')
    .addColumn('applied_at', 'text')
    .addColumn('applied_version', 'integer')
    .addColumn('manifest_sha256', 'text')
    .addColumn('files_json', 'text', column => column.notNull())
    .addColumn('release_state', 'text', column => column.notNull())
    .addColumn('asked_by', 'text')
    .addColumn('asked_by_name', 'text')
    .addColumn('asked_at', 'text')
    .addColumn('ask_reason', 'text')
    .addColumn('answered_by', 'text')
    .addColumn('answered_by_name', 'text')
    .addColumn('answered_at', 'text')
    .addColumn('answer', 'text')
    .execute()
  await db.schema.createIndex('redactions_by_call').on('redactions').column('call_id').execute()
  await db.schema
    .createTable('redaction_versions')
    .addColumn('redaction_id', 'text', column => column.notNull())
    .addColumn('version', 'integer', column => column.notNull())
    .addColumn('call_id', 'text', column => column.notNull())
    .addColumn('items_json', 'text', column => column.notNull())
    .addColumn('author', 'text', column => column.notNull())
    .addColumn('author_name', 'text', column => column.notNull())
    .addColumn('at', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('redaction_versions_key', ['redaction_id', 'version'])
    .execute()
}
