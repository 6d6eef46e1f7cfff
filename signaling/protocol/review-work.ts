import * as z from 'zod'
import { CallId, UserId } from './ids.ts'
import { type ASSIGNMENT_KINDS, ASSIGNMENT_STATES } from './review-kinds.ts'
import { Answers, type ScoreResult } from './score-sheet.ts'

/*
 * Work on records. Rows are added, never overwritten: what was taken back stays with who took it back.
 *
 *   GET  /api/review/calls/:callId/work                         → RecordWork
 *   POST /api/review/calls/:callId/comments        NewComment   → Comment
 *   POST /api/review/comments/:commentId/resolve   Resolve      → Comment
 *   POST /api/review/calls/:callId/tags            NewTag       → {tags: Tag[]}
 *   POST /api/review/calls/:callId/tags/remove     NewTag       → {tags: Tag[]}
 *   POST /api/review/calls/:callId/reference       NewReference → {reference}
 *   POST /api/review/calls/:callId/scores          NewScore     → Score
 *   GET  /api/review/scores/:scoreId                            → {revisions: Score[]}
 *   POST /api/review/calls/:callId/second-opinion  SecondOpinion → Assignment
 *
 *   GET  /api/review/sheets                                     → {sheets: ScoreSheet[]}   newest version of each
 *   GET  /api/review/sheets/:sheetId                            → {versions: ScoreSheet[]}
 *   POST /api/review/sheets                 SheetDraft   (lead) → ScoreSheet               a new version when sheetId is known
 *   POST /api/review/sheets/:sheetId/retire              (lead) → ScoreSheet
 *
 *   GET  /api/review/my-work                                    → {assignments: WorkItem[]}
 *   GET  /api/review/assignments?state&reviewerId        (lead) → {assignments: WorkItem[]}
 *   POST /api/review/assignments            Assign       (lead) → {assignments: Assignment[]}
 *   POST /api/review/assignments/:assignmentId/state  SetState  → Assignment               own; lead: anybody's
 *   POST /api/review/samples                DrawSample   (lead) → Sample
 *   GET  /api/review/samples                             (lead) → {samples: Sample[]}
 *   GET  /api/review/samples/:sampleId                   (lead) → DrawnSample
 *   POST /api/review/samples/:sampleId/check             (lead) → SampleCheck              draws again and compares
 *   POST /api/review/calibrations           NewCalibration (lead) → Calibration
 *   GET  /api/review/calibrations                               → {calibrations: Calibration[]}   own; lead: all
 *   GET  /api/review/calibrations/:calibrationId                → CalibrationResult        compared once it is closed
 *   POST /api/review/calibrations/:calibrationId/close   (lead) → CalibrationResult
 */

const text = (max: number) => z.string().trim().min(1).max(max)
/** Who did something, by name at that time. */
export type By = { readonly id: string; readonly name: string }

export const NewComment = z.object({
  /** The moment of the call; null for the record as a whole. */
  atMs: z.number().nonnegative().nullable(),
  text: text(2000),
  /** Answers this comment. */
  replyTo: z.string().max(40).optional(),
})
export type NewComment = z.infer<typeof NewComment>
export const Resolve = z.object({ resolved: z.boolean() })
export type Comment = {
  readonly commentId: string
  readonly callId: CallId
  readonly atMs: number | null
  readonly text: string
  readonly replyTo: string | null
  readonly author: By
  readonly at: string
  readonly resolved: { readonly by: By; readonly at: string } | null
}
export const NewTag = z.object({
  tag: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .regex(/^[^,]+$/),
})
export type Tag = { readonly tag: string; readonly by: By; readonly at: string }
/** The customer's number or file in the operator's own books; empty takes it away. */
export const NewReference = z.object({ reference: z.string().trim().max(80) })

export const NewScore = z.object({
  /** A draft is saved as often as wished; after `final` another final needs `reason`. Every save is a revision of its own. */
  state: z.enum(['draft', 'final']),
  sheetId: z.string().max(40),
  sheetVersion: z.number().int().positive(),
  answers: Answers,
  comment: z.string().trim().max(4000),
  reason: z.string().trim().min(3).max(300).optional(),
  /** The assignment this score fulfils; final closes it. */
  assignmentId: z.string().max(40).optional(),
})
export type NewScore = z.infer<typeof NewScore>
export type Score = {
  readonly scoreId: string
  readonly revision: number
  readonly callId: CallId
  readonly sheetId: string
  readonly sheetVersion: number
  readonly kind: (typeof ASSIGNMENT_KINDS)[number]
  readonly calibrationId: string | null
  readonly reviewer: By
  readonly state: 'draft' | 'final'
  readonly answers: Answers
  readonly comment: string
  readonly reason: string | null
  readonly result: ScoreResult
  readonly at: string
}
export const SecondOpinion = z.object({
  reviewerId: UserId,
  note: z.string().trim().max(500),
  dueAt: z.iso.datetime().optional(),
})

