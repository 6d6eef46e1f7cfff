import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h, type IconName, icon } from './dom.ts'
import type { VisitView } from './visit-types.ts'

/** What the buttons under the picture do. */
export type ControlActions = {
  flip(): void
  torch(on: boolean): void
  pause(paused: boolean): void
  stop(): void
  look(): void
  more(): void
}

/** The buttons under the picture, in reach of the thumb. */
export class LiveControls {
  readonly element: HTMLElement
  readonly #words: CallerWords
  readonly #flip: HTMLButtonElement
  readonly #torch: HTMLButtonElement
  readonly #pause: HTMLButtonElement
  readonly #look: HTMLButtonElement
  #view: VisitView | undefined

  constructor(words: CallerWords, actions: ControlActions) {
    this.#words = words
    this.#flip = control('flip', 'switch-camera', words.switchCamera, () => actions.flip())
    this.#torch = control('torch', 'torch', words.torchOn, () => actions.torch(this.#view?.torch !== 'on'))
    this.#pause = control('pause', 'pause', words.pause, () => actions.pause(this.#view?.camera !== 'paused'))
    this.#look = control('camera', 'look', words.toCamera, () => actions.look())
    this.#look.hidden = true
    this.#torch.hidden = true
    const stop = control('stop', 'stop', words.stop, () => actions.stop())
    this.element = h(
      'div',
      { class: 'controls', role: 'group' },
      this.#look,
      this.#flip,
      this.#torch,
      this.#pause,
      stop,
      control('more', 'more', words.more, () => actions.more()),
    )
  }

  /** Whether there is another camera to flip to. */
  set canFlip(can: boolean) {
    this.#flip.hidden = !can
  }

  show(view: VisitView): void {
    this.#view = view
    const words = this.#words
    const paused = view.camera === 'paused'
    this.#torch.hidden = view.torch === 'none'
    this.#torch.setAttribute('aria-pressed', String(view.torch === 'on'))
    relabel(this.#torch, 'torch', view.torch === 'on' ? words.torchOff : words.torchOn)
    relabel(this.#pause, paused ? 'play' : 'pause', paused ? words.resume : words.pause)
    this.#pause.setAttribute('aria-pressed', String(paused))
  }

  /** `at`: what is looked at now; `hasPage`: whether there is anything else. */
  showLook(at: 'camera' | 'page', hasPage: boolean): void {
    this.#look.hidden = !hasPage
    relabel(this.#look, at === 'page' ? 'camera' : 'eye', at === 'page' ? this.#words.toCamera : this.#words.toPage)
  }
}

/** A round button with its word below. */
export function control(name: IconName, test: string, label: string, onPress: () => void): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: `control ${name}`, 'data-test': test, onclick: onPress },
    h('span', { class: 'disc' }, icon(name)),
    h('span', { class: 'control-label' }, label),
  )
}

/** Gives a control another meaning, in picture and word. */
export function relabel(button: HTMLButtonElement, name: IconName, label: string): void {
  const shown = button.querySelector('.control-label')
  if (shown?.textContent === label) return
  if (shown !== null) shown.textContent = label
  button.querySelector('.disc')?.replaceChildren(icon(name))
}
