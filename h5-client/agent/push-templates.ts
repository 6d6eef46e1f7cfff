import type { Card } from '../../signaling/protocol/page.ts'

export type TextAbout = Extract<Card, { kind: 'text' }>['about']
export type CardAbout = TextAbout | 'link'

/** The templates in the order of their keys. */
export const CARD_ABOUTS: readonly CardAbout[] = ['invoice', 'wifi', 'order', 'address', 'account', 'text', 'link']

/** What each template asks for; the first field is the one that has to be filled. */
export const CARD_FIELDS = {
  invoice: ['company', 'taxNumber', 'contact', 'bank'],
  wifi: ['network', 'password'],
  order: ['order', 'tracking'],
  address: ['address', 'receiver', 'phone'],
  account: ['account', 'holder', 'bank'],
  text: ['text', 'title'],
  link: ['url', 'title'],
} as const satisfies Record<CardAbout, readonly string[]>
export type CardField = (typeof CARD_FIELDS)[CardAbout][number]
export type CardValues = Readonly<Partial<Record<CardField, string>>>

/**
 * What the agent wrote as a card; undefined while the field that has to be filled is empty.
 * @param labels of the fields, in the caller's language
 */
export function cardOf(
  about: CardAbout,
  values: CardValues,
  labels: Readonly<Record<CardField, string>>,
): Card | undefined {
  const value = (field: CardField) => values[field]?.trim() ?? ''
  const [needed] = CARD_FIELDS[about]
  if (value(needed) === '') return undefined
  if (about === 'link') return { kind: 'link', title: value('title'), url: value('url'), host: '' }
  if (about === 'text') {
    const rows = [{ label: '', value: value('text'), copy: true }]
    return { kind: 'text', about, title: value('title'), rows }
  }
  const rows = CARD_FIELDS[about]
    .filter(field => value(field) !== '')
    .map(field => ({ label: labels[field], value: value(field), copy: true }))
  return { kind: 'text', about, title: '', rows }
}
