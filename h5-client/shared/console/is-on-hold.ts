import type { CallView } from '../../../signaling/protocol/call.ts'

/** Whoever holds. */
export function isOnHold({ heldByCaller, control }: CallView): boolean {
  return heldByCaller || (control !== undefined && control.hold !== 'none')
}
