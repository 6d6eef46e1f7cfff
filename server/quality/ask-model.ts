import type { ChecklistItemResult, ChecklistResult, ServiceUse, Transcript } from '../../signaling/protocol/quality.ts'
import { openQuestions } from './judge-call.ts'
import type { QualityRules } from './quality-rules.ts'
import { ServiceError } from './services/ask-service.ts'
import { type LanguageModel, type ModelAnswer, PROMPT_VERSION } from './services/language-model.ts'

/** Puts the open questions of the checklists to the model. Its answers never replace one that a rule gave. */
export async function askModel(o: {
  readonly model: LanguageModel
  readonly rules: QualityRules
  readonly checklists: readonly ChecklistResult[]
  readonly transcript: Transcript
  readonly signal: AbortSignal
}): Promise<{ use: ServiceUse; checklists: ChecklistResult[] }> {
  const questions = openQuestions(o.rules, o.checklists)
  const same = o.checklists.map(list => list)
  if (questions.length === 0 || o.transcript.segments.length === 0)
    return { use: { state: 'nothing-to-ask' }, checklists: same }
  const { choice } = o.model
  const asked = {
    ...{ host: new URL(choice.url).host, modelAsked: choice.model, promptVersion: PROMPT_VERSION },
    at: new Date().toISOString(),
  }
  const replaced = (change: (item: ChecklistItemResult, n: number) => ChecklistItemResult) =>
    o.checklists.map(list => ({
      ...list,
      items: list.items.map(item => {
        const n = questions.findIndex(one => one.checklistId === list.checklistId && one.itemId === item.itemId)
        return n === -1 ? item : change(item, n)
      }),
    }))
  try {
    const { answers, modelAnswered, requestSha256 } = await o.model.ask(
      questions.map(one => one.ask),
      o.transcript,
      o.signal,
    )
    return {
      use: { ...asked, state: 'answered', requestSha256, ...(modelAnswered !== undefined && { modelAnswered }) },
      checklists: replaced((item, n) => withAnswer(item, answers[n], o.transcript)),
    }
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code === 'closed') throw error
    return {
      use: { ...asked, state: 'failed', failure: error.code },
      checklists: replaced(item => ({ ...item, why: 'service-failed' })),
    }
  }
}

function withAnswer(
  item: ChecklistItemResult,
  answer: ModelAnswer | undefined,
  transcript: Transcript,
): ChecklistItemResult {
  if (!answer) return { ...item, why: 'model-does-not-know' }
  if (answer.answer === 'unknown') return { ...item, why: answer.why }
  const segment = transcript.segments[answer.segment]
  const { why: _, ...rest } = item
  return {
    ...rest,
    answer: answer.answer,
    by: 'model',
    certainty: 'estimate',
    quote: answer.quote,
    evidence: segment ? [{ atMs: segment.fromMs, toMs: segment.toMs, source: `transcript-${segment.party}` }] : [],
  }
}
