import type { DocumentField, DocumentReading } from '../../../signaling/protocol/reading.ts'
import type { Scenario } from '../../../signaling/protocol/scenario.ts'

/** What is kept of a reading under the scenario's policy. Card numbers were shortened when they were read. */
export function keptOf(reading: DocumentReading, policy: Scenario['documentFields']): DocumentReading {
  switch (policy) {
    case 'full':
      return reading
    case 'masked':
      return { ...reading, fields: reading.fields.map(shortened), masked: true }
    case 'none':
      // That a document was read and whether its checks held is part of the record; what stood on it is not.
      return { ...reading, fields: [], masked: true }
  }
}

function shortened(field: DocumentField): DocumentField {
  return { ...field, value: maskedValue(field) }
}

/** Enough to recognise a value one knows, too little to learn one. */
export function maskedValue({ name, value }: Pick<DocumentField, 'name' | 'value'>): string {
  switch (name) {
    case 'number':
      return value.includes('*') ? value : starred(value, value.length > 12 ? 3 : 1, value.length > 12 ? 2 : 2)
    case 'name':
    case 'surname':
    case 'given-names':
      return starred(value, 1, 0)
    case 'address':
      return starred(value, 6, 0)
    case 'birth-date':
      return value.replace(/(?<=^\d{4})-\d\d-\d\d$/, '-**-**')
    case 'optional-data':
      return '*'.repeat([...value].length)
    case 'sex':
    case 'nationality':
    case 'ethnicity':
    case 'issuer':
    case 'valid-from':
    case 'valid-until':
    case 'issue-country':
    case 'document-type':
    case 'vehicle-class':
    case 'first-issue-date':
    case 'card-network':
      return value
  }
}

function starred(value: string, first: number, last: number): string {
  const characters = [...value]
  if (characters.length <= first + last) return '*'.repeat(characters.length)
  const hidden = characters.length - first - last
  return characters.slice(0, first).join('') + '*'.repeat(hidden) + (last === 0 ? '' : characters.slice(-last).join(''))
}
