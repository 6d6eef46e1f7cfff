import { createHash } from 'node:crypto'
import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { SampleMethod } from '../../signaling/protocol/review-work.ts'

export type Candidate = { readonly callId: CallId; readonly agentId: string; readonly answeredAt: string }
export type Drawn = {
  readonly callId: CallId
  /** Counted from 1 within its stratum. */
  readonly place: number
  /** What it was drawn from: an agent in a period, or everything. */
  readonly stratum: string
  readonly ofStratum: number
  readonly ticket: string
}

/**
 * Draws by lots that anybody can check: each call's ticket is SHA-256 over seed and call id, the lowest tickets win. The same seed over the
 * same calls gives the same sample, in whatever order they come.
 */
export function drawSample(candidates: readonly Candidate[], method: SampleMethod, seed: string): Drawn[] {
  switch (method.kind) {
    case 'random':
      return lots(candidates, seed, '', method.size)
    case 'all': {
      const newest = [...candidates].sort((a, b) => compare(b.answeredAt, a.answeredAt) || compare(b.callId, a.callId))
      return newest.slice(0, method.size).map(({ callId }, n) => ({
        callId,
        place: n + 1,
        stratum: '',
        ofStratum: newest.length,
        ticket: ticketOf(seed, callId),
      }))
    }
    case 'quota': {
      const strata = new Map<string, Candidate[]>()
      for (const candidate of candidates) {
        const stratum = `${candidate.agentId} ${periodOf(candidate.answeredAt, method.period)}`
        strata.set(stratum, [...(strata.get(stratum) ?? []), candidate])
      }
      return [...strata]
        .sort(([a], [b]) => compare(a, b))
        .flatMap(([stratum, its]) => lots(its, seed, stratum, method.perAgent))
    }
    default:
      return assertNever(method)
  }
}

/** SHA-256 of the sorted ids, one a line: what a sample was drawn from. */
export function populationHash(callIds: readonly string[]): string {
  return createHash('sha256')
    .update([...callIds].sort(compare).join('\n'))
    .digest('hex')
}

function lots(candidates: readonly Candidate[], seed: string, stratum: string, size: number): Drawn[] {
  return candidates
    .map(({ callId }) => ({ callId, ticket: ticketOf(seed, callId) }))
    .sort((a, b) => compare(a.ticket, b.ticket) || compare(a.callId, b.callId))
    .slice(0, size)
    .map((one, n) => ({ ...one, place: n + 1, stratum, ofStratum: candidates.length }))
}

function ticketOf(seed: string, callId: string): string {
  return createHash('sha256').update(`${seed}\n${callId}`).digest('hex').slice(0, 16)
}

/** The UTC day, ISO 8601 week or month of a time. */
export function periodOf(at: string, period: 'day' | 'week' | 'month' | 'all'): string {
  switch (period) {
    case 'day':
      return at.slice(0, 10)
    case 'month':
      return at.slice(0, 7)
    case 'week':
      return weekOf(new Date(at))
    case 'all':
      return 'all'
    default:
      return assertNever(period)
  }
}

/** ISO 8601: a week belongs to the year of its Thursday. */
function weekOf(at: Date): string {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7))
  const year = thursday.getUTCFullYear()
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000))
  return `${year}-W${String(week).padStart(2, '0')}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
