import type { CallId } from './ids.ts'

/** What the daily chain, its copies, the access log and the records say against each other. */
export type AnchorAlarm =
  /** A day without a digest. */
  | { readonly kind: 'digest-missing'; readonly day: string }
  /** Damaged, altered, or not signed by a key of ours. */
  | { readonly kind: 'digest-altered'; readonly day: string }
  | { readonly kind: 'unknown-key'; readonly day: string }
  /** Does not name the digest before it. */
  | { readonly kind: 'chain-broken'; readonly day: string }
  /** The access log remembers this digest, or a published copy holds it, but it is not here. */
  | { readonly kind: 'digest-removed'; readonly day: string }
  /** Newer digests were published than are here: the store was set back to an older state. */
  | { readonly kind: 'rolled-back'; readonly day: string; readonly newestDay: string | null }
  | { readonly kind: 'published-differs'; readonly day: string }
  /** The place where copies are published cannot be read. */
  | { readonly kind: 'published-unreadable' }
  /** Named by a digest, gone, and no certificate of destruction says why. */
  | { readonly kind: 'call-missing'; readonly day: string; readonly callId: CallId }
  | { readonly kind: 'manifest-differs'; readonly day: string; readonly callId: CallId }
  /** A certificate of destruction a digest names is gone or was changed. */
  | { readonly kind: 'certificate-missing'; readonly day: string; readonly callId: CallId }
  /** Fewer entries than a digest says. */
  | { readonly kind: 'log-shorter'; readonly day: string; readonly entries: number; readonly anchoredEntries: number }
  | { readonly kind: 'log-differs'; readonly day: string; readonly entries: number }
  | { readonly kind: 'log-damaged'; readonly day: string; readonly line: number }
  | { readonly kind: 'stamp-wrong'; readonly day: string; readonly fault: string }
  /** Not yet done, and late: the authority or the place of publication is away. */
  | { readonly kind: 'digest-unstamped'; readonly day: string }
  | { readonly kind: 'digest-unpublished'; readonly day: string }
  | { readonly kind: 'seals-unstamped'; readonly count: number }

/** Names an alarm for good, so that it can be told once and acknowledged. */
export function alarmKey(alarm: AnchorAlarm): string {
  const day = 'day' in alarm ? ` ${alarm.day}` : ''
  return `${alarm.kind}${day}${'callId' in alarm ? ` ${alarm.callId}` : ''}`
}

export type AnchorState = {
  /** Undefined until the first night is over. */
  readonly lastDigest: { readonly day: string; readonly sha256: string; readonly late: boolean } | undefined
  readonly digests: number
  readonly stamps: { readonly configured: boolean; readonly stamped: number; readonly waiting: number }
  readonly published: { readonly configured: boolean; readonly waitingDays: number }
  readonly alarms: readonly { readonly alarm: AnchorAlarm; readonly key: string; readonly acknowledged: boolean }[]
  /** When everything was last compared, ISO 8601. */
  readonly checkedAt: string | undefined
}
