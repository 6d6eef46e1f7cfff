import * as z from 'zod'

const id = z.string().regex(/^[a-z0-9-]{1,40}$/)
const Words = z.object({ 'zh-CN': z.string().trim().min(1).max(300), en: z.string().trim().min(1).max(300) })
const question = {
  id,
  text: Words,
  hint: Words.optional(),
  /** Its share of the whole, relative to the other questions. */
  weight: z.number().min(0).max(1000),
  /** The worst answer makes the whole score zero, whatever else was good. */
  fatal: z.boolean(),
  /** Whether "does not apply" may be said; it then counts in nobody's favour. */
  mayNotApply: z.boolean(),
}

export const Question = z.discriminatedUnion('kind', [
  z.object({ ...question, kind: z.literal('yes-no'), /** Which of them is good. */ good: z.enum(['yes', 'no']) }),
  /** 1 to 5; 5 is best. */
  z.object({ ...question, kind: z.literal('scale') }),
  z.object({
    ...question,
    kind: z.literal('choice'),
    choices: z
      .array(z.object({ id, text: Words, /** Earned share, 0..1. */ share: z.number().min(0).max(1) }))
      .min(2)
      .max(12),
  }),
])
export type Question = z.infer<typeof Question>
export const SheetSection = z.object({ id, title: Words, questions: z.array(Question).min(1).max(60) })
export type SheetSection = z.infer<typeof SheetSection>

/** What an operator's editor sends: the same `sheetId` again makes a new version. */
export const SheetDraft = z
  .object({
    sheetId: id.optional(),
    title: Words,
    /** Out of 100; at least that is a pass. */
    passAt: z.number().min(0).max(100),
    sections: z.array(SheetSection).min(1).max(30),
  })
  .refine(sheet => {
    const ids = sheet.sections.flatMap(section => section.questions.map(one => one.id))
    return new Set(ids).size === ids.length && new Set(sheet.sections.map(one => one.id)).size === sheet.sections.length
  }, 'ids of sections and questions stand once')
  .refine(
    sheet => sheet.sections.some(section => section.questions.some(one => one.weight > 0)),
    'a question must count',
  )
export type SheetDraft = z.infer<typeof SheetDraft>
export type ScoreSheet = Omit<SheetDraft, 'sheetId'> & {
  readonly sheetId: string
  readonly version: number
  readonly by: { readonly id: string; readonly name: string }
  readonly at: string
  readonly retired: boolean
}

/** By question id: `yes`, `no`, `1`…`5`, the id of a choice, or `n/a`. Missing: not answered yet. */
export const Answers = z.record(id, z.string().max(40))
export type Answers = z.infer<typeof Answers>

export type ScoreResult = {
  /** 0..100; null when nothing that counts was answered. */
  readonly total: number | null
  readonly passed: boolean | null
  /** Questions whose worst answer made the total zero. */
  readonly fatal: readonly string[]
  /** Questions still to be answered before the score can be final. */
  readonly unanswered: readonly string[]
}
