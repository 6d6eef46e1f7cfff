import type { Language } from '../../signaling/protocol/call.ts'
import { PHONE_EN } from '../shared/words/en/phone.ts'
import { PHONE_ZH, type PhoneWords } from '../shared/words/zh-CN/phone.ts'

export const phoneWords = (language: Language): PhoneWords => (language === 'zh-CN' ? PHONE_ZH : PHONE_EN)
