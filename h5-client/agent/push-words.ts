import type { Language } from '../../signaling/protocol/call.ts'
import { PUSH_EN } from '../shared/words/en/push.ts'
import { PUSH_ZH, type PushWords } from '../shared/words/zh-CN/push.ts'
import { useBench } from './bench.ts'

export const pushWords = (language: Language): PushWords => (language === 'zh-CN' ? PUSH_ZH : PUSH_EN)

export function usePushWords(): PushWords {
  return pushWords(useBench().language)
}
