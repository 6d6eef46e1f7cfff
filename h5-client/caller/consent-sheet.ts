import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { PhoneWords } from '../shared/words/zh-CN/phone.ts'
import { button } from './card.ts'
import { h } from './dom.ts'
import { Sheet } from './sheet.ts'

/** One question in plain sentences. Putting it away is a no: silence is no consent. */
export function consentQuestion(words: PhoneWords, kind: ConsentKind): { answer: Promise<boolean>; close(): void } {
  const { title, note } = words.ask[kind]
  const { promise, resolve } = withResolvers<boolean>()
  const answer = (given: boolean) => () => {
    sheet.close()
    resolve(given)
  }
  const sheet = new Sheet({
    test: 'consent-sheet',
    question: true,
    title,
    body: [h('p', {}, note), h('p', { class: 'small' }, words.askNote)],
    actions: [
      button(words.agree, 'primary', answer(true), 'consent-agree'),
      button(words.notNow, 'quiet', answer(false), 'consent-not-now'),
    ],
  })
  sheet.element.dataset.consent = kind
  sheet.onDismiss = () => resolve(false)
  return { answer: promise, close: () => sheet.dismiss() }
}

/** Promise.withResolvers is younger than many phones. */
function withResolvers<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}
