import type { CallId, UserId } from './ids.ts'

/** Everything that is done to records and configuration after the call, by people and by the server itself. */
export const AUDIT_ACTIONS = [
  // Looking
  'open',
  'view',
  'seek',
  'verify',
  'file',
  'unmasked',
  'searched',
  'print',
  'export',
  'audit-read',
  // Two-person release, redaction
  'release-asked',
  'release-granted',
  'release-refused',
  'release-withdrawn',
  'downloaded',
  'redaction-drafted',
  'redaction-suggested',
  'redacted',
  'redaction-release-asked',
  'redaction-released',
  'redaction-release-refused',
  // Work of reviewers
  'tagged',
  'commented',
  'scored',
  'sampled',
  'assigned',
  'calibrated',
  'quality-run',
  // Keeping and ending
  'retention-event',
  'hold-set',
  'hold-lifted',
  'erasure-asked',
  'erasure-withdrawn',
  'erased',
  'retention-run',
  'moved',
  'rewrapped',
  'remuxed',
  'restored',
  // People and configuration
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'refused',
  'users-changed',
  'config-changed',
  // The log and the anchors themselves
  'anchored',
  'anchor-alarm',
  'anchor-acknowledged',
  'log-repaired',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** `system` is the server itself: timers, start-up, rules. */
export type AuditActor = { readonly id: UserId; readonly name: string } | 'system'

/** One line of the access log as it is shown. */
export type AuditEntry = {
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** Undefined: the server itself. */
  readonly userId: UserId | undefined
  readonly userName: string
  readonly callId: CallId | undefined
  readonly action: AuditAction
  readonly detail: string
}
