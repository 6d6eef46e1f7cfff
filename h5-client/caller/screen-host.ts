import type { Language } from '../../signaling/protocol/call.ts'
import { CALLER_EN } from '../shared/words/en/caller.ts'
import { CALLER_ZH, type CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h } from './dom.ts'
import { largeType } from './large-type.ts'

export type Screen = {
  readonly element: HTMLElement
  /** Covers everything, the switch of languages too. */
  readonly full?: boolean
  close?(): void
}

/** Shows one screen at a time and draws it again when the person changes the language. */
export class ScreenHost {
  language: Language
  readonly #root: HTMLElement
  #draw: (words: CallerWords) => Screen = () => ({ element: h('main') })
  #screen: Screen | undefined

  constructor(root: HTMLElement, language: Language) {
    this.#root = root
    this.language = language
  }

  show(draw: (words: CallerWords) => Screen): void {
    this.#draw = draw
    const words: CallerWords = this.language === 'zh-CN' ? CALLER_ZH : CALLER_EN
    document.documentElement.lang = this.language
    document.title = words.title
    const before = this.#screen
    const screen = draw(words)
    this.#screen = screen
    before?.close?.()
    this.#root.replaceChildren(...(screen.full ? [] : [this.#switches(words)]), screen.element)
    // Screen readers start at the new heading, a keyboard at the field.
    const start = screen.element.querySelector<HTMLElement>('[autofocus]') ?? screen.element.querySelector('h1')
    start?.focus({ preventScroll: true })
  }

  #switches(words: CallerWords): HTMLElement {
    return h('div', { class: 'top-right' }, this.#largeType(words), this.#otherLanguage(words))
  }

  /** What it looks like says what it does, in every language. */
  #largeType(words: CallerWords): HTMLButtonElement {
    const onclick = () => {
      largeType.set(!largeType.on)
      aa.setAttribute('aria-pressed', String(largeType.on))
    }
    const aa = h(
      'button',
      { type: 'button', class: 'aa', 'data-test': 'large-type', 'aria-label': words.largeType, onclick },
      'A',
      h('small', { 'aria-hidden': 'true' }, 'a'),
    )
    aa.setAttribute('aria-pressed', String(largeType.on))
    return aa
  }

  #otherLanguage(words: CallerWords): HTMLButtonElement {
    const other = this.language === 'zh-CN' ? 'en' : 'zh-CN'
    const onclick = () => {
      this.language = other
      this.show(this.#draw)
    }
    return h(
      'button',
      { type: 'button', class: 'language', 'data-test': 'language', lang: other, onclick },
      words.switchLanguage,
    )
  }
}
