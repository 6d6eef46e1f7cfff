import * as z from 'zod'
import { CallId, PageId } from './ids.ts'
import { Region } from './reading.ts'
import type { REDACTION_RELEASE_STATES, REDACTION_STATES, SuggestionKind } from './redaction-kinds.ts'
import type { By } from './review-work.ts'

/*
 * Redaction: what is to be covered in a copy of a record. The original stays as it is.
 *
 *   GET  /api/review/calls/:callId/redactions                          → {redactions: Redaction[]}   the record must be open
 *   POST /api/review/calls/:callId/redactions            NewRedaction  → Redaction      a draft, version 1
 *   POST /api/review/calls/:callId/redactions/suggest    Suggest       → {suggestions: Suggestion[]}
 *   POST /api/review/redactions/:redactionId/versions    NewVersion    → Redaction      a draft's next version
 *   GET  /api/review/redactions/:redactionId/versions                  → {versions: RedactionVersion[]}
 *   POST /api/review/redactions/:redactionId/apply                     → Redaction      makes the derivative; state tells
 *   POST /api/review/redactions/:redactionId/release/ask    Reason     → Redaction
 *   POST /api/review/redactions/:redactionId/release/agree  Reason     (release) → Redaction  never one's own
 *   POST /api/review/redactions/:redactionId/release/refuse Reason     (release) → Redaction  never one's own
 *   GET  /api/review/redactions/released                               → {redactions: Redaction[]}   for everybody who reviews
 *   GET  /api/review/redactions/:redactionId/files/<name>              a file of the derivative; released, or the record open
 */

const Ms = z
  .number()
  .nonnegative()
  .max(48 * 3600_000)
const BoxAt = z.object({ atMs: Ms, box: Region.nullable() })
const why = { itemId: z.string().min(1).max(40), reason: z.string().trim().min(1).max(300) }
const span = { fromMs: Ms, toMs: Ms }

/** One thing to cover. `itemId` is the author's own and stays through versions. */
export const RedactionItem = z.discriminatedUnion('kind', [
  z.object({
    ...why,
    kind: z.literal('picture-region'),
    /** All pictures of the page have one shape; the boxes hold for each. */
    pageId: PageId,
    boxes: z.array(Region).min(1).max(100),
  }),
  z.object({
    ...why,
    kind: z.literal('video-region'),
    track: z.enum(['camera', 'screen']),
    ...span,
    /** In order of time, in 0..1 of the picture as encoded. Null: lost there, the whole frame is covered. */
    keyframes: z.array(BoxAt).min(1).max(5000),
  }),
  z.object({ ...why, kind: z.literal('audio-span'), party: z.enum(['caller', 'agent', 'both']), ...span }),
  z.object({
    ...why,
    kind: z.literal('text'),
    /** The entry of the journal, and the string in it: `result.lines.0.text`, `page.card.rows.1.value`. */
    seq: z.number().int().nonnegative(),
    path: z
      .string()
      .regex(/^[A-Za-z]+(\.[A-Za-z0-9]+)*$/)
      .max(120),
    /** UTF-16 places, end exclusive. What stands there is masked wherever else it stands in the journal, too. */
    ranges: z
      .array(z.tuple([z.number().int().nonnegative(), z.number().int().positive()]))
      .min(1)
      .max(200),
  }),
])
export type RedactionItem = z.infer<typeof RedactionItem>

/** @throws ZodError; spans must be forwards, keyframes in order */
export const RedactionItems = z
  .array(RedactionItem)
  .min(1)
  .max(500)
  .superRefine((items, context) => {
    const wrong = (message: string, at: number) => context.addIssue({ code: 'custom', message, path: [at] })
    for (const [at, item] of items.entries()) {
      if ('fromMs' in item && item.toMs <= item.fromMs) wrong('a span ends after it begins', at)
      if (item.kind === 'text' && item.ranges.some(([from, to]) => to <= from))
        wrong('a range ends after it begins', at)
      if (item.kind !== 'video-region') continue
      if (item.keyframes.some((one, i) => i > 0 && one.atMs <= (item.keyframes[i - 1]?.atMs ?? 0)))
        wrong('keyframes stand in order of time', at)
    }
    if (new Set(items.map(item => item.itemId)).size < items.length) wrong('every item has an id of its own', 0)
  })
export type RedactionItems = readonly RedactionItem[]

