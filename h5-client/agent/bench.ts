import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import { AGENT_EN } from '../shared/words/en/agent.ts'
import { CAPTURE_EN } from '../shared/words/en/capture.ts'
import { CONSOLE_EN } from '../shared/words/en/console.ts'
import { DESK_PHONE_EN } from '../shared/words/en/desk-phone.ts'
import { EXTERNAL_EN } from '../shared/words/en/external.ts'
import { INK_EN } from '../shared/words/en/ink.ts'
import { VOICE_EN } from '../shared/words/en/voice.ts'
import { WORKBENCH_EN } from '../shared/words/en/workbench.ts'
import { AGENT_ZH, type AgentWords } from '../shared/words/zh-CN/agent.ts'
import { CAPTURE_ZH, type CaptureWords } from '../shared/words/zh-CN/capture.ts'
import { CONSOLE_ZH, type ConsoleWords } from '../shared/words/zh-CN/console.ts'
import { DESK_PHONE_ZH, type DeskPhoneWords } from '../shared/words/zh-CN/desk-phone.ts'
import { EXTERNAL_ZH, type ExternalWords } from '../shared/words/zh-CN/external.ts'
import { INK_ZH, type InkWords } from '../shared/words/zh-CN/ink.ts'
import { VOICE_ZH, type VoiceWords } from '../shared/words/zh-CN/voice.ts'
import { WORKBENCH_ZH, type WorkbenchWords } from '../shared/words/zh-CN/workbench.ts'
import type { Desk } from './desk.ts'

export type BenchWords = AgentWords & {
  readonly common: ConsoleWords
  readonly ink: InkWords
  readonly wb: WorkbenchWords
  readonly capture: CaptureWords
  readonly external: ExternalWords
  readonly control: VoiceWords
  readonly deskPhone: DeskPhoneWords
}

/** What every part of the workbench needs: the desk and the words of the chosen language. */
export type Bench = { readonly desk: Desk; readonly words: BenchWords; readonly language: Language }

const WORDS: Readonly<Record<Language, BenchWords>> = {
  'zh-CN': {
    ...AGENT_ZH,
    common: CONSOLE_ZH,
    ink: INK_ZH,
    wb: WORKBENCH_ZH,
    capture: CAPTURE_ZH,
    external: EXTERNAL_ZH,
    control: VOICE_ZH,
    deskPhone: DESK_PHONE_ZH,
  },
  en: {
    ...AGENT_EN,
    common: CONSOLE_EN,
    ink: INK_EN,
    wb: WORKBENCH_EN,
    capture: CAPTURE_EN,
    external: EXTERNAL_EN,
    control: VOICE_EN,
    deskPhone: DESK_PHONE_EN,
  },
}

export function wordsIn(language: Language): BenchWords {
  return WORDS[language]
}

export const BenchContext = createContext<Bench | undefined>(undefined)

export function useBench(): Bench {
  const bench = useContext(BenchContext)
  if (!bench) throw new Error('outside of the workbench')
  return bench
}
