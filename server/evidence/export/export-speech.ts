import { AUDIT_ACTIONS_EN } from '../../../h5-client/shared/words/en/audit-actions.ts'
import { CONSOLE_EN } from '../../../h5-client/shared/words/en/console.ts'
import { EXTERNAL_EN } from '../../../h5-client/shared/words/en/external.ts'
import { REPORT_EN } from '../../../h5-client/shared/words/en/report.ts'
import { REVIEW_EN } from '../../../h5-client/shared/words/en/review.ts'
import { AUDIT_ACTIONS_ZH } from '../../../h5-client/shared/words/zh-CN/audit-actions.ts'
import { CONSOLE_ZH, type ConsoleWords } from '../../../h5-client/shared/words/zh-CN/console.ts'
import { EXTERNAL_ZH, type ExternalWords } from '../../../h5-client/shared/words/zh-CN/external.ts'
import { REPORT_ZH, type ReportWords } from '../../../h5-client/shared/words/zh-CN/report.ts'
import { REVIEW_ZH, type ReviewWords } from '../../../h5-client/shared/words/zh-CN/review.ts'
import type { Language } from '../../../signaling/protocol/call.ts'

/** The words of what leaves the house, the same as in the console, and how times and numbers are written. */
export type ExportSpeech = {
  readonly language: Language
  readonly words: ReportWords
  readonly console: ConsoleWords
  readonly review: ReviewWords
  readonly external: ExternalWords
  readonly actions: Readonly<Record<string, string>>
  /** Absolute, to the second, largest unit first, with the zone's distance from UTC. */
  readonly time: (at: string | number) => string
  /** The same without day and zone. */
  readonly clock: (at: number) => string
  readonly number: (value: number) => string
}

const WORDS = {
  'zh-CN': {
    words: REPORT_ZH,
    console: CONSOLE_ZH,
    review: REVIEW_ZH,
    external: EXTERNAL_ZH,
    actions: AUDIT_ACTIONS_ZH,
  },
  en: { words: REPORT_EN, console: CONSOLE_EN, review: REVIEW_EN, external: EXTERNAL_EN, actions: AUDIT_ACTIONS_EN },
} as const

export function exportSpeech(language: Language, timeZone: string): ExportSpeech {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  })
  const number = new Intl.NumberFormat(language)
  const parts = (at: string | number) =>
    Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]))
  return {
    language,
    ...WORDS[language],
    time: at => {
      const { year, month, day, hour, minute, second, timeZoneName = 'GMT' } = parts(at)
      const zone = timeZoneName === 'GMT' ? 'UTC' : timeZoneName.replace('GMT', 'UTC')
      return `${year}-${month}-${day} ${hour}:${minute}:${second} ${zone}`
    },
    clock: at => {
      const { hour, minute, second } = parts(at)
      return `${hour}:${minute}:${second}`
    },
    number: value => number.format(value),
  }
}
