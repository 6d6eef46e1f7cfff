import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { PhoneWords } from '../shared/words/zh-CN/phone.ts'
import { button } from './card.ts'
import type { Agreement } from './consent-book.ts'
import { h } from './dom.ts'
import { largeType } from './large-type.ts'
import { photoPickers } from './photo-pickers.ts'
import { Sheet } from './sheet.ts'

export type MoreOptions = {
  readonly words: PhoneWords
  readonly agreements: () => readonly Agreement[]
  readonly withdraw: (kind: ConsentKind) => Promise<void>
  /** Undefined where this call takes no files. */
  readonly onFiles: ((files: readonly File[]) => void) | undefined
}

/** This one ends with the camera itself; the text message has been sent. The others are taken back one by one. */
const ENDS_WITH_CAMERA: readonly ConsentKind[] = ['camera']
const IS_PAST: readonly ConsentKind[] = ['sms']

/** What is not needed all the time: photos and files, large type, and what was agreed to. */
export function moreSheet(o: MoreOptions): Sheet {
  const { words, onFiles } = o
  const list = h('ul', { class: 'agreements', 'data-test': 'agreements' })
  const draw = () => list.replaceChildren(...o.agreements().map(row))
  const row = ({ kind, state }: Agreement) => {
    const said = { given: words.agreed, refused: words.refused, withdrawn: words.withdrawn, 'not-asked': words.inUse }[
      state
    ]
    const unasked = state === 'not-asked'
    const ends = ENDS_WITH_CAMERA.includes(kind)
    const label = unasked ? words.stopUse : words.withdraw
    const back = button(label, 'quiet', () => void o.withdraw(kind).finally(draw), `withdraw-${kind}`)
    back.setAttribute('aria-label', `${label}: ${words.agreement[kind]}`)
    return h(
      'li',
      { 'data-kind': kind, 'data-state': state },
      h(
        'span',
        {},
        h('strong', {}, words.agreement[kind]),
        h('small', {}, state === 'given' && ends ? `${said} · ${words.endByStop}` : said),
      ),
      (state === 'given' || unasked) && !ends && !IS_PAST.includes(kind) && back,
    )
  }
  draw()
  const close = button(words.close, 'primary', () => sheet.dismiss(), 'more-close')
  const pick = (files: readonly File[]) => {
    sheet.close()
    onFiles?.(files)
  }
  const sheet = new Sheet({
    test: 'more-sheet',
    title: words.more,
    body: [
      ...(onFiles === undefined ? [] : [h('h3', {}, words.photos), photoPickers(words, pick)]),
      largeTypeRow(words),
      h('h3', {}, words.agreementsTitle),
      list,
    ],
    actions: [close],
  })
  return sheet
}

function largeTypeRow(words: PhoneWords): HTMLElement {
  const box = h('input', { type: 'checkbox', role: 'switch', 'data-test': 'large-type-switch' })
  box.checked = largeType.on
  box.addEventListener('change', () => largeType.set(box.checked))
  return h(
    'label',
    { class: 'consent alone' },
    h('span', {}, h('strong', {}, words.largeType), h('small', {}, words.largeTypeNote)),
    box,
  )
}
