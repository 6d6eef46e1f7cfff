import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import { idBirthDate, realDay } from './check-digits.ts'
import type { DocumentPage } from './document-lines.ts'
import { asDigitsAroundHan, firstOf, match, verdict } from './id-card.ts'
import { idNumberIn } from './id-number.ts'

type Name = DocumentField['name']
const HAN = '\\p{Script=Han}'
const DAY = /((?:19|20)\d\d)[-.—~]?([01]\d)[-.—~]?([0-3]\d)/g

/** Chinese driving licence: number (an identity number), name, sex, nationality, address, dates, class. */
export async function licenceFields(page: DocumentPage): Promise<DocumentField[]> {
  const fields: DocumentField[] = []
  const number = await firstOf(page.lines, line => idNumberIn(page, line))
  const trusted = number?.field.check === 'passed' ? number.field.value : undefined
  const add = (name: Name, value: string | undefined, confidence: number, check: DocumentField['check'] = 'none') => {
    if (value !== undefined && value !== '' && !fields.some(field => field.name === name)) {
      fields.push({ name, value, confidence, check })
    }
  }
  for (const line of page.lines) {
    if (line === number?.line) continue
    const text = line.text.replace(/\s+/g, '')
    const { confidence } = line
    add('name', match(text, `姓?名[:：]?(${HAN}{2,5}?)(?=性|别|男|女|$)`), confidence)
    const sex = match(text, '(?:性别|别)(男|女)')
    add(
      'sex',
      sex,
      confidence,
      sex && trusted ? verdict((Number(trusted[16]) % 2 === 1 ? '男' : '女') === sex) : 'none',
    )
    add('nationality', match(text, `国?籍[:：]?(${HAN}{2,8})$`), confidence)
    add('address', match(text, '住?址[:：]?(.{4,})$'), confidence)
    add('vehicle-class', vehicleClass(text), confidence)
    const days = [...asDigitsAroundHan(text).matchAll(DAY)].map(found =>
      realDay(found[1] ?? '', found[2] ?? '', found[3] ?? ''),
    )
    const [first, second] = days
    if (first === undefined) continue
    if (second !== undefined) {
      const check = verdict(first < second)
      add('valid-from', first, confidence, check)
      add('valid-until', second, confidence, check)
    } else if (/出生|生日/.test(text)) {
      add('birth-date', first, confidence, trusted ? verdict(idBirthDate(trusted) === first) : 'none')
    } else if (/初次|领证/.test(text)) add('first-issue-date', first, confidence)
  }
  if (number) fields.push(number.field)
  return fields
}

/** A1 to A3, B1, B2, C1 to C6, D, E, F, M, N, P, one or several; a 1 is easily read as a letter. */
function vehicleClass(text: string): string | undefined {
  const read = match(text, '车型[:：]?([A-NP1-6lI|]{1,8})')
  return read?.replace(/(?<=[ABC])[lI|]/g, '1').match(/^(?:A[1-3]|B[12]|C[1-6]|[DEFMNP])+/)?.[0]
}
