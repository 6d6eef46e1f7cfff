import { networkOf } from '../../../media/picture/documents/bank-card.ts'
import { idNumberTrouble, luhnHolds } from '../../../media/picture/documents/check-digits.ts'
import { asDigits } from '../../../media/picture/documents/look-alikes.ts'
import type { SuggestionKind } from '../../../signaling/protocol/redaction-kinds.ts'

export type SensitivePlace = {
  readonly kind: Extract<SuggestionKind, 'id-number' | 'bank-card' | 'phone-number' | 'e-mail'>
  /** UTF-16 places in the text. */
  readonly from: number
  readonly to: number
  /** 0..1, of the form alone; how well it was read is another matter. */
  readonly confidence: number
  readonly because: readonly string[]
}

/** Digits, and what machines read for digits, with a little space or a stroke between. */
const RUN = /(?<![A-Za-z0-9])[+0-9OoDQIl|SBZ](?:[ \u00a0-]?[0-9OoDQIl|SBZXx×]){6,21}(?![A-Za-z0-9])/g
const E_MAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g
/** Real digits a run must have: words of look-alikes are words. */
const LEAST_DIGITS = 0.6

/** Numbers that name a person, an account or a telephone, with what speaks for it. Pure. */
export function sensitivePlaces(text: string): SensitivePlace[] {
  const found: SensitivePlace[] = []
  const plain = text.replace(/[０-９]/g, digit => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  for (const match of plain.matchAll(RUN)) {
    const tight = match[0].replace(/[\s-]/g, '')
    if (tight.replace(/\D/g, '').length < LEAST_DIGITS * tight.length) continue
    const judged = judge(tight)
    if (judged) found.push({ ...judged, from: match.index, to: match.index + match[0].length })
  }
  for (const match of plain.matchAll(E_MAIL))
    found.push({
      kind: 'e-mail',
      confidence: 0.95,
      because: ['form'],
      from: match.index,
      to: match.index + match[0].length,
    })
  return found
}

function judge(tight: string): Omit<SensitivePlace, 'from' | 'to'> | undefined {
  const last = tight.at(-1) ?? ''
  const digits = asDigits(tight.slice(0, -1)).replace(/^\+/, '') + (/[xX×]/.test(last) ? 'X' : asDigits(last))
  if (/^\d{17}[\dX]$/.test(digits)) {
    const trouble = idNumberTrouble(digits)
    if (trouble === undefined)
      return { kind: 'id-number', confidence: 0.99, because: ['check-digit', 'region', 'date'] }
    // A digit read wrong breaks the check; a number of this length with a real date in it is still one.
    if (trouble === 'check') return { kind: 'id-number', confidence: 0.7, because: ['region', 'date'] }
  }
  if (/^\d{13,19}$/.test(digits)) {
    const network = networkOf(digits)
    if (luhnHolds(digits) && network) return { kind: 'bank-card', confidence: 0.97, because: ['luhn', network] }
    if (network === 'UnionPay') return { kind: 'bank-card', confidence: 0.6, because: [network] }
  }
  if (/^(86|0086)?1[3-9]\d{9}$/.test(digits)) return { kind: 'phone-number', confidence: 0.95, because: ['mobile'] }
  if (/^0\d{9,11}$/.test(digits)) return { kind: 'phone-number', confidence: 0.75, because: ['landline'] }
  if (/^[48]00\d{7}$/.test(digits)) return { kind: 'phone-number', confidence: 0.6, because: ['service-line'] }
  if (tight.startsWith('+') && /^\d{8,15}$/.test(digits))
    return { kind: 'phone-number', confidence: 0.9, because: ['international'] }
  return undefined
}

/** Enough to recognise a value one knows, too little to learn it. */
export function shortened(text: string): string {
  const characters = [...text.replace(/\s+/g, '')]
  if (characters.length < 6) return '▇'.repeat(characters.length)
  return characters.slice(0, 2).join('') + '▇'.repeat(characters.length - 4) + characters.slice(-2).join('')
}
