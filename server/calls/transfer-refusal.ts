import type { Transfer, TransferFailure } from '../../signaling/protocol/voice.ts'
import { failureOf } from '../../signaling/sip/call-failure.ts'
import { CallFailed, ReferRefused } from '../../signaling/sip/call-leg.ts'

/**
 * SIP statuses by which a far end that has taken a REFER says in its NOTIFY that it cannot do it, or may not: nobody's
 * telephone answers a call so. 404, 480, 486, 603 and the like are the other one's own answer, and are not asked for twice.
 */
const CANNOT: ReadonlySet<number> = new Set([403, 405, 420, 421, 500, 501, 502, 503, 504, 505, 513, 580])
/** That there is no call to be transferred any more. */
const NO_CALL = 481

/**
 * Whether a refused transfer may be carried out here. A REFER that is not taken at all says nothing of whom the caller was to
 * reach. Who was asked before is on the line already: whatever the far end could not do, the two can be connected.
 */
export function canBeBridged(refused: ReferRefused, kind: Transfer['kind']): boolean {
  if (refused.stage === 'asked') return refused.status !== NO_CALL
  return kind === 'attended' || CANNOT.has(refused.status)
}

/** Refused as a request: the far end cannot do it. Refused later: that is what became of its own call to the other, or of ours. */
export function transferFailure(error: unknown): TransferFailure {
  if (error instanceof CallFailed) return error.kind
  if (!(error instanceof ReferRefused)) return 'failed'
  if (error.stage === 'asked') return [403, 603].includes(error.status) ? 'not-allowed' : 'not-supported'
  return failureOf({ status: error.status, reasonHeader: undefined, madeUp: false }).kind
}
