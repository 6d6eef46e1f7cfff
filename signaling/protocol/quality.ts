import * as z from 'zod'
import { CallId } from './ids.ts'
import {
  QUALITY_ANSWERS,
  QUALITY_EVENTS,
  QUALITY_NUMBERS,
  QUALITY_SEVERITIES,
  QUALITY_TEXT_SOURCES,
  QUALITY_UNKNOWNS,
  type QualityAnswer,
  type QualityNumber,
  type QualityRunState,
  SENSITIVE_KINDS,
  SERVICE_STATES,
} from './quality-kinds.ts'

/*
 *   GET  /api/review/calls/:callId/quality                         → RecordQuality
 *   POST /api/review/calls/:callId/quality/run      Reason         → RecordQuality   (a new run; `quality-run` in the log)
 *   POST /api/review/calls/:callId/quality/answers  NewAnswer      → {answers: PersonAnswer[]}
 */

export const QUALITY_FORMAT = 'tongping-quality/1'
export const TRANSCRIPT_FORMAT = 'tongping-transcript/1'

const Title = z.object({ 'zh-CN': z.string(), en: z.string() })

/** The place something can be looked at. Milliseconds on the call's clock. */
export const Evidence = z.object({
  atMs: z.number().nonnegative(),
  toMs: z.number().nonnegative().optional(),
  /** The entry of the journal. */
  seq: z.number().int().nonnegative().optional(),
  source: z.enum(QUALITY_TEXT_SOURCES).optional(),
  /** Characters of the text, from and to (exclusive); what stands there is not repeated here. */
  chars: z.tuple([z.number().int(), z.number().int()]).optional(),
  /** A code word about it: the kind of a consent, a file. */
  about: z.string().max(200).optional(),
})
export type Evidence = z.infer<typeof Evidence>

export const QualityFinding = z.object({
  ruleId: z.string(),
  title: Title,
  severity: z.enum(QUALITY_SEVERITIES),
  kind: z.enum(['number', 'event', 'text', 'sensitive', 'end']),
  /** `exact`: from the journal. `estimate`: from loudness, or from a machine's transcript. */
  certainty: z.enum(['exact', 'estimate']),
  /** What was measured and what the rule allows, in the unit of the measure. */
  measured: z.number().optional(),
  limit: z.number().optional(),
  unit: z.enum(['ms', 'share', 'per-minute']).optional(),
  evidence: z.array(Evidence),
})
export type QualityFinding = z.infer<typeof QualityFinding>

export const Measure = z.object({
  id: z.enum(Object.keys(QUALITY_NUMBERS) as [QualityNumber, ...QualityNumber[]]),
  /** Null: not known, see `why`; or it never happened. */
  value: z.number().nullable(),
  never: z.boolean().optional(),
  why: z.enum(QUALITY_UNKNOWNS).optional(),
  certainty: z.enum(['exact', 'estimate']),
})
export type Measure = z.infer<typeof Measure>

export const ChecklistItemResult = z.object({
  itemId: z.string(),
  title: Title,
  answer: z.enum(QUALITY_ANSWERS),
  /** Which answer is good; null when the item only asks. */
  good: z.enum(['yes', 'no']).nullable(),
  weight: z.number().nullable(),
  by: z.enum(['rule', 'model', 'nobody']),
  why: z.enum(QUALITY_UNKNOWNS).optional(),
  certainty: z.enum(['exact', 'estimate']).optional(),
  evidence: z.array(Evidence),
  /** Word for word in the transcript; only of a model's answer. */
  quote: z.string().max(2000).optional(),
})
export type ChecklistItemResult = z.infer<typeof ChecklistItemResult>

export const ChecklistResult = z.object({
  checklistId: z.string(),
  version: z.string(),
  title: Title,
  items: z.array(ChecklistItemResult),
})
export type ChecklistResult = z.infer<typeof ChecklistResult>

