import type { BusinessEvent, RetentionFacts } from '../../recordings/retention/decide.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { EventRow } from '../../signaling/protocol/retention.ts'
import type { CallIndex, IndexedCall } from '../store/call-index.ts'
import type { Database } from '../store/database.ts'
import type { Erasures } from '../store/erasures.ts'
import { holdMatches, type RetentionBook, type StoredHold } from '../store/retention-book.ts'
import { comparable } from '../store/same-number.ts'

export type KnownCall = {
  readonly call: IndexedCall
  readonly facts: RetentionFacts
  /** In force and released: the history. */
  readonly holds: readonly StoredHold[]
  /** Open erasure requests that mean this record. */
  readonly erasures: readonly string[]
}

export type RetentionFactsOptions = {
  readonly db: Database
  readonly index: CallIndex
  readonly book: RetentionBook
  readonly erasures: Erasures
  /** The class the call's journal names last; undefined when it names none. Reads a file. */
  readonly classOf: (callId: CallId) => Promise<string | undefined>
}

/** Brings together what decides about records: their calls, classes, events, holds and erasure requests. */
export class RetentionFactsSource {
  readonly #o: RetentionFactsOptions
  constructor(o: RetentionFactsOptions) {
    this.#o = o
  }

  /** Every record, as of now. */
  async all(): Promise<KnownCall[]> {
    return this.#known(await this.#o.index.all())
  }

  async of(callId: CallId): Promise<KnownCall | undefined> {
    const call = await this.#o.index.get(callId)
    return call && (await this.#known([call]))[0]
  }

  async #known(calls: readonly IndexedCall[]): Promise<KnownCall[]> {
    const { book, erasures } = this.#o
    const [holds, events, links, asked] = await Promise.all([
      book.holds(),
      book.events(),
      book.links(),
      erasures.open(),
    ])
    const classes = await this.#classes(calls)
    const bySubject = new Map<string, EventRow[]>()
    for (const event of events) {
      if (event.withdrawnAt !== null) continue
      const key = keyOf(event)
      bySubject.set(key, [...(bySubject.get(key) ?? []), event])
    }
    const references = new Map<string, string[]>()
    for (const { callId, reference } of links) references.set(callId, [...(references.get(callId) ?? []), reference])
    return calls.map(call => {
      const keys = [
        `call ${call.callId}`,
        ...new Set([`number ${comparable(call.from)}`, `number ${comparable(call.to)}`]),
        ...(references.get(call.callId) ?? []).map(reference => `reference ${reference}`),
      ]
      const matching = holds.filter(hold => holdMatches(hold.match, call))
      const requests = asked.get(call.callId) ?? []
      return {
        call,
        holds: matching,
        erasures: requests,
        facts: {
          retentionClass: classes.get(call.callId) ?? undefined,
          endedAt: new Date(Date.parse(call.answeredAt) + call.durationMs).toISOString(),
          events: keys.flatMap(key => bySubject.get(key) ?? []) satisfies BusinessEvent[],
          holds: matching.filter(hold => hold.releasedAt === null).map(hold => hold.holdId),
          erasureRequested: requests.length > 0,
        },
      }
    })
  }

  async #classes(calls: readonly IndexedCall[]): Promise<Map<string, string | null>> {
    const { kysely } = this.#o.db
    const rows = await kysely.selectFrom('retention_calls').selectAll().execute()
    const known = new Map(rows.map(row => [row.call_id, row.retention_class]))
    for (const { callId } of calls) {
      if (known.has(callId)) continue
      // What cannot be read now is not remembered as having no class; meanwhile it is kept.
      const found = await this.#o.classOf(callId).then(
        retentionClass => ({ retentionClass: retentionClass ?? null }),
        () => undefined,
      )
      if (!found) continue
      known.set(callId, found.retentionClass)
      await kysely
        .insertInto('retention_calls')
        .values({ call_id: callId, retention_class: found.retentionClass })
        .onConflict(conflict => conflict.column('call_id').doNothing())
        .execute()
    }
    return known
  }
}

function keyOf({ subject }: EventRow): string {
  switch (subject.kind) {
    case 'call':
      return `call ${subject.callId}`
    case 'number':
      return `number ${comparable(subject.number)}`
    case 'reference':
      return `reference ${subject.reference}`
  }
}
