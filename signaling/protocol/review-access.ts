import * as z from 'zod'
import type { CallId } from './ids.ts'
import type { RELEASE_STATES } from './review-kinds.ts'
import type { By } from './review-work.ts'

/*
 * Two-person release of originals, and reviewers of reviewers.
 *
 *   POST /api/review/calls/:callId/releases       AskRelease            → Release     needs the record to be open
 *   GET  /api/review/releases?state=                                    → {releases: Release[]}   own; right `release`: all
 *   POST /api/review/releases/:releaseId/agree    AgreeRelease (release) → Release    never one's own
 *   POST /api/review/releases/:releaseId/refuse   Reason       (release) → Release    never one's own
 *   POST /api/review/releases/:releaseId/withdraw                       → Release     one's own, or right `release`
 *   GET  /api/review/calls/:callId/originals                            → {files: OriginalFile[]}
 *   GET  /api/review/calls/:callId/originals/<path>                     the bytes; needs an agreed release that covers it
 *
 *   GET  /api/review/audit/people?from&to                       (audit) → {people: PersonAudit[]}
 *   GET  /api/review/audit/calls/:callId                        (audit) → {watched: Watched[]}
 *   The log itself, line by line: GET /api/review/audit (audit.ts)
 */

/** What is asked for: single files of the record by path, or `package` (everything, as an evidence package). */
export const AskRelease = z.object({
  reason: z.string().trim().min(3).max(500),
  files: z.union([z.literal('package'), z.array(z.string().min(1).max(200)).min(1).max(50)]),
})
export type AskRelease = z.infer<typeof AskRelease>
export const AgreeRelease = z.object({
  reason: z.string().trim().min(3).max(300),
  /** How long the originals may be fetched from now on. */
  validMinutes: z
    .number()
    .int()
    .min(5)
    .max(72 * 60),
})
export type Release = {
  readonly releaseId: string
  readonly callId: CallId
  readonly files: 'package' | readonly string[]
  readonly reason: string
  readonly askedBy: By
  readonly askedAt: string
  readonly state: (typeof RELEASE_STATES)[number]
  readonly answeredBy: By | null
  readonly answeredAt: string | null
  readonly answer: string | null
  readonly expiresAt: string | null
  /** Whether the reader may answer it: not the person who asked, with the right. */
  readonly mayAnswer: boolean
}
export type OriginalFile = { readonly path: string; readonly bytes: number; readonly released: boolean }

/** Who watched what of one record, with the pieces merged. */
export type Watched = {
  readonly user: By
  readonly firstAt: string
  readonly lastAt: string
  readonly reasons: readonly string[]
  readonly assigned: boolean
  readonly playedMs: number
  /** Merged, in call time. */
  readonly spans: readonly (readonly [number, number])[]
}
/** Something a reviewer of reviewers should look at; figures say why. */
export type AuditPattern =
  | { readonly kind: 'opened-unassigned'; readonly count: number; readonly callIds: readonly CallId[] }
  | { readonly kind: 'many-in-a-day'; readonly day: string; readonly count: number; readonly usual: number }
  | { readonly kind: 'many-unmasked'; readonly count: number; readonly usual: number }
  | { readonly kind: 'opened-not-played'; readonly count: number; readonly callIds: readonly CallId[] }
  | { readonly kind: 'same-customer'; readonly count: number; readonly from: string }
export type PersonAudit = {
  readonly user: By
  readonly opened: number
  readonly records: number
  readonly playedMs: number
  readonly unmasked: number
  readonly downloads: number
  readonly exports: number
  readonly searches: number
  readonly patterns: readonly AuditPattern[]
}
