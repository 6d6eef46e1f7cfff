import { ruleText } from '../../recordings/retention/policy.ts'
import type { PlanRow, PlanSummary, RetentionOverview, RunRow } from '../../signaling/protocol/retention.ts'
import type { PlannedCall, Retention } from './retention.ts'

const MOST_ROWS = 200

export function planRow({ call, facts, decision }: PlannedCall): PlanRow {
  return {
    callId: call.callId,
    answeredAt: call.answeredAt,
    retentionClass: facts.retentionClass ?? null,
    restricted: facts.erasureRequested,
    decision,
  }
}

/** The dry run in numbers: how many go, how many stay, and for what reasons. */
export function summaryOf(plan: readonly PlannedCall[], policyClasses: ReadonlySet<string>): PlanSummary {
  const keptBecause: Record<string, number> = {}
  const unlisted = new Map<string | null, number>()
  for (const { facts, decision } of plan) {
    const own = facts.retentionClass ?? null
    if (own === null || !policyClasses.has(own)) unlisted.set(own, (unlisted.get(own) ?? 0) + 1)
    if (decision.kind === 'due') continue
    for (const kind of new Set(decision.reasons.map(reason => reason.kind)))
      keptBecause[kind] = (keptBecause[kind] ?? 0) + 1
  }
  return {
    at: new Date().toISOString(),
    records: plan.length,
    due: plan.filter(one => one.decision.kind === 'due').length,
    held: plan.filter(one => one.facts.holds.length > 0).length,
    restricted: plan.filter(one => one.facts.erasureRequested).length,
    keptBecause,
    unlisted: [...unlisted].map(([retentionClass, records]) => ({ retentionClass, records })),
  }
}

export async function overviewOf(
  retention: Retention,
  more: { runs: readonly RunRow[]; nextRunAt: string | null },
): Promise<RetentionOverview> {
  const { policy } = retention
  const plan = await retention.plan()
  const isDue = (one: PlannedCall) => one.decision.kind === 'due'
  return {
    policy: policy
      ? { version: policy.version, timeZone: policy.timeZone, dailyAt: policy.runs.dailyAt ?? null }
      : null,
    classes: (policy?.classes ?? []).map(({ id, title, keep, atLeast, atMost }) => ({
      id,
      title,
      rule: ruleText(keep),
      keep,
      atLeast,
      atMost,
      records: plan.filter(one => one.decision.classId === id).length,
      due: plan.filter(one => one.decision.classId === id && isDue(one)).length,
    })),
    plan: summaryOf(plan, new Set(policy?.classes.map(one => one.id))),
    due: plan.filter(isDue).slice(0, MOST_ROWS).map(planRow),
    kept: plan
      .filter(one => !isDue(one))
      // What needs a person first: restricted, then held, then the rest, the oldest of each on top.
      .sort((a, b) => weight(b) - weight(a))
      .slice(0, MOST_ROWS)
      .map(planRow),
    ...more,
  }
}

function weight({ facts }: PlannedCall): number {
  return (facts.erasureRequested ? 2 : 0) + (facts.holds.length > 0 ? 1 : 0)
}
