import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h, setText } from './dom.ts'
import type { VisitView } from './visit-types.ts'

type FactLook = 'on' | 'off' | 'warn' | 'wait' | 'rec'

/** What a caller must see at any moment: the call is on, the camera is on or not, it is kept or not, who looks. */
export class LiveFacts {
  readonly element: HTMLElement
  readonly #words: CallerWords
  readonly #camera = h('span', { class: 'fact' })
  readonly #recording = h('span', { class: 'fact' })
  readonly #watching = h('span', { class: 'fact' })

  constructor(words: CallerWords) {
    this.#words = words
    const call = h('span', { class: 'fact on' }, words.callOn)
    this.element = h('div', { class: 'facts' }, call, this.#camera, this.#recording, this.#watching)
  }

  show(view: VisitView): void {
    const words = this.#words
    const paused = view.camera === 'paused' || view.held
    const lost = view.camera === 'interrupted' || view.camera === 'needs-tap'
    const watched = view.agentHere && view.camera === 'live' && !view.shut
    setFact(
      this.#camera,
      paused ? words.cameraPaused : view.camera === 'live' ? words.cameraOn : words.cameraStarting,
      paused || lost ? 'warn' : view.camera === 'live' ? 'on' : 'wait',
    )
    const kept = view.recording && !view.shut
    setFact(this.#recording, kept ? words.recordingOn : words.recordingOff, kept ? 'rec' : 'off')
    setFact(
      this.#watching,
      paused || view.shut ? words.watchingPaused : watched ? words.watching(view.agentName) : words.watchingNobody,
      watched ? 'on' : 'off',
    )
  }
}

/** A word, and a dot for those who glance. */
function setFact(element: HTMLElement, text: string, look: FactLook): void {
  setText(element, text)
  element.className = `fact ${look}`
}
