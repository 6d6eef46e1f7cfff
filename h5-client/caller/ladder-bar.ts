import type { Language } from '../../signaling/protocol/call.ts'
import { NETWORK_EN } from '../shared/words/en/network.ts'
import { NETWORK_ZH, type NetworkWords } from '../shared/words/zh-CN/network.ts'
import { h, setText } from './dom.ts'
import type { VisitView } from './visit-types.ts'

/** Says how the picture travels when it is not video, and offers the photo where photos are sent one by one. */
export class LadderBar {
  readonly element: HTMLElement
  readonly #words: NetworkWords
  readonly #text = h('p', { class: 'rung-words', role: 'status', 'aria-live': 'polite', 'data-test': 'rung-words' })
  readonly #button: HTMLButtonElement

  constructor(language: Language, shoot: () => void) {
    this.#words = language === 'zh-CN' ? NETWORK_ZH : NETWORK_EN
    this.#button = h(
      'button',
      { type: 'button', class: 'primary', 'data-test': 'send-photo', onclick: shoot, hidden: true },
      this.#words.sendPhoto,
    )
    this.element = h('div', { 'data-test': 'ladder', 'data-rung': 'live', hidden: true }, this.#text, this.#button)
  }

  show({ rung, photo, camera, online }: VisitView): void {
    this.element.dataset.rung = rung
    this.element.dataset.photo = photo
    // What is worse is said elsewhere: no network at all, no camera.
    const applies = rung !== 'live' && online && camera !== 'paused' && camera !== 'needs-tap'
    this.element.hidden = !applies
    if (rung === 'live') return
    setText(this.#text, rung === 'photo' && photo !== 'none' ? this.#words.photo[photo] : this.#words.rung[rung])
    this.#button.hidden = rung !== 'photo'
    this.#button.disabled = photo === 'sending'
  }
}
