import { IntakeError, type IntakeReason } from '../../media/picture/intake-error.ts'
import { AppError } from '../../signaling/protocol/errors.ts'

/** Two pictures have the same shape when their sides differ by no more: marks then stay on what they mark. */
const SAME_SHAPE = 0.02

/** What became of a still: the better picture of its page, a page of its own, or why not; `phone` for what the phone says. */
export type StillResult =
  | 'better'
  | 'own-page'
  | 'only'
  | 'timeout'
  | 'too-many'
  | 'phone-not-connected'
  | 'phone'
  | 'not-better'
  | 'not-kept'
  /** The card shutter closed while it was on its way. */
  | 'paused'
  /** The caller took back that pictures are kept. */
  | 'withdrawn'
  | IntakeReason

export class NotBetter extends AppError {
  override name = 'NotBetter'
}

export function reasonOf(error: unknown): StillResult {
  if (error instanceof IntakeError) return error.reason
  return error instanceof NotBetter ? 'not-better' : 'not-kept'
}

/** Whether one picture can lie under the marks drawn on the other. */
export function sameShape(
  one: { readonly widthPx: number; readonly heightPx: number },
  other: { readonly widthPx: number; readonly heightPx: number },
): boolean {
  return Math.abs((one.widthPx * other.heightPx) / (one.heightPx * other.widthPx) - 1) <= SAME_SHAPE
}
