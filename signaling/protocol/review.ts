import * as z from 'zod'
import type { ArchiveVerdict, SealedManifest } from './archive.ts'
import type { CallEnd } from './call.ts'
import type { CallId, UserId } from './ids.ts'
import type { JournalEntry } from './journal-entry.ts'
import { CALL_FLAGS, type CallFlag, END_CAUSES, TEXT_KINDS, type TextKind } from './review-kinds.ts'
import type { Assignment, Comment, Score, Tag } from './review-work.ts'

/*
 * The review console over HTTP. Requests are schemas, answers are types (the server is their only author).
 *
 *   GET  /api/review/calls?<CallQuery>                → CallPage        (`total` only with count=1)
 *   GET  /api/review/facets                           → Facets          (what can be chosen in the filters)
 *   GET  /api/review/searches                         → {searches: SavedSearch[]}
 *   POST /api/review/searches              NewSearch  → SavedSearch
 *   POST /api/review/searches/:searchId/remove        → 204
 *   POST /api/review/calls/:callId/open    Reason     → OpenedRecord
 *   GET  /api/review/calls/:callId/verification       → Verification    (poll while `running`)
 *   POST /api/review/calls/:callId/verify             → ArchiveVerdict  (waits for a new one)
 *   POST /api/review/calls/:callId/unmask  Reason     → Unmasked
 *   POST /api/review/calls/:callId/seeks   Seeks      → 204
 *   POST /api/review/calls/:callId/prints  Print      → Watermark       (the page prints after the answer)
 *   GET  /api/review/calls/:callId/files/<path>       derivatives with ranges; pictures (`pictures/…`) come with the
 *                                                     watermark burnt in, `?widthPx=320` for a thumbnail
 *   Originals (tracks, documents, journal, manifest): see review-access.ts
 */

const text = (max: number) => z.string().trim().min(1).max(max)
const flag = z.enum(['0', '1']).transform(value => value === '1')
const list = <T extends string>(item: z.ZodType<T, string>) =>
  z
    .string()
    .max(400)
    .transform(value => value.split(',').filter(Boolean))
    .pipe(z.array(item).max(20))

/** The query string of a search; whatever is missing does not restrict. Lists are joined by commas. */
export const CallQuery = z.object({
  /** Part of the caller's or the called number; a whole number is found without being shown. */
  number: text(40).optional(),
  /** Part of the caller's number, or of a customer reference given to the record. */
  customer: text(80).optional(),
  /** Part of the agent's name. */
  agent: text(80).optional(),
  agentId: text(40).optional(),
  /** Answered at or after, at or before. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  scenario: text(40).optional(),
  /** All of these must hold. */
  flags: list(z.enum(CALL_FLAGS)).optional(),
  /** None of these may hold. */
  withoutFlags: list(z.enum(CALL_FLAGS)).optional(),
  /** Every word (separated by spaces) stands somewhere in the call's texts, as part of a word too. */
  text: text(120).optional(),
  /** Where `text` is looked for; everywhere when missing. */
  textKinds: list(z.enum(TEXT_KINDS)).optional(),
  /** All of these tags. */
  tags: list(z.string().max(40)).optional(),
  minDurationMs: z.coerce.number().int().nonnegative().optional(),
  maxDurationMs: z.coerce.number().int().nonnegative().optional(),
  camera: flag.optional(),
  pictures: flag.optional(),
  ends: list(z.enum(END_CAUSES)).optional(),
  /** Whether a final score stands. */
  scored: flag.optional(),
})
export type CallQuery = z.infer<typeof CallQuery>
/** The same as it is stored: of a saved search, a rule of a sample. */
export const CallRule = z.record(z.string().max(20), z.string().max(400))
export type CallRule = z.infer<typeof CallRule>
export const Paging = z.object({ cursor: z.string().max(80).optional(), count: flag.optional() })

/** A place in a text where the search matched; long numbers in it are masked. */
export type TextHit = { readonly kind: TextKind; readonly atMs: number; readonly excerpt: string }

