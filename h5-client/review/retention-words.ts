import type { Decision, KeptBecause } from '../../signaling/protocol/retention.ts'
import { RETENTION_EN } from '../shared/words/en/retention.ts'
import { RETENTION_ZH, type RetentionWords } from '../shared/words/zh-CN/retention.ts'
import { type Speech, useSpeech } from './review-words.ts'

export function retentionWordsIn(language: Speech['language']): RetentionWords {
  return language === 'en' ? RETENTION_EN : RETENTION_ZH
}

export function useRetentionSpeech(): Speech & { readonly say: RetentionWords } {
  const speech = useSpeech()
  return { ...speech, say: retentionWordsIn(speech.language) }
}

type Said = { readonly say: RetentionWords; readonly time: Speech['time'] }

export function eventText(say: RetentionWords, event: string): string {
  return say.after[event] ?? event
}

/** `P1Y6M` as `1 年 6 个月`. */
export function periodText(say: RetentionWords, keep: string): string {
  return [...keep.matchAll(/(\d+)([YMWD])/g)].map(([, n, unit]) => `${n}${say.units[unit ?? '']}`).join(' ')
}

type Rule =
  | 'for-ever'
  | { latestOf: Rule[] }
  | { earliestOf: Rule[] }
  | { after: string; keep: string; ifAny?: boolean }

/** The rule of a class in words. */
export function ruleWords(say: RetentionWords, given: unknown): string {
  const rule = given as Rule
  if (rule === 'for-ever') return say.forEver
  if ('latestOf' in rule) return say.latest + rule.latestOf.map(one => ruleWords(say, one)).join(say.joiner)
  if ('earliestOf' in rule) return say.earliest + rule.earliestOf.map(one => ruleWords(say, one)).join(say.joiner)
  return say.ruleAfter(eventText(say, rule.after), periodText(say, rule.keep), rule.ifAny === true)
}

export function reasonText({ say, time }: Said, reason: KeptBecause): string {
  switch (reason.kind) {
    case 'held':
      return say.reasons.held(String(reason.holds.length))
    case 'not-ended':
      return say.reasons['not-ended'](say.subject[reason.subject] ?? reason.subject)
    case 'event-unknown':
      return say.reasons['event-unknown'](eventText(say, reason.event))
    case 'until':
      return say.reasons.until(time(reason.until))
    case 'for-ever':
    case 'no-policy':
    case 'class-unlisted':
    case 'no-clock':
      return say.reasons[reason.kind]
  }
}

export function decisionText(said: Said, decision: Decision): string {
  if (decision.kind === 'kept') return decision.reasons.map(reason => reasonText(said, reason)).join(said.say.joiner)
  return `${said.say.because[decision.because]}${said.say.joiner}${said.say.since(said.time(decision.since))}`
}
