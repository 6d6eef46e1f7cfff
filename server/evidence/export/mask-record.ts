import type { SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import { maskEverywhere, maskNumber, maskNumbersIn } from '../../review/mask-number.ts'
import { withoutHashes } from '../../review/without-hashes.ts'

/** Members that hold what people wrote or machines read; in all others a long number is an id or a hash. */
const WRITTEN: ReadonlySet<string> = new Set([
  'text',
  'value',
  'title',
  'label',
  'url',
  'name',
  'displayName',
  'reason',
])
/** Thousands in a call, and of nothing but coordinates. */
const WITHOUT_WORDS: ReadonlySet<JournalEntry['type']> = new Set(['pointer.moved', 'mark.extended', 'marks.posed'])

/**
 * The record and its journal as a viewing copy shows them: the caller's number and every long number in texts masked. Hashes and
 * signatures over the whole text go too: whoever knows the rest could try out the few digits that are missing. Pure.
 */
export function maskRecord(
  record: SealedManifest,
  entries: readonly JournalEntry[],
): { readonly record: SealedManifest; readonly entries: readonly JournalEntry[] } {
  const number = record.from
  return {
    record: withoutHashes(maskTexts(maskEverywhere(record, number))),
    entries: entries.map(entry =>
      WITHOUT_WORDS.has(entry.type) ? { ...entry, prev: '' } : maskEntry(maskEverywhere(entry, number)),
    ),
  }
}

function maskEntry(whole: JournalEntry): JournalEntry {
  const entry = { ...whole, prev: '' }
  if (entry.type !== 'document.read') return maskTexts(entry)
  const fields = entry.result.fields.map(field => ({ ...field, value: maskNumber(field.value) }))
  return { ...entry, result: { ...entry.result, fields } }
}

function maskTexts<T>(value: T): T {
  const walk = (one: unknown, written: boolean): unknown => {
    if (typeof one === 'string') return written ? maskNumbersIn(one) : one
    if (Array.isArray(one)) return one.map(item => walk(item, written))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, walk(member, WRITTEN.has(name))]))
  }
  return walk(value, false) as T
}

/** Ids and hashes in lines of the access log: what stands in them is no number of a person. */
const ID_OR_HASH = /(\b[a-z]+_[0-9A-Za-z]+|\b[0-9a-f]{64}\b)/

/** What a person wrote, with long numbers masked and ids and hashes left as they are. Pure. */
export function maskWritten(text: string): string {
  return text
    .split(ID_OR_HASH)
    .map((part, n) => (n % 2 === 1 ? part : maskNumbersIn(part)))
    .join('')
}
