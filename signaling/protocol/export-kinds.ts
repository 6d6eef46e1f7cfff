/** Words of exports as values; free of zod, so that pages may import them. */

/**
 * `report`: the printable report alone. `viewing`: media, pictures with a watermark, readable journal, report; numbers masked, no
 * originals. `evidence`: everything, originals as they were sealed; two persons release it.
 */
export const EXPORT_KINDS = ['report', 'viewing', 'evidence'] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]
export const EXPORT_STATES = ['waiting', 'running', 'done', 'failed'] as const
export type ExportState = (typeof EXPORT_STATES)[number]

/** What a package is, in the eyes of who opens it: a copy of what a redaction left is none of the other two. */
export type PackageSort = 'evidence' | 'viewing' | 'redacted'

export function packageSortOf(origin: {
  readonly kind: ExportKind
  readonly redactionId?: string | undefined
}): PackageSort {
  if (origin.redactionId !== undefined) return 'redacted'
  return origin.kind === 'evidence' ? 'evidence' : 'viewing'
}
