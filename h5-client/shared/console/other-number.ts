import type { CallView } from '../../../signaling/protocol/call.ts'

/** The number of the person at the other end: who called, or whom the agent called. Empty when withheld. */
export function otherNumber({ direction, from, to }: Pick<CallView, 'direction' | 'from' | 'to'>): string {
  return direction === 'out' ? to : from
}
