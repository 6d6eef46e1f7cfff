import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'

/** Why a PDF, or a page of it, was not shown. Each tells the agent what to do. */
export const PDF_REASONS = {
  'too-large': ['bad-request', 'the file is too large; export the pages you need'],
  encrypted: ['bad-request', 'the file is protected by a password; save it without one'],
  broken: ['bad-request', 'the file is damaged or no PDF; print it into a new PDF'],
  'too-many-pages': ['bad-request', 'the file has too many pages; export the pages you need'],
  'no-such-page': ['not-found', 'the document has no such page'],
  'too-complex': ['bad-request', 'this page needs too much memory; print it into a new PDF'],
  busy: ['too-many', 'too many pages are being made; try again in a moment'],
  timeout: ['unavailable', 'making the page took too long; export it as a picture'],
  crashed: ['unavailable', 'the page could not be made; export it as a picture'],
  closed: ['gone', 'the server is stopping'],
} as const satisfies Record<string, readonly [ErrorCode, string]>
export type PdfReason = keyof typeof PDF_REASONS

export class PdfError extends AppError {
  override name = 'PdfError'
  readonly reason: PdfReason
  constructor(reason: PdfReason, options?: ErrorOptions) {
    const [code, message] = PDF_REASONS[reason]
    super(code, message, options)
    this.reason = reason
  }
}
