import type { JoinRefusal } from '../../signaling/protocol/call.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { button, card } from './card.ts'
import { h, type IconName } from './dom.ts'

/** Why the link or the digits do not open anything, and what to do next. */
export function refusalScreen(words: CallerWords, refusal: JoinRefusal, onDigits: () => void, onTakeover?: () => void) {
  const { title, next } = words.trouble[refusal]
  const mayType = refusal !== 'call-ended' && refusal !== 'locked'
  const mayTakeOver = onTakeover !== undefined && (refusal === 'already-used' || refusal === 'other-device')
  return card(
    'refusal',
    'warning',
    title,
    [h('p', {}, next)],
    [
      mayTakeOver && button(words.takeoverAsk, 'primary', onTakeover, 'takeover'),
      mayType && button(words.digitsAgain, 'quiet', onDigits, 'to-digits'),
    ],
    { 'data-refusal': refusal },
  )
}

/** An end, or a pause in the visit, with at most one thing to do next. */
export function plainScreen(
  test: string,
  mark: IconName,
  title: string,
  note: string,
  action?: { readonly text: string; readonly test: string; onPress(): void },
) {
  return card(
    test,
    mark,
    title,
    [h('p', {}, note)],
    [action !== undefined && button(action.text, 'primary', () => action.onPress(), action.test)],
  )
}
