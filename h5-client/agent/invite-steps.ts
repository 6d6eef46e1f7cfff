import type { InviteView } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'

export const STEPS = ['sent', 'opened', 'consented', 'camera-live'] as const
export type Step = (typeof STEPS)[number]

/**
 * How far an invitation has come: the index of the last step reached. A state like "failed" does not say how far it
 * was before, so the journal does.
 */
export function reachedStep(invite: InviteView, entries: readonly JournalEntry[]): number {
  const named = STEPS.indexOf(invite.state as Step)
  if (named !== -1) return named
  let reached = 0
  for (const entry of entries) {
    if (entry.type === 'invite.opened' && entry.inviteId === invite.id) reached = Math.max(reached, 1)
    const agreed = entry.type === 'consent.given' && entry.consent.kind === 'camera' && entry.consent.given
    if (agreed && entry.inviteId === invite.id) reached = Math.max(reached, 2)
  }
  return reached
}

/** An invitation that may still bring a picture; after a failure the phone can try again by itself. */
export function isOpen(invite: InviteView | undefined): boolean {
  return invite !== undefined && invite.state !== 'expired'
}

/** Link, digits and QR are of use until somebody has come in by them. */
export function isUnspent(invite: InviteView): boolean {
  return invite.state === 'sent' || invite.state === 'delivery-failed' || invite.state === 'opened'
}

/** 482913 → "482 913": two groups of three are read aloud and typed without a slip. */
export function spokenGroups(digits: string): string {
  return digits.replace(/(\d{3})(?=\d)/g, '$1 ')
}
