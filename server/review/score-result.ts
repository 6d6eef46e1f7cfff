import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { Answers, Question, ScoreResult, ScoreSheet, SheetDraft } from '../../signaling/protocol/score-sheet.ts'

export const NOT_APPLICABLE = 'n/a'
/** The ends of a scale. */
const WORST = 1
const BEST = 5

/** What an answer earns, 0..1; `n/a` earns nothing and costs nothing. Undefined: not an answer to this question. */
export function shareOf(question: Question, answer: string): number | 'n/a' | undefined {
  if (answer === NOT_APPLICABLE) return question.mayNotApply ? NOT_APPLICABLE : undefined
  switch (question.kind) {
    case 'yes-no':
      if (answer !== 'yes' && answer !== 'no') return undefined
      return answer === question.good ? 1 : 0
    case 'scale': {
      const value = /^[1-5]$/.test(answer) ? Number(answer) : undefined
      return value === undefined ? undefined : (value - WORST) / (BEST - WORST)
    }
    case 'choice':
      return question.choices.find(choice => choice.id === answer)?.share
    default:
      return assertNever(question)
  }
}

/**
 * The score of a set of answers: the weighted mean of what was earned, out of 100; questions that do not apply leave the
 * sum. The worst answer to a fatal question makes it 0.
 */
export function scoreResult(
  sheet: Pick<ScoreSheet | SheetDraft, 'sections' | 'passAt'>,
  answers: Answers,
): ScoreResult {
  let earned = 0
  let possible = 0
  const fatal: string[] = []
  const unanswered: string[] = []
  for (const question of questionsOf(sheet)) {
    const answer = answers[question.id]
    const share = answer === undefined ? undefined : shareOf(question, answer)
    if (share === undefined) unanswered.push(question.id)
    else if (share !== NOT_APPLICABLE) {
      earned += share * question.weight
      possible += question.weight
      if (question.fatal && share === 0) fatal.push(question.id)
    }
  }
  const total = fatal.length > 0 ? 0 : possible === 0 ? null : Math.round((earned / possible) * 1000) / 10
  return { total, passed: total === null ? null : total >= sheet.passAt, fatal, unanswered }
}

/** Answers to questions the sheet does not ask, or that are no answers to them. */
export function wrongAnswers(sheet: Pick<SheetDraft, 'sections'>, answers: Answers): string[] {
  const questions = new Map(questionsOf(sheet).map(question => [question.id, question]))
  return Object.entries(answers).flatMap(([id, answer]) => {
    const question = questions.get(id)
    return question === undefined || shareOf(question, answer) === undefined ? [id] : []
  })
}

export function questionsOf(sheet: Pick<SheetDraft, 'sections'>): Question[] {
  return sheet.sections.flatMap(section => section.questions)
}
