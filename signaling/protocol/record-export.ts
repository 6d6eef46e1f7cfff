import * as z from 'zod'
import type { ArchiveVerdict, SealedManifest } from './archive.ts'
import { Language } from './call.ts'
import { EXPORT_KINDS, type ExportKind, type ExportState } from './export-kinds.ts'
import type { CallId } from './ids.ts'
import type { JournalEntry } from './journal-entry.ts'

/*
 * Exports: what leaves the house.
 *
 *   POST /api/review/calls/:callId/exports   NewExport → ExportJob     the record must be open; `evidence` needs an agreed
 *                                                                      release of `package` (review-access.ts)
 *   GET  /api/review/calls/:callId/exports             → {exports: ExportJob[]}   one's own, newest first
 *   GET  /api/review/exports/:exportId/file            the bytes; one's own, until `expiresAt`
 */

export const NewExport = z.object({
  kind: z.enum(EXPORT_KINDS),
  /** Of the report and of the page that opens first; both languages are always inside. */
  language: Language,
  reason: z.string().trim().min(3).max(300),
  /** Only what a redaction left: no original, no unredacted media or picture. */
  redactionId: z
    .string()
    .regex(/^red_[0-9a-zA-Z]{1,40}$/)
    .optional(),
})
export type NewExport = z.infer<typeof NewExport>

export type ExportJob = {
  readonly exportId: string
  readonly callId: CallId
  readonly kind: ExportKind
  readonly language: Language
  readonly redactionId?: string
  readonly reason: string
  readonly askedAt: string
  readonly state: ExportState
  /** 0 to 1. */
  readonly progress: number
  readonly failure?: 'disk-full' | 'failed' | 'timeout'
  /** Of the finished file. */
  readonly bytes?: number
  readonly sha256?: string
  /** The file is removed then, or when the server ends. */
  readonly expiresAt?: string
}

/** Who took it away, why, and who released it. */
export type ExportOrigin = {
  readonly exportId: string
  readonly kind: ExportKind
  readonly language: Language
  readonly by: { readonly id: string; readonly name: string }
  readonly reason: string
  readonly at: string
  readonly redactionId?: string
  /** The two-person release behind originals. */
  readonly release?: {
    readonly releaseId: string
    readonly askedBy: string
    readonly askedAt: string
    readonly reason: string
    readonly agreedBy: string
    readonly agreedAt: string
    readonly answer: string
  }
}
/** One line of the access log, as it stands in a package. */
export type ExportAccess = {
  readonly at: string
  readonly userName: string
  readonly action: string
  readonly detail: string
}
/** An RFC 3161 time stamp of the seal, or of the day's digest. */
export type ExportStamp = {
  /** In the package. */
  readonly file: string
  readonly of: 'manifest' | 'digest'
  readonly at?: string
  readonly by?: string
  /** Whether its certificate leads to an authority that the operator trusts. */
  readonly trusted?: boolean
  /** It does not hold. */
  readonly fault?: string
}

/** What the page of a package is made of; it stands in the page itself. */
export type PackageData = {
  readonly format: 'tongping-package-page/1'
  readonly origin: ExportOrigin
  readonly record: SealedManifest
  readonly entries: readonly JournalEntry[]
  readonly verdict: ArchiveVerdict
  readonly manifestSha256: string
  readonly stamps: readonly ExportStamp[]
  readonly access: readonly ExportAccess[]
  /** Path in the record → path in the package. */
  readonly files: Readonly<Record<string, string>>
  readonly replay: {
    readonly url: string
    readonly peaksUrl: string
    readonly screenUrl?: string
    readonly spansUrl?: string
  } | null
  /** Media and the report, for people who look for a file. */
  readonly media: readonly string[]
}
