import { h } from './dom.ts'

/**
 * A sheet from below, over everything: a question, or things that are not needed all the time. A question is only
 * answered by its buttons: a finger beside it must not have said no.
 */
export class Sheet {
  /** Closed by its own button, the veil or Escape; not by `close()`. */
  onDismiss: () => void = () => {}
  readonly element: HTMLElement
  readonly #before = document.activeElement
  #closed = false

  constructor(o: { test: string; title: string; body: readonly Node[]; actions: readonly Node[]; question?: boolean }) {
    const title = h('h2', { class: 'sheet-title', tabindex: -1, id: `${o.test}-title` }, o.title)
    const panel = h(
      'section',
      { class: 'sheet', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': title.id, 'data-test': o.test },
      h('div', { class: 'sheet-body' }, title, ...o.body),
      h('div', { class: 'sheet-actions' }, ...o.actions),
    )
    this.element = h('div', { class: 'sheet-veil' }, panel)
    this.element.addEventListener('click', event => {
      if (event.target === this.element && o.question !== true) this.dismiss()
    })
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') this.dismiss()
      if (event.key === 'Tab') keepInside(panel, event)
    })
    document.body.append(this.element)
    title.focus({ preventScroll: true })
  }

  dismiss(): void {
    if (this.#closed) return
    this.close()
    this.onDismiss()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.element.remove()
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true })
  }
}

/** A keyboard, and a switch device that acts like one, must not wander behind the sheet. */
function keepInside(panel: HTMLElement, event: KeyboardEvent): void {
  const stops = [...panel.querySelectorAll<HTMLElement>('button, input, a[href]')].filter(one => one.offsetParent)
  const first = stops[0]
  const last = stops.at(-1)
  const leaves = event.shiftKey ? document.activeElement === first : document.activeElement === last
  if (first === undefined || !leaves) return
  event.preventDefault()
  ;(event.shiftKey ? last : first)?.focus()
}
