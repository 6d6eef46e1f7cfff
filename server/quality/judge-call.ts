import type {
  ChecklistItemResult,
  ChecklistResult,
  QualityFinding,
  QualityReport,
} from '../../signaling/protocol/quality.ts'
import { QUALITY_NUMBERS } from '../../signaling/protocol/quality-kinds.ts'
import type { CallFacts } from './call-facts.ts'
import { type Decision, decideCondition, type Patterns } from './decide-condition.ts'
import type { Checklist, ChecklistItem, Condition, QualityRules, Rule } from './quality-rules.ts'

export type Judgement = Pick<QualityReport, 'findings' | 'undecided' | 'checklists'>

/** Every rule and every item of every checklist that is meant for this kind of call. Pure. */
export function judgeCall(facts: CallFacts, rules: QualityRules, patterns: Patterns): Judgement {
  const findings: QualityFinding[] = []
  const undecided: QualityReport['undecided'] = []
  for (const rule of rules.rules.filter(one => isMeantFor(one, facts))) {
    const decision = decideCondition(rule.when, facts, patterns)
    const { id: ruleId, title } = rule
    if (decision.holds === undefined) undecided.push({ ruleId, title, why: decision.why })
    else if (decision.holds) findings.push(finding(rule, decision))
  }
  return {
    findings,
    undecided,
    checklists: rules.checklists
      .filter(one => isMeantFor(one, facts))
      .map(list => ({
        ...{ checklistId: list.id, version: list.version, title: list.title },
        items: list.items.map(item => answer(item, facts, patterns)),
      })),
  }
}

/** Items that only a model or a person can answer, with what a model would be asked. */
export function openQuestions(rules: QualityRules, results: readonly ChecklistResult[]) {
  return results.flatMap(({ checklistId, items }) => {
    const list = rules.checklists.find(one => one.id === checklistId)
    return items.flatMap(({ itemId, answer: given, by }) => {
      const ask = list?.items.find(item => item.id === itemId)?.ask
      return given === 'unknown' && by === 'nobody' && ask !== undefined ? [{ checklistId, itemId, ask }] : []
    })
  })
}

function isMeantFor({ scenarios }: Pick<Rule | Checklist, 'scenarios'>, facts: CallFacts): boolean {
  return scenarios === undefined || (facts.scenario !== undefined && scenarios.includes(facts.scenario))
}

function finding(rule: Rule, decision: Exclude<Decision, { holds: undefined }>): QualityFinding {
  const { id: ruleId, title, severity, when } = rule
  const { certainty, evidence, measured, limit } = decision
  return {
    ...{ ruleId, title, severity, kind: kindOf(when), certainty, evidence: [...evidence] },
    ...(measured !== undefined && { measured }),
    ...(limit !== undefined && { limit, unit: 'number' in when ? QUALITY_NUMBERS[when.number] : 'ms' }),
  }
}

function kindOf(when: Condition): QualityFinding['kind'] {
  if ('number' in when) return 'number'
  if ('event' in when) return 'event'
  if ('text' in when) return 'text'
  return 'sensitive' in when ? 'sensitive' : 'end'
}

function answer(item: ChecklistItem, facts: CallFacts, patterns: Patterns): ChecklistItemResult {
  const common = { itemId: item.id, title: item.title, good: item.good ?? null, weight: item.weight ?? null }
  const decision: Decision = item.yesWhen
    ? decideCondition(item.yesWhen, facts, patterns)
    : { holds: undefined, why: 'left-to-a-person' }
  if (decision.holds === undefined)
    return { ...common, answer: 'unknown', by: 'nobody', why: decision.why, evidence: [] }
  const { holds, certainty, evidence } = decision
  return { ...common, answer: holds ? 'yes' : 'no', by: 'rule', certainty, evidence: [...evidence] }
}
