import type { Language } from '../../signaling/protocol/call.ts'
import { REPORT_EN } from '../shared/words/en/report.ts'
import { REPORT_ZH, type ReportWords } from '../shared/words/zh-CN/report.ts'

const WORDS: Readonly<Record<Language, ReportWords>> = { 'zh-CN': REPORT_ZH, en: REPORT_EN }

export function reportWordsIn(language: Language): ReportWords {
  return WORDS[language]
}
