import type { PhoneWords } from '../shared/words/zh-CN/phone.ts'
import { h } from './dom.ts'

export type ZoomState = { readonly min: number; readonly max: number; readonly now: number }

/** The steps a person goes through by tapping; what the lens does not reach is left out. */
const STEPS = [1, 2, 4]

/** Pure: the zoom after the next tap. */
export function nextZoom({ min, max, now }: ZoomState): number {
  const steps = STEPS.filter(step => step >= min && step <= max)
  return steps.find(step => step > now + 0.05) ?? steps[0] ?? min
}

/** One button that goes through the lens's steps and says where it is. Only on phones whose camera can zoom. */
export class ZoomPill {
  readonly element: HTMLButtonElement
  readonly #words: PhoneWords
  #state: ZoomState | undefined

  constructor(words: PhoneWords, onZoom: (ratio: number) => void) {
    this.#words = words
    const press = () => {
      if (this.#state !== undefined) onZoom(nextZoom(this.#state))
    }
    this.element = h('button', { type: 'button', class: 'zoom', 'data-test': 'zoom', hidden: true, onclick: press })
  }

  show(state: ZoomState | undefined): void {
    this.#state = state
    this.element.hidden = state === undefined || nextZoom(state) === state.now
    if (state === undefined) return
    const shown = `${Math.round(state.now * 10) / 10}`
    this.element.textContent = `${shown}×`
    this.element.setAttribute('aria-label', this.#words.zoom(shown))
  }
}
