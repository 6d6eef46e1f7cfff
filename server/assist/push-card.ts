import { AppError, type ErrorCode } from '../../signaling/protocol/errors.ts'
import { type LinkRefusal, linkHost } from '../../signaling/protocol/link-domain.ts'
import type { Card } from '../../signaling/protocol/page.ts'

const LINK_ERRORS: Readonly<Record<LinkRefusal, readonly [ErrorCode, string]>> = {
  unreadable: ['bad-request', 'this is no address of a page'],
  'not-https': ['bad-request', 'a link starts with https://'],
  'has-sign-in': ['bad-request', 'a link carries no name or password in front of the host'],
  'not-allowed': ['forbidden', 'links may not lead to this domain'],
}

/** Why a card was not shown. `reason` names what is wrong, never what stood there. */
export class CardRefused extends AppError {
  override name = 'CardRefused'
  readonly reason: LinkRefusal | 'empty'
  constructor(reason: LinkRefusal | 'empty') {
    const [code, message] = reason === 'empty' ? (['bad-request', 'a row has no text'] as const) : LINK_ERRORS[reason]
    super(code, message)
    this.reason = reason
  }
}

/** What no reader sees but what changes what is read: control characters and overrides of the writing direction. */
const INVISIBLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu
const plain = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map(line => line.replace(INVISIBLE, ''))
    .join('\n')
    .trim()

/**
 * The card as it will be kept and shown: text without invisible characters, the host of a link as the server reads it.
 * @param linkDomains lower case, punycode
 * @throws CardRefused
 */
export function checkedCard(card: Card, linkDomains: readonly string[]): Card {
  const title = plain(card.title)
  if (card.kind === 'link') {
    const found = linkHost(card.url, linkDomains)
    if ('refusal' in found) throw new CardRefused(found.refusal)
    // As the browser will read it, so that what is journalled is where the tap leads.
    return { kind: 'link', title, url: new URL(card.url).href, host: found.host }
  }
  const rows = card.rows.map(row => ({ label: plain(row.label), value: plain(row.value), copy: row.copy }))
  if (rows.some(row => row.value === '')) throw new CardRefused('empty')
  return { kind: 'text', about: card.about, title, rows }
}
