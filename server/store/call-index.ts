import { sql } from 'kysely'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

export type CallState = Tables['calls']['state']

export type IndexedCall = {
  readonly callId: CallId
  readonly from: string
  readonly to: string
  readonly agent: { readonly id: UserId; readonly name: string }
  readonly answeredAt: string
  readonly durationMs: number
  readonly end: CallEnd
  readonly snapshots: number
  readonly cameraMs: number
  readonly folder: string
  readonly state: CallState
}
export type CallSearch = {
  readonly number?: string | undefined
  readonly agent?: string | undefined
  readonly fromTime?: string | undefined
  readonly toTime?: string | undefined
  /** `answeredAt|callId` of the last row of the page before. */
  readonly cursor?: string | undefined
}
const PAGE_ROWS = 50

/** What a list of calls shows: derived from the manifests, and rebuilt from them when it is missing something. */
export class CallIndex {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async put(manifest: SealedManifest, folder: string, state: CallState): Promise<void> {
    const cameraMs = manifest.tracks
      .filter(track => track.track === 'caller-camera')
      .reduce((sum, track) => sum + Math.max(0, track.endsAtMs - track.startsAtMs), 0)
    const row: Tables['calls'] = {
      call_id: manifest.callId,
      from_number: manifest.from,
      to_number: manifest.to,
      agent_id: manifest.agent.id,
      agent_name: manifest.agent.name,
      answered_at: manifest.answeredAt,
      duration_ms: Math.round(manifest.durationMs),
      end_json: JSON.stringify(manifest.end),
      snapshots: manifest.pages.length,
      camera_ms: Math.round(cameraMs),
      folder,
      state,
    }
    await this.#db.kysely
      .insertInto('calls')
      .values(row)
      .onConflict(conflict => conflict.column('call_id').doUpdateSet(row))
      .execute()
  }

  async setState(callId: CallId, state: CallState): Promise<void> {
    await this.#db.kysely.updateTable('calls').set({ state }).where('call_id', '=', callId).execute()
  }

  async get(callId: CallId): Promise<IndexedCall | undefined> {
    const row = await this.#db.kysely.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst()
    return row && read(row)
  }

  /** Every record, oldest first. */
  async all(): Promise<IndexedCall[]> {
    return (await this.#db.kysely.selectFrom('calls').selectAll().orderBy('answered_at').execute()).map(read)
  }

  /** Newest first, fifty at a time. */
  async search(search: CallSearch): Promise<{ calls: IndexedCall[]; next: string | undefined }> {
    // Records whose erasure was asked for are only stored: they are not found (RT10).
    let query = this.#db.kysely
      .selectFrom('calls')
      .selectAll()
      .where(sql<boolean>`call_id not in (select call_id from retention_outcomes where outcome <> 'purged')`)
    if (search.number) {
      const like = `%${search.number.replace(/[\\%_]/g, '\\$&')}%`
      query = query.where(sql<boolean>`(from_number like ${like} escape '\\' or to_number like ${like} escape '\\')`)
    }
    if (search.agent) {
      const like = `%${search.agent.replace(/[\\%_]/g, '\\$&')}%`
      query = query.where(sql<boolean>`agent_name like ${like} escape '\\'`)
    }
    if (search.fromTime) query = query.where('answered_at', '>=', search.fromTime)
    if (search.toTime) query = query.where('answered_at', '<=', search.toTime)
    const [at, id] = search.cursor?.split('|') ?? []
    if (at && id) query = query.where(sql<boolean>`(answered_at, call_id) < (${at}, ${id})`)
    const rows = await query
      .orderBy('answered_at', 'desc')
      .orderBy('call_id', 'desc')
      .limit(PAGE_ROWS + 1)
      .execute()
    const page = rows.slice(0, PAGE_ROWS)
    const last = rows.length > PAGE_ROWS ? page.at(-1) : undefined
    return { calls: page.map(read), next: last && `${last.answered_at}|${last.call_id}` }
  }

  /** Calls whose archive still waits for its replay file. */
  async unmuxed(): Promise<IndexedCall[]> {
    return (await this.#db.kysely.selectFrom('calls').selectAll().where('state', '=', 'sealed').execute()).map(read)
  }
}

function read(row: Tables['calls']): IndexedCall {
  return {
    callId: row.call_id as CallId,
    from: row.from_number,
    to: row.to_number,
    agent: { id: row.agent_id as UserId, name: row.agent_name },
    answeredAt: row.answered_at,
    durationMs: row.duration_ms,
    end: JSON.parse(row.end_json) as CallEnd,
    snapshots: row.snapshots,
    cameraMs: row.camera_ms,
    folder: row.folder,
    state: row.state,
  }
}
