import type { CallEnd } from '../../signaling/protocol/call.ts'
import { CallFailed, type LegGone } from '../../signaling/sip/call-leg.ts'

/** How a call ends whose line is gone. */
export function lineGone(gone: LegGone, wasTalkedOn: boolean): CallEnd {
  const reason = gone.reason && { reason: gone.reason }
  if (gone.by === 'peer') return { cause: wasTalkedOn ? 'caller-hung-up' : 'abandoned', ...reason }
  if (gone.by === 'dialog-lost' || gone.by === 'session-expired') return { cause: 'line-lost', why: gone.by }
  return { cause: 'failed', message: gone.by }
}

/** How a call of ours ends that was not answered. @param error a CallFailed, or a fault of ours */
export function notReached(error: unknown): CallEnd {
  const { kind, status, reason } =
    error instanceof CallFailed ? error : { kind: 'failed' as const, status: 500, reason: 'dialling failed' }
  return { cause: 'not-reached', failure: kind, sipStatus: status, reason: reason.slice(0, 80) }
}

/** The SIP answer to a call that ends before it was answered. */
export function rejection(end: CallEnd): { status: number; reason: string } {
  switch (end.cause) {
    case 'rejected':
      return { status: end.sipStatus, reason: end.reason }
    case 'agent-hung-up':
      return { status: 603, reason: 'Decline' }
    case 'no-answer':
      return { status: 480, reason: 'Temporarily Unavailable' }
    case 'server-stopped':
      return { status: 503, reason: 'Service Unavailable' }
    default:
      return { status: 500, reason: 'Server Internal Error' }
  }
}
