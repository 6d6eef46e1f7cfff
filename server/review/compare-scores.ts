import type { By, Score, Spread } from '../../signaling/protocol/review-work.ts'
import type { ScoreSheet } from '../../signaling/protocol/score-sheet.ts'
import { questionsOf, shareOf } from './score-result.ts'

export type QuestionSpread = Spread & {
  readonly questionId: string
  readonly answers: readonly { readonly reviewer: By; readonly answer: string }[]
  /** Share of pairs of reviewers who gave the same answer, 0..1; null with fewer than two answers. */
  readonly agreement: number | null
}

/** Where several reviewers of the same record agree, and where not: the widest first. */
export function compareScores(
  sheet: ScoreSheet,
  scores: readonly Score[],
): { totals: Spread; questions: QuestionSpread[] } {
  const questions = questionsOf(sheet).map(question => {
    const answers = scores.flatMap(({ reviewer, answers: all }) => {
      const answer = all[question.id]
      return answer === undefined ? [] : [{ reviewer, answer }]
    })
    const shares = answers.map(({ answer }) => shareOf(question, answer)).filter(share => typeof share === 'number')
    return { questionId: question.id, answers, agreement: agreementOf(answers), ...spreadOf(shares) }
  })
  const totals = scores.flatMap(score => (score.result.total === null ? [] : [score.result.total / 100]))
  return {
    totals: spreadOf(totals),
    questions: questions.sort((a, b) => (b.deviation ?? -1) - (a.deviation ?? -1)),
  }
}

/** The standard deviation is that of these very people, not of a larger number they stand for. */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length
  if (n === 0) return { n, mean: null, lowest: null, highest: null, deviation: null }
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n)
  return { n, mean, lowest: Math.min(...values), highest: Math.max(...values), deviation }
}

function agreementOf(answers: readonly { answer: string }[]): number | null {
  let pairs = 0
  let same = 0
  for (const [n, one] of answers.entries()) {
    for (const other of answers.slice(n + 1)) {
      pairs++
      if (one.answer === other.answer) same++
    }
  }
  return pairs === 0 ? null : same / pairs
}
