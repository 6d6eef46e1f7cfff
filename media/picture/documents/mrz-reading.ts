import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import type { DocumentPage } from './document-lines.ts'
import { type Mrz, mrzOf } from './mrz.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<'
/** Shorter lines are not of a machine readable zone (30 characters at least, a few lost). */
const SHORTEST = 22

/** The machine readable zone of a passport or card: its lines are read again for its alphabet only. */
export async function mrzFields(page: DocumentPage): Promise<DocumentField[]> {
  const read: { text: string; confidence: number }[] = []
  const plain: string[] = []
  for (const line of page.lines) {
    const text = line.parts.map(part => part.lines.map(one => one.text).join('')).join('')
    if (text.replace(/\s/g, '').length < SHORTEST) continue
    const again = await Promise.all(line.parts.map(part => page.readOnly(part, ALPHABET)))
    read.push({
      text: again.map(one => one.text).join(''),
      confidence: Math.min(...again.map(one => one.confidence)),
    })
    plain.push(text)
  }
  // Both readings fail in places of their own; the one whose checks hold is the right one.
  const mrz = better(mrzOf(read.map(line => line.text)), mrzOf(plain))
  const confidence = read.length === 0 ? 0 : Math.min(...read.slice(-3).map(line => line.confidence))
  return (mrz?.fields ?? []).map(field => ({ ...field, confidence }))
}

function better(a: Mrz | undefined, b: Mrz | undefined): Mrz | undefined {
  const passed = (mrz: Mrz | undefined) => mrz?.fields.filter(field => field.check === 'passed').length ?? -1
  return passed(b) > passed(a) ? b : a
}
