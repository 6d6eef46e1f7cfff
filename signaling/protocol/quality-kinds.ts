/** Words of the quality check as values; free of zod, so that pages may import them. */

export const QUALITY_SEVERITIES = ['info', 'minor', 'major', 'critical'] as const
export type QualitySeverity = (typeof QUALITY_SEVERITIES)[number]

/** What is measured, one number for a call. Units: `ms`, `share` (0..1), `per-minute`. */
export const QUALITY_NUMBERS = {
  duration: 'ms',
  'speech.caller': 'ms',
  'speech.agent': 'ms',
  'talk-share.agent': 'share',
  'pace.agent': 'per-minute',
  'pace.caller': 'per-minute',
  'silence.total': 'ms',
  'cross-talk.total': 'ms',
  'cross-talk.share': 'share',
  'hold.total': 'ms',
  'first-word.agent': 'ms',
  'code.first': 'ms',
} as const
export type QualityNumber = keyof typeof QUALITY_NUMBERS
export type QualityUnit = (typeof QUALITY_NUMBERS)[QualityNumber]

/** Things that happen at moments or last for a while; each occurrence has its place. */
export const QUALITY_EVENTS = [
  'silence',
  'cross-talk',
  'monologue.agent',
  'monologue.caller',
  'hold',
  'agent-away',
  'voice-lost',
  'camera.refused',
  'consent.refused',
  'consent.withdrawn',
  /** Something was used that needs a consent, and there was none. */
  'consent.missing',
  /** A consent was taken back, and what it was for went on. Must never be. */
  'consent.ignored',
  'document.unjudged',
  'document.differs',
  'ocr.corrected',
  'code.found',
  /** A page stood on the stage and the caller's phone never told that it was seen. */
  'page.unseen',
  /** A picture was taken and the agent had said nothing for some seconds before. */
  'snapshot.unannounced',
  'card-shutter',
  /** The number of a bank card stands in what was read, so it was before the camera while nothing was shut. */
  'card-number.unshuttered',
  'recording.degraded',
  /** The reconciliation or the recorder says that something is missing. */
  'record.incomplete',
  /** Verification found something changed. */
  'record.changed',
] as const
export type QualityEvent = (typeof QUALITY_EVENTS)[number]

export const SENSITIVE_KINDS = ['identity-number', 'bank-card', 'phone-number', 'email'] as const
export type SensitiveKind = (typeof SENSITIVE_KINDS)[number]

export const QUALITY_TEXT_SOURCES = [
  'ocr',
  'correction',
  'code',
  'card',
  'document',
  'title',
  'mark',
  'transcript-caller',
  'transcript-agent',
] as const
export type QualityTextSource = (typeof QUALITY_TEXT_SOURCES)[number]

export const QUALITY_ANSWERS = ['yes', 'no', 'unknown'] as const
export type QualityAnswer = (typeof QUALITY_ANSWERS)[number]

/** Why something is not known. Never the same as "no". */
export const QUALITY_UNKNOWNS = [
  /** The deliverables of this record have no speech file: made by an older muxer, or not made. */
  'no-speech-file',
  'no-spans-file',
  /** Too little was said for an estimate. */
  'too-little-speech',
  'no-transcript',
  'no-verdict',
  /** The operator's pattern ran too long and was put out of use. */
  'pattern-too-slow',
  /** The service that was asked did not answer in a way that can be used. */
  'service-failed',
  /** The model's quotes do not stand in the transcript. */
  'quote-not-found',
  'model-does-not-know',
  /** Nothing can answer this but a person. */
  'left-to-a-person',
] as const
export type QualityUnknown = (typeof QUALITY_UNKNOWNS)[number]

/** Whether a service was asked, and if not, why. */
export const SERVICE_STATES = ['not-configured', 'no-consent', 'nothing-to-ask', 'answered', 'failed'] as const
export type ServiceState = (typeof SERVICE_STATES)[number]

export const QUALITY_RUN_STATES = ['none', 'waiting', 'running', 'done', 'failed'] as const
export type QualityRunState = (typeof QUALITY_RUN_STATES)[number]
