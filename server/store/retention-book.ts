import type { CallId } from '../../signaling/protocol/ids.ts'
import type {
  EventRow,
  EventSubject,
  HoldMatch,
  HoldRow,
  NewEvent,
  NewHold,
} from '../../signaling/protocol/retention.ts'
import type { IndexedCall } from './call-index.ts'
import type { Database } from './database.ts'
import { comparable } from './same-number.ts'
import { shortId } from './short-id.ts'
import type { Tables } from './tables.ts'

export type StoredHold = Omit<HoldRow, 'calls'>

/** Events of the world outside, links of calls to references, and holds. */
export class RetentionBook {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  async addEvent(o: NewEvent & { readonly by: string }): Promise<string> {
    const eventId = shortId('event')
    await this.#db.kysely
      .insertInto('retention_events')
      .values({
        event_id: eventId,
        subject_kind: o.subject.kind,
        subject: subjectText(o.subject),
        event: o.event,
        at: o.at,
        reference: o.reference,
        added_at: new Date().toISOString(),
        added_by: o.by,
        withdrawn_at: null,
      })
      .execute()
    return eventId
  }

  /** False when there is no such event in force. */
  async withdrawEvent(eventId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('retention_events')
      .set({ withdrawn_at: new Date().toISOString() })
      .where('event_id', '=', eventId)
      .where('withdrawn_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Newest first. */
  async events(): Promise<EventRow[]> {
    const rows = await this.#db.kysely
      .selectFrom('retention_events')
      .selectAll()
      .orderBy('added_at', 'desc')
      .orderBy('event_id')
      .execute()
    return rows.map(row => ({
      eventId: row.event_id,
      subject: readSubject(row),
      event: row.event,
      at: row.at,
      reference: row.reference,
      addedAt: row.added_at,
      addedBy: row.added_by,
      withdrawnAt: row.withdrawn_at,
    }))
  }

  async link(o: { callId: CallId; reference: string; by: string }): Promise<void> {
    await this.#db.kysely
      .insertInto('retention_links')
      .values({ call_id: o.callId, reference: o.reference, added_at: new Date().toISOString(), added_by: o.by })
      .onConflict(conflict => conflict.columns(['call_id', 'reference']).doNothing())
      .execute()
  }

  async links(): Promise<{ callId: string; reference: string }[]> {
    const rows = await this.#db.kysely.selectFrom('retention_links').select(['call_id', 'reference']).execute()
    return rows.map(row => ({ callId: row.call_id, reference: row.reference }))
  }

  async addHold(o: NewHold & { readonly by: string }): Promise<string> {
    const holdId = shortId('hold')
    const oneCall = 'callId' in o.match ? o.match.callId : null
    await this.#db.kysely
      .insertInto('retention_holds')
      .values({
        hold_id: holdId,
        held_call: oneCall,
        match_json: oneCall === null ? JSON.stringify(o.match) : null,
        case_reference: o.caseReference,
        reason: o.reason,
        set_by: o.by,
        since: new Date().toISOString(),
        released_at: null,
        released_by: null,
        release_reason: null,
      })
      .execute()
    return holdId
  }

  /** False when there is no such hold in force. */
  async releaseHold(o: { holdId: string; reason: string; by: string }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.kysely
      .updateTable('retention_holds')
      .set({ released_at: new Date().toISOString(), released_by: o.by, release_reason: o.reason })
      .where('hold_id', '=', o.holdId)
      .where('released_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Newest first, released ones included. */
  async holds(): Promise<StoredHold[]> {
    const rows = await this.#db.kysely.selectFrom('retention_holds').selectAll().orderBy('since', 'desc').execute()
    return rows.map(row => ({
      holdId: row.hold_id,
      match: readMatch(row),
      caseReference: row.case_reference,
      reason: row.reason,
      by: row.set_by,
      since: row.since,
      releasedAt: row.released_at,
      releasedBy: row.released_by,
      releaseReason: row.release_reason,
    }))
  }
}

/** Whether a hold's words mean this call; a hold whose words were forgotten means none. */
export function holdMatches(match: HoldMatch | null, call: IndexedCall): boolean {
  if (match === null) return false
  if ('callId' in match) return match.callId === call.callId
  const answeredMs = Date.parse(call.answeredAt)
  if (match.from !== undefined && answeredMs < Date.parse(match.from)) return false
  if (match.to !== undefined && answeredMs > Date.parse(match.to)) return false
  if (match.agent !== undefined && match.agent !== call.agent.id && match.agent !== call.agent.name) return false
  return match.number === undefined || isNumberOf(match.number, call)
}

export function isNumberOf(number: string, call: Pick<IndexedCall, 'from' | 'to'>): boolean {
  const wanted = comparable(number)
  return comparable(call.from) === wanted || comparable(call.to) === wanted
}

function subjectText(subject: EventSubject): string {
  switch (subject.kind) {
    case 'call':
      return subject.callId
    case 'number':
      return comparable(subject.number)
    case 'reference':
      return subject.reference
  }
}

function readSubject(row: Tables['retention_events']): EventSubject {
  switch (row.subject_kind) {
    case 'call':
      return { kind: 'call', callId: row.subject as CallId }
    case 'number':
      return { kind: 'number', number: row.subject }
    case 'reference':
      return { kind: 'reference', reference: row.subject }
  }
}

function readMatch(row: Tables['retention_holds']): HoldMatch | null {
  if (row.held_call !== null) return { callId: row.held_call as CallId }
  return row.match_json === null ? null : (JSON.parse(row.match_json) as HoldMatch)
}
