import { h, type IconName, icon, setText } from './dom.ts'

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

/** One of the facts that are always visible: a word, and a dot for those who glance. */
export function setFact(element: HTMLElement, text: string, look: 'on' | 'off' | 'warn' | 'wait' | 'rec'): void {
  setText(element, text)
  element.className = `fact ${look}`
}
