import { endOfDayMs, lastDay, localDay } from './calendar.ts'
import { periodOf } from './keep-duration.ts'
import {
  CALL_END,
  type Clock,
  DISPUTE,
  type KeepRule,
  type RetentionClass,
  type RetentionPolicy,
  ruleText,
} from './policy.ts'

export type BusinessEvent = {
  readonly event: string
  /** ISO 8601 moment, or a day in the policy's zone. */
  readonly at: string
  /** Which contract, which dispute: a begin and an end belong together by it. */
  readonly reference: string
}

export type RetentionFacts = {
  /** Of the scenario chosen last; undefined when none was journalled. */
  readonly retentionClass: string | undefined
  readonly endedAt: string
  readonly events: readonly BusinessEvent[]
  /** Ids of the holds in force. */
  readonly holds: readonly string[]
  /** Somebody whose data this is has asked for erasure. */
  readonly erasureRequested: boolean
}

export type KeepReason =
  | { readonly kind: 'held'; readonly holds: readonly string[] }
  | { readonly kind: 'not-ended'; readonly subject: string }
  | { readonly kind: 'event-unknown'; readonly event: string }
  | { readonly kind: 'until'; readonly until: string }
  | { readonly kind: 'for-ever' | 'no-policy' | 'class-unlisted' | 'no-clock' }

export type RetentionDecision = {
  /** The class that decided; undefined when none did. */
  readonly classId: string | undefined
  readonly policyVersion: string | undefined
  readonly rule: string | undefined
} & (
  | { readonly kind: 'due'; readonly since: string; readonly because: 'period-over' | 'erasure' }
  | { readonly kind: 'kept'; readonly reasons: readonly KeepReason[] }
)

/** Until when a rule keeps: a moment, not yet known, or it does not apply. */
type Until =
  | { readonly kind: 'at'; readonly ms: number }
  | { readonly kind: 'open'; readonly reasons: readonly KeepReason[] }
  | { readonly kind: 'none' }

/** Decides one record. Pure: the same facts, policy and moment always decide the same. */
export function decideRetention(
  policy: RetentionPolicy | undefined,
  facts: RetentionFacts,
  nowMs: number,
): RetentionDecision {
  const listed = policy?.classes.find(one => one.id === facts.retentionClass)
  const chosen = listed ?? policy?.classes.find(one => one.id === policy.otherwise)
  const by = { classId: chosen?.id, policyVersion: policy?.version, rule: chosen && ruleText(chosen.keep) }
  const always: KeepReason[] = []
  if (facts.holds.length > 0) always.push({ kind: 'held', holds: facts.holds })
  if (isOpen(DISPUTE, facts.events)) always.push({ kind: 'not-ended', subject: DISPUTE })
  if (!policy) return { ...by, kind: 'kept', reasons: [...always, { kind: 'no-policy' }] }
  if (!chosen) return { ...by, kind: 'kept', reasons: [...always, { kind: 'class-unlisted' }] }

  const zone = policy.timeZone
  const full = untilOf(chosen, facts, zone, () => true)
  // Of an erasure request only what the law prescribes is left standing.
  const statutory = facts.erasureRequested ? untilOf(chosen, facts, zone, clock => clock.statutory) : full
  const until = facts.erasureRequested && statutory.kind === 'none' ? { kind: 'at' as const, ms: nowMs } : statutory
  const reasons = [...always, ...reasonsOf(until, nowMs)]
  if (until.kind !== 'at' || reasons.length > 0) return { ...by, kind: 'kept', reasons }
  const byItself = full.kind === 'at' && full.ms <= nowMs
  return {
    ...by,
    kind: 'due',
    since: new Date(byItself ? full.ms : until.ms).toISOString(),
    because: byItself ? 'period-over' : 'erasure',
  }
}

function reasonsOf(until: Until, nowMs: number): readonly KeepReason[] {
  switch (until.kind) {
    case 'at':
      return until.ms > nowMs ? [{ kind: 'until', until: new Date(until.ms).toISOString() }] : []
    case 'open':
      return until.reasons
    case 'none':
      return [{ kind: 'no-clock' }]
  }
}

function untilOf(
  chosen: RetentionClass,
  facts: RetentionFacts,
  zone: string,
  counts: (clock: Clock) => boolean,
): Until {
  const fromCallEnd = (keep: string): Until => ({ kind: 'at', ms: endMs(facts.endedAt, keep, zone) })
  const clocks: Until =
    chosen.keep === 'for-ever'
      ? { kind: 'open', reasons: [{ kind: 'for-ever' }] }
      : ruleUntil(chosen.keep, facts, zone, counts)
  const capped =
    chosen.atMost === undefined || clocks.kind === 'none' ? clocks : earliest([clocks, fromCallEnd(chosen.atMost)])
  return chosen.atLeast === undefined ? capped : latest([capped, fromCallEnd(chosen.atLeast)])
}

function ruleUntil(rule: KeepRule, facts: RetentionFacts, zone: string, counts: (clock: Clock) => boolean): Until {
  if ('latestOf' in rule) return latest(rule.latestOf.map(one => ruleUntil(one, facts, zone, counts)))
  if ('earliestOf' in rule) return earliest(rule.earliestOf.map(one => ruleUntil(one, facts, zone, counts)))
  return counts(rule) ? clockUntil(rule, facts, zone) : { kind: 'none' }
}

function clockUntil(clock: Clock, facts: RetentionFacts, zone: string): Until {
  if (clock.after === CALL_END) return { kind: 'at', ms: endMs(facts.endedAt, clock.keep, zone) }
  const subject = /^(.+)-end$/.exec(clock.after)?.[1]
  if (subject !== undefined && isOpen(subject, facts.events))
    return { kind: 'open', reasons: [{ kind: 'not-ended', subject }] }
  const ends = facts.events.filter(one => one.event === clock.after).map(one => endMs(one.at, clock.keep, zone))
  if (ends.length > 0) return { kind: 'at', ms: Math.max(...ends) }
  return clock.ifAny ? { kind: 'none' } : { kind: 'open', reasons: [{ kind: 'event-unknown', event: clock.after }] }
}

/** Something was begun whose end is not known. */
function isOpen(subject: string, events: readonly BusinessEvent[]): boolean {
  return events.some(
    begin =>
      begin.event === `${subject}-begin` &&
      !events.some(end => end.event === `${subject}-end` && end.reference === begin.reference),
  )
}

function endMs(at: string, keep: string, zone: string): number {
  return endOfDayMs(lastDay(localDay(at, zone), periodOf(keep)), zone)
}

/** What is not known may still come: it outlasts every moment. */
function latest(all: readonly Until[]): Until {
  const open = all.filter(one => one.kind === 'open')
  if (open.length > 0) return { kind: 'open', reasons: open.flatMap(one => one.reasons) }
  const known = all.filter(one => one.kind === 'at').map(one => one.ms)
  return known.length === 0 ? { kind: 'none' } : { kind: 'at', ms: Math.max(...known) }
}

function earliest(all: readonly Until[]): Until {
  const known = all.filter(one => one.kind === 'at').map(one => one.ms)
  if (known.length > 0) return { kind: 'at', ms: Math.min(...known) }
  const open = all.filter(one => one.kind === 'open')
  return open.length === 0 ? { kind: 'none' } : { kind: 'open', reasons: open.flatMap(one => one.reasons) }
}
