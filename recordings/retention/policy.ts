import * as z from 'zod'
import { isTimeZone } from './calendar.ts'
import { KeepDuration } from './keep-duration.ts'

const Title = z.object({ 'zh-CN': z.string().min(1).max(80), en: z.string().min(1).max(80) })
const ClassId = z.string().regex(/^[a-z0-9-]{1,40}$/)

/** What happened in the world outside: `contract-end`, `dispute-begin`, … or a name of the operator's own. */
export const EventName = z.string().regex(/^[a-z][a-z0-9-]{1,58}[a-z0-9]$/)
export type EventName = z.infer<typeof EventName>

/** The one event every call brings with it. */
export const CALL_END = 'call-end'
/** A dispute that was begun and has not ended keeps every record, whatever its class says. */
export const DISPUTE = 'dispute'

const Clock = z.strictObject({
  /** `call-end`, or the event that starts the clock. */
  after: EventName,
  keep: KeepDuration,
  /** The clock counts only where such an event is known: two years after a dispute concerns only calls with one. */
  ifAny: z.boolean().default(false),
  /** A period prescribed by law: an erasure request has to wait for it. One that is not ends with the request. */
  statutory: z.boolean().default(true),
  /** Where the figure comes from, in the operator's words. */
  basis: z.string().max(300).default(''),
})
export type Clock = z.infer<typeof Clock>

export type KeepRule = Clock | { readonly latestOf: readonly KeepRule[] } | { readonly earliestOf: readonly KeepRule[] }
export const KeepRule: z.ZodType<KeepRule> = z.lazy(() =>
  z.union([
    Clock,
    z.strictObject({ latestOf: z.array(KeepRule).min(1).max(20) }),
    z.strictObject({ earliestOf: z.array(KeepRule).min(1).max(20) }),
  ]),
)

const RetentionClass = z.strictObject({
  id: ClassId,
  title: Title,
  keep: z.union([z.literal('for-ever'), KeepRule]),
  /** After the end of the call; never purged before. */
  atLeast: KeepDuration.optional(),
  /** After the end of the call; caps what the clocks say, also one whose event is unknown. Not holds or open disputes. */
  atMost: KeepDuration.optional(),
})
export type RetentionClass = z.infer<typeof RetentionClass>

/** What the operator has decided, with counsel. Every figure of law stands here and nowhere in the code. */
export const RetentionPolicy = z
  .strictObject({
    version: z.string().min(1).max(60),
    /** IANA name; whole days are counted in this zone. */
    timeZone: z.string().refine(isTimeZone, 'not a time zone of this machine'),
    classes: z.array(RetentionClass).min(1).max(200),
    /** The class of calls that have none, or one that is not listed. Without it such calls are kept. */
    otherwise: ClassId.optional(),
    erasure: z.strictObject({
      /** How long an answer to a request may take. */
      answerWithin: KeepDuration,
    }),
    runs: z
      .strictObject({
        /** When the daily run begins, in the policy's zone: `03:30`. Without it runs are started by hand. */
        dailyAt: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
          .optional(),
        mostPerRun: z.number().int().min(1).max(100_000).default(200),
        /** A run that would purge more than this share of all records waits for a person. */
        confirmAboveShare: z.number().min(0).max(1).default(0.1),
      })
      .default({ mostPerRun: 200, confirmAboveShare: 0.1 }),
  })
  .superRefine((policy, context) => {
    const ids = policy.classes.map(one => one.id)
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    if (twice !== undefined) context.addIssue({ code: 'custom', path: ['classes'], message: `${twice} stands twice` })
    if (policy.otherwise !== undefined && !ids.includes(policy.otherwise))
      context.addIssue({ code: 'custom', path: ['otherwise'], message: 'names no class of this policy' })
  })
export type RetentionPolicy = z.infer<typeof RetentionPolicy>

/** @throws Error one line that names the place */
export function parsePolicy(text: string): RetentionPolicy {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error('the retention policy is no JSON', { cause })
  }
  const parsed = RetentionPolicy.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Error(`the retention policy is not as expected at ${issue?.path.join('.') || 'file'}: ${issue?.message}`)
}

/** The rule in one line, as it stands in certificates: `latest of (call-end + P5Y, dispute-end + P2Y if any)`. */
export function ruleText(rule: KeepRule | 'for-ever'): string {
  if (rule === 'for-ever') return 'for ever'
  if ('latestOf' in rule) return `latest of (${rule.latestOf.map(ruleText).join(', ')})`
  if ('earliestOf' in rule) return `earliest of (${rule.earliestOf.map(ruleText).join(', ')})`
  return `${rule.after} + ${rule.keep}${rule.ifAny ? ' if any' : ''}`
}