/** Who answered, kept as evidence. */
export const ServiceUse = z.object({
  state: z.enum(SERVICE_STATES),
  host: z.string().max(300).optional(),
  /** As configured, and as the service called itself in its answer. */
  modelAsked: z.string().max(200).optional(),
  modelAnswered: z.string().max(200).optional(),
  /** SHA-256 of what was sent. */
  requestSha256: z.string().optional(),
  promptVersion: z.string().optional(),
  at: z.iso.datetime().optional(),
  failure: z.string().max(80).optional(),
})
export type ServiceUse = z.infer<typeof ServiceUse>

/** `derived/quality/<n>.json` */
export const QualityReport = z.object({
  format: z.literal(QUALITY_FORMAT),
  callId: CallId,
  run: z.number().int().positive(),
  madeAt: z.iso.datetime(),
  /** Which program and which rules: another version may judge otherwise. */
  engine: z.string(),
  rules: z.object({ version: z.string(), sha256: z.string() }),
  journalHead: z.string(),
  findings: z.array(QualityFinding),
  /** Rules that could not be decided. */
  undecided: z.array(z.object({ ruleId: z.string(), title: Title, why: z.enum(QUALITY_UNKNOWNS) })),
  measures: z.array(Measure),
  events: z.array(z.object({ id: z.enum(QUALITY_EVENTS), occurrences: z.array(Evidence) })),
  sensitive: z.array(z.object({ kind: z.enum(SENSITIVE_KINDS), spoken: z.boolean(), evidence: Evidence })),
  checklists: z.array(ChecklistResult),
  services: z.object({ speechToText: ServiceUse, languageModel: ServiceUse }),
  /** `derived/transcript-<n>.json` that was looked at. */
  transcript: z.string().nullable(),
})
export type QualityReport = z.infer<typeof QualityReport>

/** What a speech-to-text service heard on the line of one party; a machine's reading, never evidence by itself. */
export const TranscriptSegment = z.object({
  party: z.enum(['caller', 'agent']),
  fromMs: z.number().nonnegative(),
  toMs: z.number().nonnegative(),
  text: z.string().max(4000),
})
export type TranscriptSegment = z.infer<typeof TranscriptSegment>

/** `derived/transcript-<n>.json` */
export const Transcript = z.object({
  format: z.literal(TRANSCRIPT_FORMAT),
  callId: CallId,
  run: z.number().int().positive(),
  service: ServiceUse,
  /** The sound it was made from. */
  from: z.array(z.object({ path: z.string(), sha256: z.string() })),
  language: z.string().max(40).optional(),
  segments: z.array(TranscriptSegment).max(20_000),
})
export type Transcript = z.infer<typeof Transcript>

export const NewAnswer = z.strictObject({
  checklistId: z.string().max(40),
  itemId: z.string().max(40),
  answer: z.enum(QUALITY_ANSWERS),
  note: z.string().trim().max(500).default(''),
})
export type NewAnswer = z.infer<typeof NewAnswer>

/** What a person says to an item; it stands beside the automatic answer and never replaces it. */
export type PersonAnswer = {
  readonly checklistId: string
  readonly itemId: string
  readonly answer: QualityAnswer
  readonly note: string
  readonly by: string
  readonly at: string
}

/** Only where the checklist defines weights; the open items are part of it. */
export type ChecklistScore = {
  readonly checklistId: string
  readonly earned: number
  readonly possible: number
  /** Weight of the items that nobody has answered yet. */
  readonly open: number
}

export type RecordQuality = {
  readonly state: QualityRunState
  readonly report: QualityReport | null
  readonly transcript: Transcript | null
  /** Newest of each item. */
  readonly answers: readonly PersonAnswer[]
  readonly scores: readonly ChecklistScore[]
  readonly configured: { readonly speechToText: boolean; readonly languageModel: boolean }
  /** The rules in force now; another version than the report's means that a new run may find other things. */
  readonly rulesVersion: string
}
