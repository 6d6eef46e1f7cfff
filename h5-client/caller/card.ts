import { h, type IconName, icon } from './dom.ts'

/** A full screen of words: heading, body, and the actions where the thumb is. */
export function card(
  test: string,
  mark: IconName | undefined,
  title: string,
  body: readonly (Node | string | false | undefined)[],
  actions: readonly (Node | false | undefined)[],
  data: Record<string, string> = {},
): HTMLElement {
  return h(
    'main',
    { class: 'card', 'data-test': test, ...data },
    h(
      'div',
      { class: 'words' },
      mark !== undefined && h('div', { class: `mark ${mark}` }, icon(mark)),
      h('h1', { tabindex: -1 }, title),
      ...body,
    ),
    h('div', { class: 'actions' }, ...actions),
  )
}

export function button(text: string, look: 'primary' | 'quiet', onPress: () => void, test?: string): HTMLButtonElement {
  return h('button', { type: 'button', class: look, 'data-test': test, onclick: onPress }, text)
}

/** Numbered instructions. */
export function steps(title: string, list: readonly string[]): HTMLElement {
  return h('section', { class: 'steps' }, h('h2', {}, title), h('ol', {}, ...list.map(step => h('li', {}, step))))
}
