import * as z from 'zod'
import { CallId } from './ids.ts'

/*
 * Keeping and destroying. Everything below needs the right `retention`, except the last three.
 *
 *   GET  /api/review/retention                                → RetentionOverview   policy, plan (dry run), runs
 *   GET  /api/review/retention/{events,holds,erasures,certificates}
 *   POST /api/review/retention/events            NewEvent     → {eventId}
 *   POST /api/review/retention/events/withdraw   Withdraw
 *   POST /api/review/retention/links             NewLink
 *   POST /api/review/retention/holds             NewHold      → {holdId, calls}
 *   POST /api/review/retention/holds/release     ReleaseHold
 *   POST /api/review/retention/erasures          NewErasure   → ErasureRow
 *   POST /api/review/retention/erasures/withdraw WithdrawErasure
 *   POST /api/review/retention/runs              {}           → RunRow
 *   POST /api/review/retention/runs/confirm      ConfirmRun   → RunRow
 *   GET  /api/review/calls/:callId/retention                  → RecordRetention     any reviewer
 *   GET  /api/review/calls/:callId/standing                   → RecordStanding      any reviewer, opened or not
 *   POST /api/retention/events | /api/retention/links         the same, for machines with the operator's token
 */

const Reference = z.string().trim().max(120)
const NumberText = z
  .string()
  .trim()
  .regex(/^[+\d][\d\s().-]{2,38}$/)
const Reason = z.string().trim().min(3).max(500)
const Day = z.iso.date()
const Moment = z.iso.datetime({ offset: true })

/** What an event is about: one call, every call of a number, or every call linked to a reference of the operator's. */
export const EventSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('call'), callId: CallId }),
  z.strictObject({ kind: z.literal('number'), number: NumberText }),
  z.strictObject({ kind: z.literal('reference'), reference: Reference.min(1) }),
])
export type EventSubject = z.infer<typeof EventSubject>

export const NewEvent = z.strictObject({
  subject: EventSubject,
  /** `contract-end`, `dispute-begin`, … */
  event: z.string().regex(/^[a-z][a-z0-9-]{1,58}[a-z0-9]$/),
  at: z.union([Day, Moment]),
  /** Which contract or dispute; a begin and an end belong together by it. */
  reference: Reference.default(''),
})
export type NewEvent = z.infer<typeof NewEvent>
export const NewLink = z.strictObject({ callId: CallId, reference: Reference.min(1) })
export const Withdraw = z.strictObject({ eventId: z.string().max(40), reason: Reason })

export const HoldMatch = z.union([
  z.strictObject({ callId: CallId }),
  z
    .strictObject({
      number: NumberText.optional(),
      /** Id or name of the agent. */
      agent: z.string().trim().min(1).max(80).optional(),
      from: Moment.optional(),
      to: Moment.optional(),
    })
    .refine(
      match => Object.values(match).some(value => value !== undefined),
      'at least one of number, agent, from, to',
    ),
])
export type HoldMatch = z.infer<typeof HoldMatch>
export const NewHold = z.strictObject({ match: HoldMatch, caseReference: Reference.min(1), reason: Reason })
export type NewHold = z.infer<typeof NewHold>
export const ReleaseHold = z.strictObject({ holdId: z.string().max(40), reason: Reason })

export const NewErasure = z.strictObject({
  subject: z.union([z.strictObject({ callId: CallId }), z.strictObject({ number: NumberText })]),
  /** The letter, ticket or mail it came with. */
  requester: Reference.min(1),
  receivedAt: z.union([Day, Moment]),
})
export type NewErasure = z.infer<typeof NewErasure>
export const WithdrawErasure = z.strictObject({ requestId: z.string().max(40), reason: Reason })
export const ConfirmRun = z.strictObject({ runId: z.string().max(40), reason: Reason })

export type KeptBecause =
  | { readonly kind: 'held'; readonly holds: readonly string[] }
  | { readonly kind: 'not-ended'; readonly subject: string }
  | { readonly kind: 'event-unknown'; readonly event: string }
  | { readonly kind: 'until'; readonly until: string }
  | { readonly kind: 'for-ever' | 'no-policy' | 'class-unlisted' | 'no-clock' }

export type Decision = {
  readonly classId?: string | undefined
  readonly policyVersion?: string | undefined
  readonly rule?: string | undefined
} & (
  | { readonly kind: 'due'; readonly since: string; readonly because: 'period-over' | 'erasure' }
  | { readonly kind: 'kept'; readonly reasons: readonly KeptBecause[] }
)

