import * as z from 'zod'

/** What a recording is made of: the two voices, and everything seen (camera, shared screen, stills of the slow scan). */
export const CapturePart = z.enum(['voice', 'picture'])
export type CapturePart = z.infer<typeof CapturePart>

/** A fact of the call that a rule may ask for. */
export const RecordingCondition = z.union([
  /** The caller has agreed to this at the moment. */
  z.strictObject({ consent: z.string().max(20) }),
  /** This tool was used in the call: a document or text was read, a face compared, a screen shared. */
  z.strictObject({ tool: z.enum(['document', 'face', 'text', 'codes', 'share']) }),
  /** The number called; a trailing `*` stands for any rest. */
  z.strictObject({ calledNumber: z.string().regex(/^[0-9+]{1,30}\*?$/) }),
  /** A flag was set on the call by the agent or the operator's own system (age over 60, a complaint …). */
  z.strictObject({ flag: z.string().max(40) }),
])
export type RecordingCondition = z.infer<typeof RecordingCondition>

/**
 * When a part of a call is recorded. A rule starts the recording as soon as one of its conditions holds; what it started
 * goes on, except that a consent taken back stops what only it had started.
 */
export const RecordingTrigger = z.union([
  z.enum(['always', 'manual', 'off']),
  z.strictObject({
    when: z.array(RecordingCondition).min(1).max(20),
    /** What there is besides the rule: the agent's button, or nothing. */
    otherwise: z.enum(['manual', 'off']),
  }),
])
export type RecordingTrigger = z.infer<typeof RecordingTrigger>

/** One switch for all capture while a card is paid with. A kind of call without this policy has no such switch. */
export const CardShutterPolicy = z.strictObject({
  /** The pause ends by itself after this, whatever happens. */
  maxMs: z.number().int().min(5_000).max(3_600_000),
  /** Keys of the caller's telephone, for example `*1` and `*0`; they begin with * or #, which no card number has. */
  pauseKeys: z
    .string()
    .regex(/^[*#][0-9*#]{1,5}$/)
    .optional(),
  resumeKeys: z
    .string()
    .regex(/^[*#][0-9*#]{1,5}$/)
    .optional(),
})
export type CardShutterPolicy = z.infer<typeof CardShutterPolicy>

export const PauseTrigger = z.enum(['agent', 'caller-keys', 'ivr', 'api'])
export type PauseTrigger = z.infer<typeof PauseTrigger>
export const ResumeCause = z.enum(['agent', 'caller-keys', 'ivr', 'api', 'limit'])
export type ResumeCause = z.infer<typeof ResumeCause>

/** Why a recording began or stopped in mid-call. */
export const RecordingCause = z.enum(['policy', 'agent', 'rule', 'consent', 'scenario'])
export type RecordingCause = z.infer<typeof RecordingCause>

/** What both sides are shown of the recorder. */
export const CaptureView = z.object({
  voice: z.boolean(),
  /** By the recording trigger; without the caller's consent nothing is kept all the same. */
  picture: z.boolean(),
  /** Whether the agent has a button for it. */
  mayStart: z.boolean(),
  /** Whether this kind of call has a card shutter. */
  hasShutter: z.boolean(),
  /** The card shutter is closed. */
  shutter: z
    .object({
      trigger: PauseTrigger,
      /** On the call's clock. */
      sinceMs: z.number(),
      limitMs: z.number(),
    })
    .optional(),
})
export type CaptureView = z.infer<typeof CaptureView>
