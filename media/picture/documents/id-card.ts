import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import { idBirthDate, realDay } from './check-digits.ts'
import type { DocumentLine, DocumentPage } from './document-lines.ts'
import { idNumberIn } from './id-number.ts'
import { asDigits } from './look-alikes.ts'

type Name = DocumentField['name']
const HAN = '\\p{Script=Han}'

/** Portrait side of the Chinese resident identity card: name, sex, ethnicity, birth date, address, number. */
export async function idFrontFields(page: DocumentPage): Promise<DocumentField[]> {
  const fields: DocumentField[] = []
  const number = await firstOf(page.lines, line => idNumberIn(page, line))
  const trusted = number?.field.check === 'passed' ? number.field.value : undefined
  const add = (name: Name, value: string | undefined, confidence: number, check: DocumentField['check'] = 'none') => {
    if (value !== undefined && value !== '' && !fields.some(field => field.name === name)) {
      fields.push({ name, value, confidence, check })
    }
  }
  let address: { text: string; confidence: number } | undefined
  for (const line of page.lines) {
    if (line === number?.line) break
    const text = line.text.replace(/\s+/g, '')
    const { confidence } = line
    add('name', match(text, `姓?名[:：]?([${HAN}·]{2,12})$`), confidence)
    const sex = match(text, '别?(男|女)')
    add('sex', sex, confidence, sex && trusted ? verdict(sexOf(trusted) === sex) : 'none')
    add('ethnicity', match(text, `民?族[:：]?(${HAN}{1,5})$`), confidence)
    const birth = /(\d{4})年(\d{1,2})月(\d{1,2})/.exec(asDigitsAroundHan(text))
    if (birth) {
      const day = realDay(birth[1] ?? '', birth[2] ?? '', birth[3] ?? '')
      add('birth-date', day, confidence, trusted ? verdict(idBirthDate(trusted) === day) : 'none')
      continue
    }
    const begins = match(text, '(?:住址|住|址)(.+)$')
    if (address === undefined && begins !== undefined) address = { text: begins, confidence }
    // What follows the address without a caption of its own continues it.
    else if (address !== undefined && /\p{Script=Han}|\d/u.test(text) && !/公民|号码/.test(text)) {
      address = { text: address.text + text, confidence: Math.min(address.confidence, confidence) }
    }
  }
  add('address', address?.text, address?.confidence ?? 0)
  if (number) fields.push(number.field)
  return fields
}

/** Emblem side: issuing authority and validity. The span must be one the law knows (5, 10, 20 years, or for good). */
export async function idBackFields(page: DocumentPage): Promise<DocumentField[]> {
  const fields: DocumentField[] = []
  for (const line of page.lines) {
    const text = line.text.replace(/\s+/g, '')
    const issuer =
      match(text, `(?:签发机关|签发|机关|关)[:：]?(${HAN}{3,}[局厅处所队])`) ??
      match(text, `^(${HAN}{2,}公安(?:局|分局|厅))`)
    if (issuer !== undefined && !fields.some(field => field.name === 'issuer')) {
      fields.push({ name: 'issuer', value: issuer, confidence: line.confidence, check: 'none' })
    }
    if (fields.some(field => field.name === 'valid-from')) continue
    fields.push(...(await validity(page, line)))
  }
  return fields
}

async function validity(page: DocumentPage, line: DocumentLine): Promise<DocumentField[]> {
  const readings = [{ text: line.text, confidence: line.confidence }]
  for (const part of line.parts) {
    const text = part.lines.map(one => one.text).join('')
    if (asDigits(text).replace(/\D/g, '').length >= 7) readings.push(await page.readOnly(part, '0123456789.-'))
  }
  for (const { text, confidence } of readings) {
    const dates = [...asDigitsAroundHan(text).matchAll(/((?:19|20)\d\d)[.,·]?([01]\d)[.,·]?([0-3]\d)/g)].map(found =>
      realDay(found[1] ?? '', found[2] ?? '', found[3] ?? ''),
    )
    const [from, until] = dates
    const forGood = /长期/.test(line.text)
    if (from === undefined || (until === undefined && !forGood)) continue
    const check = verdict(until === undefined ? forGood : lawfulSpan(from, until))
    return [
      { name: 'valid-from', value: from, confidence, check },
      { name: 'valid-until', value: until ?? '长期', confidence, check },
    ]
  }
  return []
}

/** Same day of the year, 5, 10 or 20 years later; a card of 29 February may end on 1 March or 28 February. */
export function lawfulSpan(from: string, until: string): boolean {
  const years = Number(until.slice(0, 4)) - Number(from.slice(0, 4))
  const sameDay = until.slice(5) === from.slice(5) || from.slice(5) === '02-29'
  return sameDay && [5, 10, 20].includes(years)
}

const sexOf = (number: string) => (Number(number[16]) % 2 === 1 ? '男' : '女')
export const verdict = (holds: boolean) => (holds ? 'passed' : 'failed')
export const match = (text: string, pattern: string): string | undefined => new RegExp(pattern, 'u').exec(text)?.[1]

/** Look-alikes become digits only beside digits or date words, so that names stay as they were read. */
export function asDigitsAroundHan(text: string): string {
  return text.replace(/[\dOoIlSBZ|]{2,}|(?<=[年月])[\dOoIlSBZ|]+/g, run => (/\d/.test(run) ? asDigits(run) : run))
}

export async function firstOf(
  lines: readonly DocumentLine[],
  find: (line: DocumentLine) => Promise<DocumentField | undefined>,
): Promise<{ line: DocumentLine; field: DocumentField } | undefined> {
  let best: { line: DocumentLine; field: DocumentField } | undefined
  for (const line of lines) {
    const field = await find(line)
    if (field?.check === 'passed') return { line, field }
    if (field !== undefined && best === undefined) best = { line, field }
  }
  return best
}
