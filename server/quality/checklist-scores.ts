import type { ChecklistResult, ChecklistScore, PersonAnswer } from '../../signaling/protocol/quality.ts'

/** Points of the checklists that define weights; a person's answer counts before an automatic one. Unknown earns nothing and is told. */
export function checklistScores(
  results: readonly ChecklistResult[],
  answers: readonly PersonAnswer[],
): ChecklistScore[] {
  return results.flatMap(({ checklistId, items }) => {
    let [earned, possible, open] = [0, 0, 0]
    for (const { itemId, weight, good, answer } of items) {
      if (weight === null) continue
      const said = answers.find(one => one.checklistId === checklistId && one.itemId === itemId)?.answer ?? answer
      possible += weight
      if (said === 'unknown') open += weight
      else if (said === good) earned += weight
    }
    return possible > 0 ? [{ checklistId, earned, possible, open }] : []
  })
}
