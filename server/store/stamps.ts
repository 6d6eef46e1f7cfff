import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Database } from './database.ts'

const BATCH = 200

export type SealedCall = {
  readonly callId: CallId
  readonly sealedAt: string
  readonly manifestSha256: string
}

/** Which seals have their time stamp, and which calls and certificates a daily digest has named. */
export class Stamps {
  readonly #db: Database
  constructor(db: Database) {
    this.#db = db
  }

  /** Sealed calls that are not noted here yet. */
  async unknownCalls(): Promise<CallId[]> {
    const rows = await this.#db.kysely
      .selectFrom('calls')
      .leftJoin('stamps', 'stamps.call_id', 'calls.call_id')
      .where('stamps.call_id', 'is', null)
      .where('calls.state', '!=', 'sealing')
      .select('calls.call_id')
      .execute()
    return rows.map(row => row.call_id as CallId)
  }

  async add(call: SealedCall): Promise<void> {
    await this.#db.kysely
      .insertInto('stamps')
      .values({
        call_id: call.callId,
        sealed_at: call.sealedAt,
        manifest_sha256: call.manifestSha256,
        state: 'waiting',
        tries: 0,
        next_try_at: '',
        stamped_at: null,
        stamped_by: null,
        last_error: null,
      })
      .onConflict(conflict => conflict.column('call_id').doNothing())
      .execute()
  }

  async due(now: string): Promise<{ callId: CallId; tries: number; manifestSha256: string }[]> {
    const rows = await this.#db.kysely
      .selectFrom('stamps')
      .select(['call_id', 'tries', 'manifest_sha256'])
      .where('state', '=', 'waiting')
      .where('next_try_at', '<=', now)
      .orderBy('sealed_at')
      .limit(BATCH)
      .execute()
    return rows.map(row => ({
      callId: row.call_id as CallId,
      tries: row.tries,
      manifestSha256: row.manifest_sha256,
    }))
  }

  async stamped(callId: CallId, at: string, by: string): Promise<void> {
    await this.#db.kysely
      .updateTable('stamps')
      .set({ state: 'stamped', stamped_at: at, stamped_by: by, last_error: null })
      .where('call_id', '=', callId)
      .execute()
  }

  async gone(callId: CallId): Promise<void> {
    await this.#db.kysely.updateTable('stamps').set({ state: 'gone' }).where('call_id', '=', callId).execute()
  }

  async failed(callId: CallId, nextTryAt: string, fault: string): Promise<void> {
    await this.#db.kysely
      .updateTable('stamps')
      .set(row => ({ tries: row('tries', '+', 1), next_try_at: nextTryAt, last_error: fault }))
      .where('call_id', '=', callId)
      .execute()
  }

  async ofCall(callId: CallId): Promise<{ state: string; at: string | null; by: string | null } | undefined> {
    return this.#db.kysely
      .selectFrom('stamps')
      .select(['state', 'stamped_at as at', 'stamped_by as by'])
      .where('call_id', '=', callId)
      .executeTakeFirst()
  }

  /** `overdue`: waiting although sealed before this time. */
  async counts(overdueBefore: string): Promise<{ stamped: number; waiting: number; overdue: number }> {
    const count = (state: 'stamped' | 'waiting') =>
      this.#db.kysely
        .selectFrom('stamps')
        .select(row => row.fn.countAll<number>().as('n'))
        .where('state', '=', state)
    const [stamped, waiting, overdue] = await Promise.all([
      count('stamped').executeTakeFirstOrThrow(),
      count('waiting').executeTakeFirstOrThrow(),
      count('waiting').where('sealed_at', '<', overdueBefore).executeTakeFirstOrThrow(),
    ])
    return { stamped: Number(stamped.n), waiting: Number(waiting.n), overdue: Number(overdue.n) }
  }

  /** Sealed before this time and in no digest yet, by call id. */
  async callsToAnchor(before: string): Promise<SealedCall[]> {
    const rows = await this.#db.kysely
      .selectFrom('stamps')
      .leftJoin('anchored', join => join.onRef('anchored.id', '=', 'stamps.call_id').on('anchored.kind', '=', 'call'))
      .where('anchored.id', 'is', null)
      .where('stamps.sealed_at', '<', before)
      .select(['stamps.call_id', 'stamps.sealed_at', 'stamps.manifest_sha256'])
      .orderBy('stamps.call_id')
      .execute()
    return rows.map(row => ({
      callId: row.call_id as CallId,
      sealedAt: row.sealed_at,
      manifestSha256: row.manifest_sha256,
    }))
  }

  /** SHA-256 of certificates a digest has named. */
  async anchoredErasures(): Promise<Set<string>> {
    const rows = await this.#db.kysely.selectFrom('anchored').select('sha256').where('kind', '=', 'erasure').execute()
    return new Set(rows.map(row => row.sha256))
  }

  async anchored(day: string, items: readonly { kind: 'call' | 'erasure'; id: string; sha256: string }[]) {
    for (let from = 0; from < items.length; from += BATCH) {
      await this.#db.kysely
        .insertInto('anchored')
        .values(items.slice(from, from + BATCH).map(item => ({ ...item, day })))
        .onConflict(conflict => conflict.doNothing())
        .execute()
    }
  }

  async wasTold(day: string, stamped: boolean): Promise<boolean> {
    const row = await this.#db.kysely
      .selectFrom('digests_told')
      .select('day')
      .where('day', '=', day)
      .where('stamped', '=', stamped ? 1 : 0)
      .executeTakeFirst()
    return row !== undefined
  }

  async told(day: string, stamped: boolean): Promise<void> {
    await this.#db.kysely
      .insertInto('digests_told')
      .values({ day, stamped: stamped ? 1 : 0, at: new Date().toISOString() })
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }

  async acknowledged(): Promise<Set<string>> {
    const rows = await this.#db.kysely.selectFrom('anchor_acknowledged').select('alarm').execute()
    return new Set(rows.map(row => row.alarm))
  }

  async acknowledge(alarm: string, userName: string, reason: string): Promise<void> {
    await this.#db.kysely
      .insertInto('anchor_acknowledged')
      .values({ alarm, at: new Date().toISOString(), user_name: userName, reason })
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }
}
