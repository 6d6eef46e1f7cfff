import type { CallFailure } from './call-leg.ts'
import { reasonOf } from './reason-header.ts'

/** Q.850 causes that say more than the SIP status beside them (RFC 3398 section 8.2.6.1 has the usual table). */
const BY_CAUSE: Readonly<Record<number, CallFailure>> = {
  1: 'wrong-number',
  2: 'wrong-number',
  3: 'wrong-number',
  17: 'busy',
  18: 'no-answer',
  19: 'no-answer',
  20: 'no-answer',
  21: 'rejected',
  22: 'wrong-number',
  27: 'unreachable',
  28: 'wrong-number',
  34: 'unreachable',
  38: 'unreachable',
  41: 'unreachable',
  42: 'unreachable',
  44: 'unreachable',
}

const BY_STATUS: Readonly<Record<number, CallFailure>> = {
  401: 'not-allowed',
  402: 'not-allowed',
  403: 'not-allowed',
  404: 'wrong-number',
  407: 'not-allowed',
  408: 'no-answer',
  410: 'wrong-number',
  414: 'wrong-number',
  415: 'not-acceptable',
  416: 'wrong-number',
  420: 'not-acceptable',
  421: 'not-acceptable',
  433: 'rejected',
  480: 'no-answer',
  484: 'wrong-number',
  485: 'wrong-number',
  486: 'busy',
  487: 'no-answer',
  488: 'not-acceptable',
  600: 'busy',
  603: 'rejected',
  604: 'wrong-number',
  606: 'not-acceptable',
  607: 'rejected',
  608: 'rejected',
}

/**
 * What a refusal of an INVITE means to whoever called.
 * @param o.madeUp the SIP server's own, because nothing came back from the network (or its name could not be resolved)
 */
export function failureOf(o: { status: number; reasonHeader: string | undefined; madeUp: boolean }): {
  kind: CallFailure
  q850?: number
} {
  if (o.madeUp) return { kind: 'unreachable' }
  const reason = reasonOf(o.reasonHeader)
  const q850 = reason?.protocol === 'Q.850' ? reason.cause : undefined
  const kind =
    (q850 !== undefined ? BY_CAUSE[q850] : undefined) ??
    BY_STATUS[o.status] ??
    // A redirection leads where nobody has allowed us to call.
    (o.status < 400 ? 'rejected' : o.status >= 500 && o.status < 600 ? 'unreachable' : 'failed')
  return { kind, ...(q850 !== undefined && { q850 }) }
}