export type CallRow = {
  readonly callId: CallId
  /** The caller's number, all but the last four digits masked. */
  readonly from: string
  /** The number called: the operator's own. */
  readonly to: string
  readonly agent: { readonly id: UserId; readonly name: string }
  readonly answeredAt: string
  readonly durationMs: number
  readonly end: CallEnd
  readonly snapshots: number
  readonly cameraMs: number
  readonly state: 'sealing' | 'sealed' | 'muxed' | 'mux-failed'
  readonly scenario: Facet | null
  readonly flags: readonly CallFlag[]
  readonly tags: readonly string[]
  readonly reference: string | null
  /** Up to three, only when a text was searched for. */
  readonly hits?: readonly TextHit[]
}
export type CallPage = { readonly calls: readonly CallRow[]; readonly next?: string; readonly total?: number }

export type Facet = { readonly id: string; readonly title: { readonly 'zh-CN': string; readonly en: string } }
export type Facets = {
  readonly agents: readonly { readonly id: string; readonly name: string; readonly calls: number }[]
  readonly scenarios: readonly (Facet & { readonly calls: number })[]
  readonly tags: readonly { readonly tag: string; readonly calls: number }[]
  readonly flags: readonly { readonly flag: CallFlag; readonly calls: number }[]
  readonly reviewers: readonly { readonly id: string; readonly name: string }[]
}

export const NewSearch = z.object({ title: text(80), rule: CallRule, shared: z.boolean() })
export type SavedSearch = {
  readonly searchId: string
  readonly title: string
  readonly rule: CallRule
  readonly shared: boolean
  readonly own: boolean
  readonly owner: string
  readonly createdAt: string
}

/** Why a person does this; at least three characters. */
export const Reason = z.object({ reason: z.string().trim().min(3).max(300) })

/** How far the check of every byte is. A verdict that is known may be older than the check that runs now. */
export type Verification = {
  readonly state: 'running' | 'done' | 'failed'
  readonly verdict: ArchiveVerdict | null
  readonly verifiedAt: string | null
  readonly bytesChecked: number
  readonly bytesTotal: number
}
/** Drawn by the page over everything it shows; `lines` are the same text in pieces. */
export type Watermark = { readonly text: string; readonly lines: readonly string[] }
export type Access = {
  readonly at: string
  readonly userName: string
  readonly action: string
  readonly detail: string
}

export type VaultFailure = 'not-as-sealed' | 'no-master-key' | 'disk-full' | 'failed'
/** Whether a record is encrypted where it lies; `off`: the operator does not encrypt. */
export type Encryption =
  | { readonly state: 'encrypted' | 'waiting' | 'off' }
  | { readonly state: 'failed'; readonly reason: VaultFailure }

export type OpenedRecord = {
  /** Numbers masked. */
  readonly record: SealedManifest
  readonly entries: readonly JournalEntry[]
  /** Null while the first verification of a large record runs: see `verification`. */
  readonly verdict: ArchiveVerdict | null
  readonly verification: Verification
  readonly replay: {
    readonly url: string
    readonly durationMs: number
    readonly peaksUrl: string
    /** The agent's shared screen, on the same clock; absent when nothing was shared. */
    readonly screenUrl?: string
    /** `derived/spans.json`: gaps, holds and pauses of the deliverables; absent in records muxed before there were any. */
    readonly spansUrl?: string
  } | null
  readonly muxState: CallRow['state']
  /** Missing in answers of earlier servers. */
  readonly encryption?: Encryption
  readonly access: readonly Access[]
  readonly watermark: Watermark
  /** Until then this sign-in may look at the record without stating a reason again. */
  readonly grantedUntil: string
  readonly work: RecordWork
}
/** What colleagues have left at a record; also GET /api/review/calls/:callId/work. */
export type RecordWork = {
  readonly row: CallRow
  readonly comments: readonly Comment[]
  readonly tags: readonly Tag[]
  /** Newest revision of each; blind ones are missing until the reader's own is final. */
  readonly scores: readonly Score[]
  readonly assignments: readonly Assignment[]
}

export type Unmasked = { readonly from: string; readonly to: string }

/** What the player really played since the last time it told, in call time; jumps begin a new span. */
export const Seeks = z.object({
  spans: z
    .array(z.object({ fromMs: z.number().nonnegative(), toMs: z.number().nonnegative(), speed: z.number().optional() }))
    .min(1)
    .max(100),
})
export type Seeks = z.infer<typeof Seeks>
export const Print = z.object({ what: z.enum(['record', 'journal', 'picture', 'score']), detail: z.string().max(200) })