export type Assignment = {
  readonly assignmentId: string
  readonly callId: CallId
  readonly kind: (typeof ASSIGNMENT_KINDS)[number]
  readonly state: (typeof ASSIGNMENT_STATES)[number]
  readonly reviewer: By
  readonly by: By
  readonly at: string
  readonly dueAt: string | null
  readonly note: string
  readonly sampleId: string | null
  readonly calibrationId: string | null
  readonly sheetId: string | null
  readonly doneAt: string | null
}
/** A line of a work list, with what must be known before opening. */
export type WorkItem = Assignment & {
  readonly overdue: boolean
  readonly call: {
    readonly answeredAt: string
    readonly durationMs: number
    readonly agentName: string
    readonly from: string
  }
}
export const Assign = z.object({
  callIds: z.array(CallId).min(1).max(500),
  /** Several: dealt out in turn. */
  reviewerIds: z.array(UserId).min(1).max(50),
  dueAt: z.iso.datetime().optional(),
  note: z.string().trim().max(500).default(''),
  sheetId: z.string().max(40).optional(),
})
export type Assign = z.infer<typeof Assign>
export const SetState = z.object({ state: z.enum(ASSIGNMENT_STATES) })

const Size = z.number().int().min(1).max(500)
/** How a sample is chosen from all calls that the rule finds. */
export const SampleMethod = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('random'), size: Size }),
  /** Everything the rule finds, newest first, up to `size`. */
  z.object({ kind: z.literal('all'), size: Size }),
  /** So many of each agent in each period (UTC days, ISO weeks, months). */
  z.object({
    kind: z.literal('quota'),
    perAgent: z.number().int().min(1).max(50),
    period: z.enum(['day', 'week', 'month', 'all']),
  }),
])
export type SampleMethod = z.infer<typeof SampleMethod>
export const DrawSample = z.object({
  title: text(80),
  rule: z.record(z.string().max(20), z.string().max(400)),
  method: SampleMethod,
  /** Hex or words; made by the server when missing. The same seed over the same calls draws the same sample. */
  seed: z.string().trim().min(1).max(64).optional(),
  /** Leaves out calls that were in an earlier sample. */
  withoutEarlier: z.boolean().default(false),
  assign: z
    .object({
      reviewerIds: z.array(UserId).min(1).max(50),
      dueAt: z.iso.datetime().optional(),
      sheetId: z.string().max(40).optional(),
    })
    .optional(),
})
export type DrawSample = z.infer<typeof DrawSample>
export type Sample = {
  readonly sampleId: string
  readonly title: string
  readonly rule: Readonly<Record<string, string>>
  readonly method: SampleMethod
  readonly withoutEarlier: boolean
  readonly seed: string
  readonly by: By
  readonly at: string
  /** Calls the rule found. */
  readonly population: number
  /** SHA-256 of their ids, sorted, one a line: what the sample was drawn from. */
  readonly populationSha256: string
  readonly size: number
  readonly done: number
}
/** `why`: the place of the call in the drawing, so that nobody must believe it. */
export type DrawnCall = {
  readonly callId: CallId
  readonly place: number
  readonly stratum: string
  readonly ofStratum: number
  readonly ticket: string
  readonly assignments: readonly Assignment[]
}
export type DrawnSample = Sample & { readonly calls: readonly DrawnCall[] }
export type SampleCheck = {
  readonly same: boolean
  readonly gone: readonly CallId[]
  readonly missing: readonly CallId[]
  readonly added: readonly CallId[]
}

export const NewCalibration = z.object({
  title: text(80),
  callId: CallId,
  sheetId: z.string().max(40),
  reviewerIds: z.array(UserId).min(2).max(30),
  dueAt: z.iso.datetime().optional(),
})
export type NewCalibration = z.infer<typeof NewCalibration>
export type Calibration = {
  readonly calibrationId: string
  readonly title: string
  readonly callId: CallId
  readonly sheetId: string
  readonly sheetVersion: number
  readonly by: By
  readonly at: string
  readonly closedAt: string | null
  readonly reviewers: readonly (By & { readonly final: boolean })[]
}
export type CalibrationResult = Calibration & {
  /** Null while it is open: everybody scores blind. */
  readonly compared: {
    readonly totals: Spread
    readonly questions: readonly (Spread & {
      readonly questionId: string
      readonly answers: readonly { readonly reviewer: By; readonly answer: string }[]
      /** Share of pairs of reviewers who gave the same answer, 0..1. */
      readonly agreement: number | null
    })[]
    readonly scores: readonly Score[]
  } | null
}
/** Of earned shares, 0..1; nulls when nobody answered. */
export type Spread = {
  readonly n: number
  readonly mean: number | null
  readonly lowest: number | null
  readonly highest: number | null
  readonly deviation: number | null
}
