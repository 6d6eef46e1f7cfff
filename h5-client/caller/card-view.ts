import type { PageId } from '../../signaling/protocol/ids.ts'
import type { Card } from '../../signaling/protocol/page.ts'
import type { PushPhoneWords } from '../shared/words/zh-CN/push-phone.ts'
import { copyText, selectText } from './copy-text.ts'
import { h, icon, setText } from './dom.ts'

/** Short things are read across the kitchen, long ones must still fit. */
const LARGE_UP_TO = 14
const MEDIUM_UP_TO = 40
const SAID_MS = 2_500
/** Rows of a link card, as the journal numbers them. */
const LINK_ADDRESS = 0
const LINK_OPENED = 1

/** A text card or a link, over the whole screen, in large type. */
export class CardView {
  readonly element = h('section', { class: 'stage push-card', 'data-test': 'push-card', hidden: true })
  /** A row was copied, or a link opened. */
  onCopied: (pageId: PageId, row: number) => void = () => {}
  readonly #words: PushPhoneWords
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #shown: PageId | undefined

  constructor(words: PushPhoneWords) {
    this.#words = words
  }

  show(page: { readonly id: PageId; readonly card: Card } | undefined): void {
    this.element.hidden = page === undefined
    if (page === undefined || page.id === this.#shown) return
    this.#shown = page.id
    const { card } = page
    const about = card.kind === 'link' ? 'link' : card.about
    const title = h('h1', { tabindex: -1 }, card.title || this.#words.about[about])
    this.element.dataset.about = about
    this.element.replaceChildren(
      h(
        'div',
        { class: 'push-sheet' },
        card.title !== '' && h('p', { class: 'push-about' }, this.#words.about[about]),
        title,
        ...(card.kind === 'link' ? this.#link(page.id, card) : this.#rows(page.id, card)),
      ),
    )
    this.element.scrollTop = 0
    title.focus({ preventScroll: true })
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #rows(pageId: PageId, card: Extract<Card, { kind: 'text' }>): HTMLElement[] {
    return card.rows.map((row, index) => {
      const value = h('p', { class: `push-value ${sizeOf(row.value)}`, 'data-test': 'push-value' }, row.value)
      const copy = row.copy && this.#copyButton(pageId, index, row.value, value, row.label)
      return h(
        'div',
        { class: 'push-row' },
        row.label !== '' && h('p', { class: 'push-label' }, row.label),
        value,
        copy,
      )
    })
  }

  #link(pageId: PageId, card: Extract<Card, { kind: 'link' }>): HTMLElement[] {
    const address = h('p', { class: 'push-address' }, card.url)
    // A new tab, and only by the caller's own tap; the page behind it gets neither our address nor our window.
    const open = h(
      'a',
      { class: 'primary', href: card.url, target: '_blank', rel: 'noopener noreferrer', 'data-test': 'push-open' },
      this.#words.openLink,
    )
    open.addEventListener('click', () => this.onCopied(pageId, LINK_OPENED))
    return [
      h('p', { class: 'push-label' }, this.#words.leadsTo),
      h('p', { class: `push-value ${sizeOf(card.host)}`, 'data-test': 'push-host' }, card.host),
      address,
      open,
      this.#copyButton(pageId, LINK_ADDRESS, card.url, address, this.#words.address),
      h('p', { class: 'push-label' }, this.#words.comeBack),
    ]
  }

  #copyButton(pageId: PageId, row: number, text: string, shown: Node, label: string): HTMLButtonElement {
    const words = this.#words
    const said = h('span', {}, words.copy)
    const name = label === '' ? words.copy : words.copyNamed(label)
    const button = h(
      'button',
      { type: 'button', class: 'push-copy', 'data-test': 'push-copy', 'aria-label': name },
      said,
    )
    const announced = h('span', { class: 'sr-only', role: 'status' })
    button.append(announced)
    button.addEventListener('click', () => {
      void copyText(text).then(done => {
        setText(said, done ? words.copied : words.copyByHand)
        setText(announced, done ? words.copied : words.copyByHand)
        button.classList.toggle('done', done)
        if (done && button.querySelector('svg') === null) button.prepend(icon('done'))
        if (!done) return selectText(shown)
        this.onCopied(pageId, row)
        const timer = setTimeout(() => {
          this.#timers.delete(timer)
          setText(said, words.copyAgain)
        }, SAID_MS)
        this.#timers.add(timer)
      })
    })
    return button
  }
}

function sizeOf(text: string): 'large' | 'medium' | 'small' {
  const length = [...text].length
  return length <= LARGE_UP_TO ? 'large' : length <= MEDIUM_UP_TO ? 'medium' : 'small'
}
