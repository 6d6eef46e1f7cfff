import { REDACT_EN } from '../shared/words/en/redact.ts'
import { REDACT_ZH, type RedactWords } from '../shared/words/zh-CN/redact.ts'
import { type Speech, useSpeech } from './review-words.ts'

export type RedactSpeech = Speech & { readonly say: RedactWords; readonly percent: (share: number) => string }

export function useRedactSpeech(): RedactSpeech {
  const speech = useSpeech()
  const say = speech.language === 'en' ? REDACT_EN : REDACT_ZH
  return { ...speech, say, percent: share => `${speech.number(Math.round(share * 100))} %` }
}
