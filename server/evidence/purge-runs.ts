import { decideRetention } from '../../recordings/retention/decide.ts'
import type { AuditActor } from '../../signaling/protocol/audit.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { actorName } from './actor-name.ts'
import type { PurgePlan } from './purge-plan.ts'
import type { PlannedCall, RetentionOptions } from './retention.ts'

export type PurgeRunsOptions = Pick<
  RetentionOptions,
  'policy' | 'facts' | 'runs' | 'purger' | 'files' | 'busy' | 'audit' | 'onFault'
> & {
  readonly nowMs: () => number
  /** The dry run. */
  readonly plan: () => Promise<readonly PlannedCall[]>
  /** In turn with everything that changes decisions: a hold never comes between a decision and its purge. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>
}

/** Runs of destruction: planned, agreed to where they are large, carried out one at a time. */
export class PurgeRuns {
  readonly #o: PurgeRunsOptions
  #running: Promise<void> | undefined
  #retrying: Promise<void> = Promise.resolve()
  #closed = false

  constructor(o: PurgeRunsOptions) {
    this.#o = o
  }

  /**
   * Plans a run over what is due, and carries it out unless it is so large that a person must agree.
   * @throws AppError `conflict` while another run goes on or waits, or without a policy
   */
  async plan(kind: 'daily' | 'manual', user: AuditActor): Promise<string> {
    const { policy } = this.#o
    if (!policy) throw new AppError('conflict', 'no retention policy is configured: everything is kept')
    if (this.#running) throw new AppError('conflict', 'a run is going on')
    const planned = await this.#o.plan()
    const due = planned.filter(one => one.decision.kind === 'due').slice(0, policy.runs.mostPerRun)
    const share = planned.length === 0 ? 0 : due.length / planned.length
    const waits = due.length > 0 && share > policy.runs.confirmAboveShare
    await this.#o.runs.dropWaiting()
    await this.#o.audit({
      user,
      action: 'retention-run',
      detail: `${due.length} of ${planned.length} records due by policy ${policy.version}${waits ? '; waits for a person' : ''}`,
    })
    const runId = await this.#o.runs.add({
      kind,
      state: waits ? 'waiting' : 'running',
      by: actorName(user),
      policyVersion: policy.version,
      calls: due.map(one => one.call.callId),
    })
    if (!waits) this.#start(runId, user)
    return runId
  }

  /** @throws AppError `not-found`, `conflict` */
  async confirm(o: { runId: string; reason: string }, user: Exclude<AuditActor, 'system'>): Promise<void> {
    if (this.#running) throw new AppError('conflict', 'a run is going on')
    const run = await this.#o.runs.get(o.runId)
    if (run?.state !== 'waiting') throw new AppError('not-found', 'no such run waits')
    await this.#o.audit({ user, action: 'retention-run', detail: `${o.runId} confirmed: ${o.reason}` })
    await this.#o.runs.update(o.runId, { state: 'running', confirmed_by: user.name })
    this.#start(o.runId, user)
  }

  /** Asks stores again for what could not be destroyed before the house was closed. */
  retryRemaining(): void {
    // One after the other: each writes the next part of the same certificates.
    this.#retrying = this.#retrying.then(() => this.#o.purger.retryRemaining()).catch(error => this.#o.onFault(error))
  }

  /** Resolves when no run is going on. */
  async idle(): Promise<void> {
    await this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    await this.#retrying
  }

  #start(runId: string, user: AuditActor): void {
    this.#running = this.#carryOut(runId, user)
      .catch(error => this.#o.onFault(error))
      .finally(() => {
        this.#running = undefined
      })
  }

  async #carryOut(runId: string, user: AuditActor): Promise<void> {
    await this.#retrying
    this.retryRemaining()
    await this.#retrying
    const plans: PurgePlan[] = []
    let failed = 0
    for (const callId of await this.#o.runs.calls(runId)) {
      if (this.#closed) break
      try {
        const plan = await this.#o.exclusive(() => this.#begin(callId, runId, user))
        if (plan) plans.push(plan)
      } catch (error) {
        failed += 1
        this.#o.onFault(error)
      }
    }
    const results = await this.#o.purger.finish(plans)
    for (const { error } of results) if (error !== undefined) this.#o.onFault(error)
    failed += results.filter(one => one.error !== undefined).length
    const purged = results.filter(one => one.error === undefined).length
    await this.#o.runs.update(runId, { state: 'done', ended_at: new Date().toISOString(), purged, failed })
  }

  /** Decided once more, now: between plan and purge a hold may have come. */
  async #begin(callId: CallId, runId: string, user: AuditActor): Promise<PurgePlan | undefined> {
    const known = await this.#o.facts.of(callId)
    if (!known || this.#o.busy(callId, known.call.folder)) return undefined
    const decision = decideRetention(this.#o.policy, known.facts, this.#o.nowMs())
    if (decision.kind !== 'due') return undefined
    const { kind: _, ...decided } = decision
    return this.#o.purger.begin({
      callId,
      folder: known.call.folder,
      files: await this.#o.files(callId),
      runId,
      user,
      decision: JSON.parse(JSON.stringify(decided)) as typeof decided,
      holds: known.holds.map(({ holdId, since, releasedAt }) => ({ holdId, since, releasedAt })),
      erasures: known.erasures,
    })
  }
}
