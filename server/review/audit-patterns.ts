import type { AuditAction } from '../../signaling/protocol/audit.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { AuditPattern, PersonAudit, Watched } from '../../signaling/protocol/review-access.ts'
import type { By } from '../../signaling/protocol/review-work.ts'
import { lengthOf, mergeSpans, type Span } from './merge-spans.ts'

/** A day with more openings than this, and than three times what is usual, is told. */
const MANY_IN_A_DAY = 10
const MANY_UNMASKED = 5
const TIMES_USUAL = 3
const SAME_CUSTOMER = 4

/** A line of the access log with what is known of its call. */
export type WatchLine = {
  readonly at: string
  readonly user: By
  readonly callId: CallId | undefined
  readonly action: AuditAction
  readonly detail: string
}
export type AuditFacts = {
  readonly lines: readonly WatchLine[]
  /** `userId callId` of all assignments there ever were. */
  readonly assigned: ReadonlySet<string>
  /** The caller of each call, masked. */
  readonly customerOf: (callId: CallId) => { readonly key: string; readonly masked: string } | undefined
}

/** What each person did with records, and what of it a colleague should ask about. Pure. */
export function auditPeople(facts: AuditFacts): PersonAudit[] {
  const people = Map.groupBy(facts.lines, line => line.user.id)
  const dayCounts = [...people.values()].flatMap(lines => [...countBy(opensOf(lines), dayOf).values()])
  const usualADay = median(dayCounts)
  const usualUnmasked = median([...people.values()].map(lines => count(lines, 'unmasked')))
  return [...people.values()].map(lines => {
    const opens = opensOf(lines)
    const records = new Set(opens.map(line => line.callId))
    return {
      user: lines.at(-1)?.user ?? { id: '', name: '' },
      opened: opens.length,
      records: records.size,
      playedMs: playedMs(lines),
      unmasked: count(lines, 'unmasked'),
      downloads: count(lines, 'downloaded'),
      exports: count(lines, 'export'),
      searches: count(lines, 'searched'),
      patterns: patternsOf(lines, facts, usualADay, usualUnmasked),
    }
  })
}

/** Who watched what of one record. */
export function watchedOf(callId: CallId, facts: Pick<AuditFacts, 'lines' | 'assigned'>): Watched[] {
  const ofCall = facts.lines.filter(line => line.callId === callId)
  return [...Map.groupBy(ofCall, line => line.user.id).values()].map(lines => {
    const spans = mergeSpans(lines.flatMap(playedSpans))
    const user = lines.at(-1)?.user ?? { id: '', name: '' }
    return {
      user,
      firstAt: lines[0]?.at ?? '',
      lastAt: lines.at(-1)?.at ?? '',
      reasons: [...new Set(lines.filter(line => line.action === 'open').map(line => line.detail))],
      assigned: facts.assigned.has(`${user.id} ${callId}`),
      playedMs: lengthOf(spans),
      spans,
    }
  })
}

/** How played spans stand in the detail of a `seek` line: `0-1500 4000-9000`, milliseconds of the call. */
export function spansText(spans: readonly Span[]): string {
  return spans.map(([from, to]) => `${Math.round(from)}-${Math.round(to)}`).join(' ')
}

export function playedSpans(line: WatchLine): Span[] {
  if (line.action !== 'seek') return []
  return [...line.detail.matchAll(/(\d+)-(\d+)/g)].map(([, from, to]) => [Number(from), Number(to)] as const)
}

function patternsOf(
  lines: readonly WatchLine[],
  facts: AuditFacts,
  usualADay: number,
  usualUnmasked: number,
): AuditPattern[] {
  const patterns: AuditPattern[] = []
  const opens = opensOf(lines)
  const records = [...new Set(opens.flatMap(line => (line.callId ? [line.callId] : [])))]
  const userId = lines[0]?.user.id ?? ''
  const unassigned = records.filter(callId => !facts.assigned.has(`${userId} ${callId}`))
  if (unassigned.length > 0)
    patterns.push({ kind: 'opened-unassigned', count: unassigned.length, callIds: unassigned.slice(0, 50) })
  for (const [day, n] of countBy(opens, dayOf)) {
    if (n > MANY_IN_A_DAY && n > TIMES_USUAL * usualADay)
      patterns.push({ kind: 'many-in-a-day', day, count: n, usual: usualADay })
  }
  const unmasked = count(lines, 'unmasked')
  if (unmasked > MANY_UNMASKED && unmasked > TIMES_USUAL * usualUnmasked)
    patterns.push({ kind: 'many-unmasked', count: unmasked, usual: usualUnmasked })
  const played = new Set(lines.filter(line => line.action === 'seek').map(line => line.callId))
  const unplayed = records.filter(callId => !played.has(callId))
  if (unplayed.length > 0)
    patterns.push({ kind: 'opened-not-played', count: unplayed.length, callIds: unplayed.slice(0, 50) })
  const customers = Map.groupBy(
    records.flatMap(callId => facts.customerOf(callId) ?? []),
    customer => customer.key,
  )
  for (const [, calls] of customers) {
    if (calls.length >= SAME_CUSTOMER)
      patterns.push({ kind: 'same-customer', count: calls.length, from: calls[0]?.masked ?? '' })
  }
  return patterns
}

/** Pieces of one record that were played twice count once. */
function playedMs(lines: readonly WatchLine[]): number {
  const byCall = Map.groupBy(lines, line => line.callId)
  return [...byCall.values()].reduce((sum, its) => sum + lengthOf(its.flatMap(playedSpans)), 0)
}

const opensOf = (lines: readonly WatchLine[]) => lines.filter(line => line.action === 'open')
const dayOf = (line: WatchLine) => line.at.slice(0, 10)
const count = (lines: readonly WatchLine[], action: AuditAction) => lines.filter(line => line.action === action).length

function countBy<T>(values: readonly T[], key: (value: T) => string): Map<string, number> {
  return new Map([...Map.groupBy(values, key)].map(([name, its]) => [name, its.length]))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
