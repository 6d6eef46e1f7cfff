import { endOfDayMs, lastDay, localDay } from '../../recordings/retention/calendar.ts'
import { decideRetention, type RetentionDecision } from '../../recordings/retention/decide.ts'
import { periodOf } from '../../recordings/retention/keep-duration.ts'
import type { RetentionPolicy } from '../../recordings/retention/policy.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { AuditAction, AuditActor } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type {
  ErasureRow,
  HoldRow,
  NewErasure,
  NewEvent,
  NewHold,
  RecordRetention,
} from '../../signaling/protocol/retention.ts'
import type { Database } from '../store/database.ts'
import type { Erasures } from '../store/erasures.ts'
import { holdMatches, isNumberOf, type RetentionBook } from '../store/retention-book.ts'
import type { RetentionRuns } from '../store/retention-runs.ts'
import { actorName } from './actor-name.ts'
import { PurgeRuns } from './purge-runs.ts'
import type { Purger } from './purger.ts'
import { RecordRestricted } from './record-restricted.ts'
import type { KnownCall, RetentionFactsSource } from './retention-facts.ts'

export type RetentionOptions = {
  readonly db: Database
  /** Undefined: everything is kept, and nothing runs. */
  readonly policy: RetentionPolicy | undefined
  readonly facts: RetentionFactsSource
  readonly book: RetentionBook
  readonly erasures: Erasures
  readonly runs: RetentionRuns
  readonly purger: Purger
  /** The files of a record as they are kept, whatever anybody may do with them. */
  readonly files: (callId: CallId) => Promise<CallFiles>
  /** A record is being worked on (muxed, moved): it goes with the next run. */
  readonly busy: (callId: CallId, folder: string) => boolean
  readonly audit: (o: {
    user: AuditActor
    callId?: CallId
    action: Extract<AuditAction, `retention-${string}` | `hold-${string}` | `eras${string}`>
    detail: string
  }) => Promise<void>
  readonly onFault: (error: unknown) => void
  readonly nowMs?: () => number
}

export type PlannedCall = KnownCall & { readonly decision: RetentionDecision }

/** What may be done with a record beyond storing it. */
export type Processing =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'restricted'; readonly requestId: string; readonly since: string }
  | { readonly kind: 'being-purged' }

