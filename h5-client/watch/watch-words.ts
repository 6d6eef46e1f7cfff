import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { CallView, Language } from '../../signaling/protocol/call.ts'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { CONSOLE_EN } from '../shared/words/en/console.ts'
import { WATCH_EN } from '../shared/words/en/watch.ts'
import { CONSOLE_ZH, type ConsoleWords } from '../shared/words/zh-CN/console.ts'
import { WATCH_ZH, type WatchWords } from '../shared/words/zh-CN/watch.ts'

export type Speech = { readonly words: WatchWords & { readonly common: ConsoleWords }; readonly language: Language }

export function speechIn(language: Language): Speech {
  return language === 'en'
    ? { language, words: { ...WATCH_EN, common: CONSOLE_EN } }
    : { language, words: { ...WATCH_ZH, common: CONSOLE_ZH } }
}

/** How the caller's camera stands. */
export function cameraWords(view: CallView, words: WatchWords): string {
  return view.camera === 'paused' && isOnHold(view) ? words.held : words.camera[view.camera]
}

export const SpeechContext = createContext<Speech>(speechIn('zh-CN'))

export function useSpeech(): Speech {
  return useContext(SpeechContext)
}
