import type { DocumentField, DocumentKind, DocumentReading } from '../../../signaling/protocol/reading.ts'
import type { Grey } from '../grey.ts'
import type { TextEngines } from '../text-engine.ts'
import { bankCardFields } from './bank-card.ts'
import { type DocumentPage, documentPage, measured, waysUp } from './document-lines.ts'
import { idBackFields, idFrontFields } from './id-card.ts'
import { licenceFields } from './licence.ts'
import { mrzFields } from './mrz-reading.ts'

export type ReadDocument = Omit<DocumentReading, 'pageId'>

const READERS: Record<DocumentKind, (page: DocumentPage) => Promise<DocumentField[]>> = {
  'cn-id-front': idFrontFields,
  'cn-id-back': idBackFields,
  'cn-licence': licenceFields,
  mrz: mrzFields,
  'bank-card': bankCardFields,
}

/** Reads the fields of a document of a known kind, whichever way up it is held. What cannot be read is left out. */
export async function readDocument(engines: TextEngines, picture: Grey, kind: DocumentKind): Promise<ReadDocument> {
  let best: ReadDocument | undefined
  for (const quarter of waysUp(await measured(picture))) {
    const page = await documentPage(engines, picture, quarter)
    const read = readingOf(kind, await READERS[kind](page))
    if (read.checksPassed) return read
    if (best === undefined || worth(read) > worth(best)) best = read
    // Something was recognised the right way up: another way up will not read better.
    if (worth(best) >= 2) return best
  }
  return best ?? readingOf(kind, [])
}

function readingOf(kind: DocumentKind, fields: DocumentField[]): ReadDocument {
  const checked = fields.filter(field => field.check !== 'none')
  return {
    kind,
    fields,
    checksPassed: checked.length > 0 && checked.every(field => field.check === 'passed'),
    masked: kind === 'bank-card' && fields.some(field => field.name === 'number'),
  }
}

const worth = (read: ReadDocument) =>
  read.fields.reduce((sum, field) => sum + (field.check === 'passed' ? 2 : field.value === '' ? 0 : 1), 0)