export const NewRedaction = z.object({ title: z.string().trim().min(1).max(120), items: RedactionItems })
export type NewRedaction = z.infer<typeof NewRedaction>
export const NewVersion = z.object({
  /** The version this one was made from: two reviewers do not overwrite each other. */
  basedOn: z.number().int().positive(),
  items: RedactionItems,
})
export type NewVersion = z.infer<typeof NewVersion>
export const Suggest = z.object({
  /** Faces are looked for only when asked: boxes only, nothing is compared. */
  faces: z.boolean().default(false),
})
export type Suggest = z.infer<typeof Suggest>
export const RedactionReason = z.object({ reason: z.string().trim().min(3).max(300) })
export type RedactionReason = z.infer<typeof RedactionReason>

export type RedactionVersion = {
  readonly version: number
  readonly items: RedactionItems
  readonly by: By
  readonly at: string
}
export type Redaction = {
  readonly redactionId: string
  readonly callId: CallId
  readonly title: string
  readonly state: (typeof REDACTION_STATES)[number]
  /** The newest. */
  readonly version: RedactionVersion
  /** 0..1 while it is being applied. */
  readonly progress: number | null
  readonly failure: string | null
  readonly applied: {
    readonly by: By
    readonly at: string
    /** SHA-256 of the derivative's manifest.json. */
    readonly manifestSha256: string
    readonly files: readonly RedactedFile[]
  } | null
  readonly release: {
    readonly state: (typeof REDACTION_RELEASE_STATES)[number]
    readonly askedBy: By | null
    readonly askedAt: string | null
    readonly reason: string | null
    readonly answeredBy: By | null
    readonly answeredAt: string | null
    readonly answer: string | null
  }
  /** Whether the reader may answer the request for release: another person, with the right. */
  readonly mayAnswer: boolean
}
export type RedactedFile = { readonly path: string; readonly bytes: number; readonly sha256: string }

/** Something a person may want covered. Nothing is covered by itself. */
export type Suggestion = {
  readonly kind: SuggestionKind
  /** How sure, 0..1: check digits that hold, the machine's own confidence in what it read. */
  readonly confidence: number
  /** Facts behind it, for the reader: `check-digit`, `luhn`, `recogniser:<name>`. */
  readonly because: readonly string[]
  /** Enough to recognise it, too little to learn it. */
  readonly shown: string
  readonly atMs: number
  readonly items: RedactionItems
}

export const REDACTION_FORMAT = 'tongping-redaction/1'
const Hashed = z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })
const Person = z.object({ id: z.string(), name: z.string() })
const Seal = z.object({
  algorithm: z.literal('Ed25519'),
  keyId: z.string(),
  publicKey: z.string(),
  signature: z.string(),
})
/** `derived/redactions/<id>/manifest.json`, canonical JSON, signed like the record's own manifest. */
export const RedactionManifest = z.object({
  format: z.literal(REDACTION_FORMAT),
  redactionId: z.string(),
  version: z.number().int(),
  callId: CallId,
  madeAt: z.iso.datetime(),
  /** Binds the copy to one sealed state of the original. */
  original: z.object({
    /** The signature of the seal stays back: covered words could be tried out with it, but not with a hash over it. */
    manifestSha256: z.string(),
    sealedAt: z.iso.datetime(),
    /** Without the journal: with a few masked digits its hash could be tried out. */
    files: z.array(z.object({ path: z.string(), sha256: z.string() })),
  }),
  authors: z.array(Person),
  appliedBy: Person,
  plan: z.array(RedactionItem),
  tools: z.object({ redactor: z.string(), ffmpeg: z.string() }),
  covered: z.object({
    pictures: z.number().int(),
    videoFrames: z.number().int(),
    audioMs: z.object({ caller: z.number(), agent: z.number() }),
    texts: z.number().int(),
  }),
  files: z.array(Hashed),
  /** What was left out, and why. */
  remarks: z.array(z.string()),
  seal: Seal,
})
export type RedactionManifest = z.infer<typeof RedactionManifest>

/** `derived/redactions/<id>/release.json`: who let it go, signed. */
export const RedactionRelease = z.object({
  format: z.literal('tongping-redaction-release/1'),
  redactionId: z.string(),
  callId: CallId,
  manifestSha256: z.string(),
  askedBy: Person,
  askedAt: z.iso.datetime(),
  reason: z.string(),
  releasedBy: Person,
  releasedAt: z.iso.datetime(),
  answer: z.string(),
  seal: Seal,
})
export type RedactionRelease = z.infer<typeof RedactionRelease>
