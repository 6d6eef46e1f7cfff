/** Words of the review console as values; free of zod, so that pages may import them. */

/** What can be said of a call from its manifest and journal (and from later checks) and looked for. */
export const CALL_FLAGS = [
  /** The recorder lost something, or the manifest has remarks. */
  'degraded',
  /** The last verification found a problem. */
  'verification-problem',
  /** It should be encrypted and could not be, so far. */
  'not-encrypted',
  /** Everything was shut off for a payment. */
  'card-shutter',
  'consent-refused',
  'consent-withdrawn',
  /** The voice was on hold. */
  'hold',
  /** The caller's voice stopped arriving, or a voice track has a gap of ten seconds. */
  'silence',
  /** A rule of the quality check found something. */
  'quality-finding',
  /** Sealed at the start after a crash. */
  'crash-sealed',
  /** Sealed later than it should have been. */
  'late',
  /** The agent's page was away in mid-call. */
  'agent-away',
  /** A person looked on. */
  'onlooker',
  /** A document of identity or a bank card was read. */
  'document',
] as const
export type CallFlag = (typeof CALL_FLAGS)[number]

/** Where a text that can be searched came from. */
export const TEXT_KINDS = [
  'ocr',
  'correction',
  'code',
  'finding',
  /** What another system calls its call, and what it told of it. */
  'external',
  'card',
  'document',
  'title',
  'mark',
  'transcript',
] as const
export type TextKind = (typeof TEXT_KINDS)[number]

export const END_CAUSES = [
  'caller-hung-up',
  'agent-hung-up',
  'abandoned',
  'no-answer',
  'rejected',
  'media-lost',
  'line-lost',
  'ended-elsewhere',
  'time-limit',
  'transferred',
  'server-stopped',
  'server-crashed',
  'failed',
] as const

export const ASSIGNMENT_KINDS = ['check', 'second', 'calibration'] as const
export const ASSIGNMENT_STATES = ['open', 'in-work', 'done', 'withdrawn'] as const
export const QUESTION_KINDS = ['yes-no', 'scale', 'choice'] as const
export const RELEASE_STATES = ['asked', 'agreed', 'refused', 'withdrawn', 'expired'] as const
