import { h, setText } from './dom.ts'

const LABEL_MS = 3_000
const FLASH_MS = 500

/** A line that comes and goes: a picture was taken, a button did not work. */
export class LiveLabel {
  readonly element = h('p', { class: 'label', role: 'status', 'aria-live': 'polite', hidden: true })
  #timer: ReturnType<typeof setTimeout> | undefined

  say(text: string): void {
    clearTimeout(this.#timer)
    setText(this.element, text)
    this.element.hidden = false
    // In the place of the sentence of the moment: nothing under it moves.
    this.element.parentElement?.classList.add('labelled')
    this.#timer = setTimeout(() => this.clear(), LABEL_MS)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.element.hidden = true
    setText(this.element, '')
    this.element.parentElement?.classList.remove('labelled')
  }
}

/** The white flash of a camera, without its sound: the caller is on the phone. A border where motion is unwanted. */
export class ShutterFlash {
  readonly element = h('div', { class: 'flash', 'data-test': 'flash', 'aria-hidden': 'true', hidden: true })
  #timer: ReturnType<typeof setTimeout> | undefined

  fire(): void {
    this.element.hidden = false
    // Restarts the animation when two pictures are taken in a row.
    this.element.style.animation = 'none'
    void this.element.offsetWidth
    this.element.style.animation = ''
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.element.hidden = true
    }, FLASH_MS)
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
