import * as z from 'zod'
import {
  QUALITY_EVENTS,
  QUALITY_NUMBERS,
  QUALITY_SEVERITIES,
  QUALITY_TEXT_SOURCES,
  type QualityNumber,
  SENSITIVE_KINDS,
} from '../../signaling/protocol/quality-kinds.ts'
import { END_CAUSES } from '../../signaling/protocol/review-kinds.ts'

const id = z.string().regex(/^[a-z0-9-]{1,40}$/)
const title = z.string().trim().min(1).max(200)
export const Title = z.strictObject({ 'zh-CN': title, en: title })

const Number_ = z.enum(Object.keys(QUALITY_NUMBERS) as [QualityNumber, ...QualityNumber[]])
const Sources = z.array(z.enum(QUALITY_TEXT_SOURCES)).min(1)

/** What is asked of the facts of a call. It holds, does not hold, or cannot be known. */
export const Condition = z.union([
  z
    .strictObject({ number: Number_, above: z.number().optional(), below: z.number().optional() })
    .refine(one => (one.above === undefined) !== (one.below === undefined), 'either above or below'),
  z.strictObject({
    event: z.enum(QUALITY_EVENTS),
    /** Only occurrences that last longer. */
    longerThanMs: z.number().nonnegative().optional(),
    /** More than so many. */
    moreThan: z.number().int().nonnegative().default(0),
    /** It holds when there are none. */
    absent: z.boolean().default(false),
  }),
  z
    .strictObject({
      text: Sources,
      /** Any of these, letter for letter; upper and lower case, width and spaces make no difference. */
      words: z.array(z.string().trim().min(1).max(100)).min(1).max(50).optional(),
      /** A JavaScript regular expression without slashes. */
      pattern: z.string().min(1).max(300).optional(),
      /** Only texts that begin in the first so many ms after the answer. */
      withinMs: z.number().positive().optional(),
      absent: z.boolean().default(false),
    })
    .refine(one => (one.words === undefined) !== (one.pattern === undefined), 'either words or pattern'),
  z.strictObject({
    sensitive: z.array(z.enum(SENSITIVE_KINDS)).min(1),
    in: Sources.optional(),
    absent: z.boolean().default(false),
  }),
  z.strictObject({ end: z.array(z.enum(END_CAUSES)).min(1) }),
])
export type Condition = z.infer<typeof Condition>

export const Rule = z.strictObject({
  id,
  title: Title,
  severity: z.enum(QUALITY_SEVERITIES),
  /** Kinds of calls; all when missing. */
  scenarios: z.array(z.string().max(40)).optional(),
  when: Condition,
})
export type Rule = z.infer<typeof Rule>

export const ChecklistItem = z
  .strictObject({
    id,
    title: Title,
    /** Yes when it holds. */
    yesWhen: Condition.optional(),
    /** What a language model is asked, when one is configured and the rule does not know. */
    ask: z.string().trim().min(1).max(500).optional(),
    good: z.enum(['yes', 'no']).optional(),
    weight: z.number().positive().max(1000).optional(),
  })
  .refine(one => one.weight === undefined || one.good !== undefined, 'a weight needs to know which answer is good')
export type ChecklistItem = z.infer<typeof ChecklistItem>

export const Checklist = z.strictObject({
  id,
  version: z.string().min(1).max(40),
  title: Title,
  scenarios: z.array(z.string().max(40)).optional(),
  items: z.array(ChecklistItem).min(1).max(60),
})
export type Checklist = z.infer<typeof Checklist>

const once = (list: readonly { readonly id: string }[]) => new Set(list.map(one => one.id)).size === list.length

/** The operator's file: what is looked for, what is asked, and when services may be asked. */
export const QualityRules = z.strictObject({
  version: z.string().min(1).max(40),
  services: z.strictObject({
    /** `given`: only after the caller agreed to `analysis`. `not-refused`: until the caller objects. */
    consent: z.enum(['given', 'not-refused']),
  }),
  rules: z.array(Rule).max(200).refine(once, 'an id stands twice'),
  checklists: z
    .array(Checklist.refine(list => once(list.items), 'an id stands twice'))
    .max(20)
    .refine(once, 'an id stands twice'),
})
export type QualityRules = z.infer<typeof QualityRules>
