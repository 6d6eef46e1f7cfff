import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import { idNumberTrouble } from './check-digits.ts'
import type { DocumentLine, DocumentPage } from './document-lines.ts'
import { asDigits } from './look-alikes.ts'

/**
 * The identity number printed on a line, if one is. The strip is read again for digits only; of both readings the one that
 * holds by its check character is taken, else the surer one, told as failed.
 */
export async function idNumberIn(page: DocumentPage, line: DocumentLine): Promise<DocumentField | undefined> {
  const readings: { text: string; confidence: number }[] = []
  for (const part of line.parts) {
    const text = part.lines.map(one => one.text).join('')
    if (asDigits(text).replace(/\D/g, '').length < 12) continue
    readings.push({ text, confidence: line.confidence }, await page.readOnly(part, '0123456789X'))
  }
  const found = readings.flatMap(({ text, confidence }) => {
    const value = numberAtEnd(text)
    return value === undefined ? [] : [{ value, confidence }]
  })
  const good = found.find(({ value }) => idNumberTrouble(value) === undefined)
  const [shown] = good === undefined ? found.sort((a, b) => b.confidence - a.confidence) : [good]
  return shown && { name: 'number', ...shown, check: good === undefined ? 'failed' : 'passed' }
}

/** The last 18 characters: what stands before them is the caption, read as digits where only digits were allowed. */
export function numberAtEnd(text: string): string | undefined {
  const tight = text.replace(/[\s.,:：。-]/g, '').replace(/[xX×]$/, 'X')
  const tail = tight.slice(-18)
  if (tail.length < 18) return undefined
  const number = asDigits(tail.slice(0, 17)) + (tail[17] === 'X' ? 'X' : asDigits(tail[17] ?? ''))
  return /^\d{17}[\dX]$/.test(number) ? number : undefined
}
