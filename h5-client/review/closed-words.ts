import type { Language } from '../../signaling/protocol/call.ts'
import { REVIEW_CLOSED_EN } from '../shared/words/en/review-closed.ts'
import { REVIEW_CLOSED_ZH, type ReviewClosedWords } from '../shared/words/zh-CN/review-closed.ts'
import { type Speech, useSpeech } from './review-words.ts'

export function closedWordsIn(language: Language): ReviewClosedWords {
  return language === 'en' ? REVIEW_CLOSED_EN : REVIEW_CLOSED_ZH
}

export function useClosedSpeech(): Speech & { readonly say: ReviewClosedWords } {
  const speech = useSpeech()
  return { ...speech, say: closedWordsIn(speech.language) }
}