/** Decides which records go and lets them go; keeps those that are held; restricts those that should be gone. */
export class Retention {
  readonly #o: RetentionOptions
  readonly #nowMs: () => number
  /** Decisions and what changes them, one after the other: a hold never comes between a decision and its purge. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #runs: PurgeRuns

  constructor(o: RetentionOptions) {
    this.#o = o
    this.#nowMs = o.nowMs ?? Date.now
    this.#runs = new PurgeRuns({
      ...{ ...o, nowMs: this.#nowMs },
      plan: () => this.plan(),
      exclusive: work => this.#exclusive(work),
    })
  }

  get policy(): RetentionPolicy | undefined {
    return this.#o.policy
  }

  /** The dry run: every record with its decision. Changes nothing. */
  async plan(): Promise<PlannedCall[]> {
    const going = await this.#going()
    const nowMs = this.#nowMs()
    return (await this.#o.facts.all())
      .filter(known => !going.has(known.call.callId))
      .map(known => ({ ...known, decision: decideRetention(this.#o.policy, known.facts, nowMs) }))
  }

  /** For every door to a record. */
  async processing(callId: CallId): Promise<Processing> {
    const [purge, restriction] = await Promise.all([
      this.#o.db.kysely.selectFrom('retention_purges').select('step').where('call_id', '=', callId).executeTakeFirst(),
      this.#o.erasures.restrictionOf(callId),
    ])
    if (purge) return { kind: 'being-purged' }
    return restriction ? { kind: 'restricted', ...restriction } : { kind: 'allowed' }
  }

  /** @throws RecordRestricted when a record may only be stored */
  async assertProcessing(callId: CallId): Promise<void> {
    const { kind } = await this.processing(callId)
    if (kind !== 'allowed') throw new RecordRestricted(kind)
  }

  /** What an opened record says about its own end. @throws AppError `not-found` */
  async ofRecord(callId: CallId): Promise<RecordRetention> {
    const known = await this.#o.facts.of(callId)
    if (!known) throw new AppError('not-found', 'no such record')
    const decision = decideRetention(this.#o.policy, known.facts, this.#nowMs())
    const chosen = this.#o.policy?.classes.find(one => one.id === decision.classId)
    return {
      retentionClass: known.facts.retentionClass ?? null,
      title: chosen?.title ?? null,
      decision,
      holds: known.holds
        .filter(hold => hold.releasedAt === null)
        .map(({ holdId, caseReference, since, by }) => ({ holdId, caseReference, since, by })),
    }
  }

  async addEvent(o: NewEvent, user: AuditActor | 'operator'): Promise<string> {
    const actor = user === 'operator' ? 'system' : user
    return this.#exclusive(async () => {
      await this.#o.audit({
        user: actor,
        ...(o.subject.kind === 'call' && { callId: o.subject.callId }),
        action: 'retention-event',
        detail: `${o.event} for a ${o.subject.kind}${user === 'operator' ? ', told by another system' : ''}`,
      })
      const eventId = await this.#o.book.addEvent({ ...o, by: user === 'operator' ? 'operator' : actorName(user) })
      await this.#review()
      return eventId
    })
  }

  /** @throws AppError `not-found` */
  async withdrawEvent(eventId: string, reason: string, user: AuditActor): Promise<void> {
    await this.#exclusive(async () => {
      await this.#o.audit({ user, action: 'retention-event', detail: `${eventId} withdrawn: ${reason}` })
      if (!(await this.#o.book.withdrawEvent(eventId))) throw new AppError('not-found', 'no such event in force')
      await this.#review()
    })
  }

  async link(o: { callId: CallId; reference: string }, user: AuditActor | 'operator'): Promise<void> {
    await this.#exclusive(async () => {
      await this.#o.audit({
        user: user === 'operator' ? 'system' : user,
        callId: o.callId,
        action: 'retention-event',
        detail: 'linked to a reference',
      })
      await this.#o.book.link({ ...o, by: user === 'operator' ? 'operator' : actorName(user) })
      await this.#review()
    })
  }

  /** In force when this returns: no purge that was not begun before touches what it matches. */
  async setHold(o: NewHold, user: AuditActor): Promise<{ holdId: string; calls: number }> {
    return this.#exclusive(async () => {
      await this.#o.audit({
        user,
        ...('callId' in o.match && { callId: o.match.callId }),
        action: 'hold-set',
        detail: `case ${o.caseReference}`,
      })
      const holdId = await this.#o.book.addHold({ ...o, by: actorName(user) })
      await this.#review()
      const calls = (await this.#o.facts.all()).filter(one => one.facts.holds.includes(holdId)).length
      return { holdId, calls }
    })
  }

  /** @throws AppError `not-found` */
  async releaseHold(o: { holdId: string; reason: string }, user: AuditActor): Promise<void> {
    await this.#exclusive(async () => {
      await this.#o.audit({ user, action: 'hold-lifted', detail: `${o.holdId}: ${o.reason}` })
      if (!(await this.#o.book.releaseHold({ ...o, by: actorName(user) })))
        throw new AppError('not-found', 'no such hold in force')
      await this.#review()
    })
  }

  async holds(): Promise<HoldRow[]> {
    const [holds, known] = await Promise.all([this.#o.book.holds(), this.#o.facts.all()])
    return holds.map(hold => ({ ...hold, calls: known.filter(one => holdMatches(hold.match, one.call)).length }))
  }

  /** From here on the records it means are only stored; what may go, goes with the next run. */
  async askErasure(o: NewErasure, user: AuditActor): Promise<ErasureRow> {
    return this.#exclusive(async () => {
      const { subject } = o
      const receivedMs = Date.parse(o.receivedAt)
      const all = await this.#o.facts.all()
      const meant = all.filter(({ call }) =>
        'callId' in subject
          ? subject.callId === call.callId
          : isNumberOf(subject.number, call) && Date.parse(call.answeredAt) <= Math.max(receivedMs, this.#nowMs()),
      )
      await this.#o.audit({
        user,
        ...('callId' in subject && { callId: subject.callId }),
        action: 'erasure-asked',
        detail: `${meant.length} records`,
      })
      const requestId = await this.#o.erasures.add({
        ...o,
        dueAt: this.#answerDue(o.receivedAt),
        by: actorName(user),
        found: meant.length > 0,
      })
      for (const { call } of meant)
        await this.#o.erasures.setOutcome(requestId, { callId: call.callId, outcome: 'restricted', reasons: [] })
      await this.#review()
      const made = (await this.#o.erasures.all()).find(one => one.requestId === requestId)
      if (!made) throw new AppError('internal', 'the request was not kept')
      return made
    })
  }

  /** The person has changed their mind: what was not purged yet is an ordinary record again. @throws AppError `not-found` */
  async withdrawErasure(requestId: string, reason: string, user: AuditActor): Promise<void> {
    await this.#exclusive(async () => {
      await this.#o.audit({ user, action: 'erasure-withdrawn', detail: `${requestId}: ${reason}` })
      if (!(await this.#o.erasures.withdraw(requestId))) throw new AppError('not-found', 'no such open request')
    })
  }

  /** @throws AppError `conflict` while another run goes on, or without a policy */
  run(kind: 'daily' | 'manual', user: AuditActor): Promise<string> {
    return this.#runs.plan(kind, user)
  }

  /** @throws AppError `not-found`, `conflict` */
  confirm(o: { runId: string; reason: string }, user: Exclude<AuditActor, 'system'>): Promise<void> {
    return this.#runs.confirm(o, user)
  }

  /** Asks stores again for what could not be destroyed before the house was closed. */
  retryRemaining(): void {
    this.#runs.retryRemaining()
  }

  /** Resolves when no run is going on. */
  idle(): Promise<void> {
    return this.#runs.idle()
  }

  async close(): Promise<void> {
    await this.#runs.close()
    await this.#turn.catch(() => {})
  }

  /** What became of each record of open requests, as it is decided now. */
  async #review(): Promise<void> {
    const open = await this.#o.erasures.open()
    if (open.size === 0) return
    for (const { call, facts } of await this.#o.facts.all()) {
      const decision = decideRetention(this.#o.policy, facts, this.#nowMs())
      for (const requestId of open.get(call.callId) ?? []) {
        await this.#o.erasures.setOutcome(requestId, {
          callId: call.callId,
          outcome: decision.kind === 'due' ? 'due' : 'restricted',
          reasons: decision.kind === 'due' ? [] : decision.reasons,
        })
      }
    }
  }

  #answerDue(receivedAt: string): string | null {
    const { policy } = this.#o
    if (!policy) return null
    const last = lastDay(localDay(receivedAt, policy.timeZone), periodOf(policy.erasure.answerWithin))
    return new Date(endOfDayMs(last, policy.timeZone)).toISOString()
  }

  async #going(): Promise<ReadonlySet<string>> {
    const rows = await this.#o.db.kysely.selectFrom('retention_purges').select('call_id').execute()
    return new Set(rows.map(row => row.call_id))
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.catch(() => {}).then(run)
    this.#turn = mine
    return mine
  }
}
