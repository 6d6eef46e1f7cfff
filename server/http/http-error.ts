import { IntakeError } from '../../media/picture/intake-error.ts'
import { PdfError } from '../../media/picture/pdf-error.ts'
import type { JoinRefusal } from '../../signaling/protocol/call.ts'
import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'
import { UploadRefused, WrongOffset } from '../assist/upload-error.ts'
import { RecordRestricted } from '../evidence/record-restricted.ts'

export const STATUS: Record<ErrorCode, number> = {
  'bad-request': 400,
  'not-signed-in': 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  // RFC 4918 section 11.3: locked; it goes on as soon as the card shutter opens.
  paused: 423,
  'too-many': 429,
  unavailable: 503,
  internal: 500,
}

const REFUSAL_CODES: Record<JoinRefusal, ErrorCode> = {
  unknown: 'not-found',
  expired: 'gone',
  'already-used': 'conflict',
  'other-device': 'conflict',
  'call-ended': 'gone',
  'wrong-digits': 'forbidden',
  locked: 'too-many',
}

/** A code that does not open the page, with the page to show instead. */
export class JoinRefused extends AppError {
  override name = 'JoinRefused'
  readonly refusal: JoinRefusal
  readonly retryAfterMs: number | undefined
  constructor(refusal: JoinRefusal, retryAfterMs?: number) {
    super(REFUSAL_CODES[refusal], `this code is not accepted: ${refusal}`)
    this.refusal = refusal
    this.retryAfterMs = retryAfterMs
  }
}

/** A body that is not read at all: too long, or of a type this route does not take. */
export class BodyRefused extends AppError {
  override name = 'BodyRefused'
  readonly reason: 'too-large' | 'unknown-type'
  constructor(reason: 'too-large' | 'unknown-type') {
    super('bad-request', reason === 'too-large' ? 'too large' : 'not a type that is taken here')
    this.reason = reason
  }
}

/** Reasons HTTP has a status of its own for; for all others the error's code decides. */
const STATUS_OF_REASON: Readonly<Record<string, number>> = {
  'too-large': 413,
  'too-many-pixels': 413,
  'unknown-type': 415,
  'not-a-picture': 415,
  undecodable: 422,
}

/** What a refusal looks like from outside: the status, and the facts the page acts on. */
export function answerOf(error: AppError): { readonly status: number; readonly facts: object } {
  const status = STATUS[error.code]
  if (error instanceof JoinRefused) {
    const { refusal, retryAfterMs } = error
    return { status, facts: { refusal, ...(retryAfterMs !== undefined && { retryAfterMs }) } }
  }
  if (error instanceof WrongOffset) return { status, facts: { receivedBytes: error.receivedBytes } }
  if (
    error instanceof IntakeError ||
    error instanceof PdfError ||
    error instanceof UploadRefused ||
    error instanceof BodyRefused
  ) {
    return { status: STATUS_OF_REASON[error.reason] ?? status, facts: { reason: error.reason } }
  }
  if (error instanceof RecordRestricted) return { status, facts: { reason: error.reason } }
  return { status, facts: {} }
}
