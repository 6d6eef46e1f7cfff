import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import { AUDIT_ACTIONS_EN } from '../shared/words/en/audit-actions.ts'
import { CONSOLE_EN } from '../shared/words/en/console.ts'
import { EXTERNAL_EN } from '../shared/words/en/external.ts'
import { REVIEW_EN } from '../shared/words/en/review.ts'
import { REVIEW_REPLAY_EN } from '../shared/words/en/review-replay.ts'
import { REVIEW_WORK_EN } from '../shared/words/en/review-work.ts'
import { AUDIT_ACTIONS_ZH } from '../shared/words/zh-CN/audit-actions.ts'
import { CONSOLE_ZH, type ConsoleWords } from '../shared/words/zh-CN/console.ts'
import { EXTERNAL_ZH, type ExternalWords } from '../shared/words/zh-CN/external.ts'
import { REVIEW_ZH, type ReviewWords } from '../shared/words/zh-CN/review.ts'
import { REVIEW_REPLAY_ZH, type ReviewReplayWords } from '../shared/words/zh-CN/review-replay.ts'
import { REVIEW_WORK_ZH, type ReviewWorkWords } from '../shared/words/zh-CN/review-work.ts'

/** Words and number forms of the chosen language. */
export type Speech = {
  readonly language: Language
  readonly words: ReviewWords & {
    readonly common: ConsoleWords
    readonly replay: ReviewReplayWords
    readonly work: ReviewWorkWords
    readonly external: ExternalWords
    readonly auditActions: Readonly<Record<string, string>>
  }
  /** Absolute, to the second, with zone, largest unit first: a time that can be read out in a hearing. */
  readonly time: (iso: string) => string
  readonly number: (value: number) => string
  readonly bytes: (value: number) => string
}

function speech(language: Language, words: Speech['words']): Speech {
  const time = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  const number = new Intl.NumberFormat(language)
  const kilobytes = new Intl.NumberFormat(language, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 1 })
  const megabytes = new Intl.NumberFormat(language, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })
  return {
    language,
    words,
    time: iso => {
      const part = Object.fromEntries(time.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]))
      return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second} ${part.timeZoneName}`
    },
    number: value => number.format(value),
    bytes: value => (value < 100_000 ? kilobytes.format(value / 1_000) : megabytes.format(value / 1_000_000)),
  }
}

const SPEECH: Readonly<Record<Language, Speech>> = {
  'zh-CN': speech('zh-CN', {
    ...REVIEW_ZH,
    common: CONSOLE_ZH,
    replay: REVIEW_REPLAY_ZH,
    work: REVIEW_WORK_ZH,
    external: EXTERNAL_ZH,
    auditActions: AUDIT_ACTIONS_ZH,
  }),
  en: speech('en', {
    ...REVIEW_EN,
    common: CONSOLE_EN,
    replay: REVIEW_REPLAY_EN,
    work: REVIEW_WORK_EN,
    external: EXTERNAL_EN,
    auditActions: AUDIT_ACTIONS_EN,
  }),
}

export function speechIn(language: Language): Speech {
  return SPEECH[language]
}

export const SpeechContext = createContext<Speech>(SPEECH['zh-CN'])

export function useSpeech(): Speech {
  return useContext(SpeechContext)
}
