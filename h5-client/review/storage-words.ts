import { STORAGE_EN } from '../shared/words/en/storage.ts'
import { STORAGE_ZH, type StorageWords } from '../shared/words/zh-CN/storage.ts'
import { type Speech, useSpeech } from './review-words.ts'

export function storageWordsIn(language: Speech['language']): StorageWords {
  return language === 'en' ? STORAGE_EN : STORAGE_ZH
}

export function useStorageSpeech(): Speech & { readonly say: StorageWords } {
  const speech = useSpeech()
  return { ...speech, say: storageWordsIn(speech.language) }
}