/** One record in the plan. Restricted ones say so; their numbers are never shown. */
export type PlanRow = {
  readonly callId: CallId
  readonly answeredAt: string
  readonly retentionClass: string | null
  readonly restricted: boolean
  readonly decision: Decision
}
export type ClassRow = {
  readonly id: string
  readonly title: { readonly 'zh-CN': string; readonly en: string }
  readonly rule: string
  readonly keep: unknown
  readonly atLeast?: string | undefined
  readonly atMost?: string | undefined
  readonly records: number
  readonly due: number
}
export type PlanSummary = {
  readonly at: string
  readonly records: number
  readonly due: number
  readonly held: number
  readonly restricted: number
  /** How many are kept for each kind of reason; one record may have several. */
  readonly keptBecause: Readonly<Record<string, number>>
  /** Of calls that the policy gives no class. */
  readonly unlisted: readonly { readonly retentionClass: string | null; readonly records: number }[]
}
export type RunRow = {
  readonly runId: string
  readonly kind: 'daily' | 'manual'
  readonly state: 'waiting' | 'running' | 'done'
  readonly plannedAt: string
  readonly endedAt: string | null
  readonly by: string
  readonly calls: number
  readonly purged: number
  readonly failed: number
  readonly confirmedBy: string | null
}
export type RetentionOverview = {
  readonly policy: { readonly version: string; readonly timeZone: string; readonly dailyAt: string | null } | null
  readonly classes: readonly ClassRow[]
  readonly plan: PlanSummary
  /** The first of them; `due` of the summary counts all. */
  readonly due: readonly PlanRow[]
  readonly kept: readonly PlanRow[]
  readonly runs: readonly RunRow[]
  readonly nextRunAt: string | null
}
export type EventRow = {
  readonly eventId: string
  readonly subject: EventSubject
  readonly event: string
  readonly at: string
  readonly reference: string
  readonly addedAt: string
  readonly addedBy: string
  readonly withdrawnAt: string | null
}
export type HoldRow = {
  readonly holdId: string
  readonly match: HoldMatch | null
  readonly caseReference: string
  readonly reason: string
  readonly by: string
  readonly since: string
  readonly releasedAt: string | null
  readonly releasedBy: string | null
  readonly releaseReason: string | null
  readonly calls: number
}
export type ErasureOutcome = {
  readonly callId: CallId
  readonly outcome: 'due' | 'restricted' | 'purged'
  readonly reasons: readonly KeptBecause[]
  readonly at: string
}
export type ErasureRow = {
  readonly requestId: string
  /** Null once it is answered: a number is not kept longer than what it was asked about. */
  readonly subject: { readonly callId: CallId } | { readonly number: string } | null
  readonly requester: string
  readonly receivedAt: string
  /** By the policy; null without one. */
  readonly dueAt: string | null
  readonly by: string
  /** `not-found`: there was no record of it. */
  readonly state: 'not-found' | 'open' | 'done' | 'withdrawn'
  readonly outcomes: readonly ErasureOutcome[]
}
export type CertificateRow = {
  readonly callId: string
  readonly file: string
  readonly issuedAt: string
  readonly sha256: string
  readonly classId: string | null
  readonly because: string
  /** Copies that could not be destroyed yet. */
  readonly pending: number
}
/** For the card of an opened record. */
export type RecordRetention = {
  readonly retentionClass: string | null
  readonly title: { readonly 'zh-CN': string; readonly en: string } | null
  readonly decision: Decision
  readonly holds: readonly Pick<HoldRow, 'holdId' | 'caseReference' | 'since' | 'by'>[]
}

/** Why a record cannot be opened, and since when; `open`: it can. Nothing of its content, not even a number. */
export type RecordStanding =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'restricted'
      readonly since: string
      /** With the right `retention`: which request, and which holds are in its way. */
      readonly requestId?: string
      readonly holds?: RecordRetention['holds']
    }
  | { readonly kind: 'being-destroyed' }
  | {
      readonly kind: 'destroyed'
      readonly at: string
      readonly because: 'period-over' | 'erasure'
      /** Copies that could not be destroyed yet. */
      readonly pending: number
      /** With the right `retention`: its file name among the certificates, and its SHA-256. */
      readonly certificate?: { readonly file: string; readonly sha256: string }
    }
