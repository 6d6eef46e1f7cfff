import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import { luhnHolds } from './check-digits.ts'
import type { DocumentPage } from './document-lines.ts'
import { asDigits } from './look-alikes.ts'

/** First digits of the networks' card numbers, and how long those are. */
const NETWORKS: readonly { name: string; begins: RegExp; lengths: readonly number[] }[] = [
  { name: 'UnionPay', begins: /^62/, lengths: [16, 17, 18, 19] },
  { name: 'Visa', begins: /^4/, lengths: [13, 16, 19] },
  { name: 'Mastercard', begins: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: 'American Express', begins: /^3[47]/, lengths: [15] },
  { name: 'JCB', begins: /^35(2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { name: 'Diners Club', begins: /^3(0[0-5]|[689])/, lengths: [14, 16, 17, 18, 19] },
  { name: 'Discover', begins: /^(6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
]

export function networkOf(digits: string): string | undefined {
  return NETWORKS.find(network => network.begins.test(digits) && network.lengths.includes(digits.length))?.name
}

/** First six and last four: what may be shown and kept of a card number (PCI DSS 3.4). */
export function maskedPan(digits: string): string {
  return digits.length < 13
    ? '*'.repeat(digits.length)
    : `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`
}

/**
 * Number, network and expiry of a bank card. The number leaves this function shortened, always; the code on the back is not
 * looked for at all.
 */
export async function bankCardFields(page: DocumentPage): Promise<DocumentField[]> {
  const fields: DocumentField[] = []
  let number: { digits: string; confidence: number; holds: boolean } | undefined
  for (const line of page.lines) {
    if (number?.holds !== true) {
      for (const candidate of await candidates(page, line)) {
        const holds = luhnHolds(candidate.digits) && networkOf(candidate.digits) !== undefined
        if (number === undefined || (holds && !number.holds)) number = { ...candidate, holds }
      }
    }
    const expiry = /(?<!\d)(0[1-9]|1[0-2])\/(\d\d)(?!\d)/.exec(line.text)
    if (expiry && !fields.some(field => field.name === 'valid-until')) {
      const value = `20${expiry[2]}-${expiry[1]}`
      fields.push({ name: 'valid-until', value, confidence: line.confidence, check: 'none' })
    }
  }
  if (number === undefined) return fields
  const { digits, confidence, holds } = number
  const network = networkOf(digits)
  if (network !== undefined) fields.unshift({ name: 'card-network', value: network, confidence, check: 'none' })
  fields.unshift({ name: 'number', value: maskedPan(digits), confidence, check: holds ? 'passed' : 'failed' })
  return fields
}

async function candidates(page: DocumentPage, line: DocumentPage['lines'][number]) {
  const found: { digits: string; confidence: number }[] = []
  // Groups of four stand so far apart on some cards that each is a part of its own.
  const together = asDigits(line.text.replace(/\s+/g, ''))
  if (/^\d{13,19}$/.test(together)) found.push({ digits: together, confidence: line.confidence })
  const numeric = line.parts.filter(
    part => asDigits(part.lines.map(one => one.text).join('')).replace(/\D/g, '').length >= 3,
  )
  let text = ''
  let confidence = 100
  for (const part of numeric) {
    const read = await page.readOnly(part, '0123456789')
    text += read.text
    confidence = Math.min(confidence, read.confidence)
  }
  if (/^\d{13,19}$/.test(text)) found.push({ digits: text, confidence })
  return found
}
