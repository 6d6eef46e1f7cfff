import type { JoinRefusal } from '../../signaling/protocol/call.ts'
import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'

export const STATUS: Record<ErrorCode, number> = {
  'bad-request': 400,
  'not-signed-in': 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
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
