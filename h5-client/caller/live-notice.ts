import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h, setText } from './dom.ts'
import type { VisitView } from './visit-types.ts'

export type NoticeFacts = {
  readonly view: VisitView | undefined
  readonly hasPage: boolean
  readonly hasMarks: boolean
  /** Marks arrive right now. */
  readonly pointing: boolean
  /** What the agent sent, when the page is not a picture of the caller's own. */
  readonly sent?: string | undefined
}

/** The one sentence of the moment, most urgent first. */
export function sentence(words: CallerWords, { view, hasPage, hasMarks, pointing, sent }: NoticeFacts): string {
  if (view?.online === false) return words.offline
  if (view?.camera === 'interrupted') return words.interrupted
  // Behind the card shutter there is nothing to look at; it says itself why.
  if (view?.shut === true) return ''
  // On hold nothing is on its way; the veil says why.
  if (view?.held === true && !hasPage) return ''
  if (hasPage) return pointing ? words.pagePointing : hasMarks ? words.pageMarked : (sent ?? words.pageShown)
  if (view?.slow === true) return words.trouble.network.next
  return view?.camera === 'starting' ? words.connecting : ''
}

/** Where that sentence stands. */
export class LiveNotice {
  readonly element = h('p', { class: 'notice', role: 'status', 'aria-live': 'polite', hidden: true })
  readonly #words: CallerWords

  constructor(words: CallerWords) {
    this.#words = words
  }

  show(facts: NoticeFacts): void {
    const { view, hasPage } = facts
    const text = sentence(this.#words, facts)
    const urgent = view?.online === false || view?.camera === 'interrupted' || view?.slow === true
    setText(this.element, text)
    this.element.hidden = text === ''
    this.element.classList.toggle('urgent', urgent)
    this.element.classList.toggle('pointing', !urgent && hasPage)
  }
}
