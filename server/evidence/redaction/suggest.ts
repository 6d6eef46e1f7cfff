import type { PageId } from '../../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Region } from '../../../signaling/protocol/reading.ts'
import type { RedactionItem, Suggestion } from '../../../signaling/protocol/redaction.ts'
import { WHOLE } from '../../../signaling/protocol/redaction-boxes.ts'
import { sensitivePlaces, shortened } from './sensitive-places.ts'

type Text = {
  readonly path: string
  readonly text: string
  /** How well it was read, 0..1; typed text is what it is. */
  readonly read: number
  readonly at?: { readonly pageId: PageId; readonly box: Region }
}
/** The reason that stands with an item until a person writes a better one. */
const REASON = 'suggested'

/** What a person may want covered, found in what is written in the journal. Nothing is covered by this. Pure. */
export function suggest(entries: readonly JournalEntry[]): Suggestion[] {
  return entries.flatMap(entry => [
    ...textsOf(entry).flatMap(text => ofText(entry, text)),
    ...findingsOf(entry),
    ...documentOf(entry),
  ])
}

/** Faces that a detector found on a page. */
export function suggestFaces(
  page: { readonly pageId: PageId; readonly atMs: number },
  faces: readonly { readonly box: Region; readonly confidence: number }[],
): Suggestion[] {
  return faces.map(({ box, confidence }, i) => ({
    ...{ kind: 'face' as const, confidence, because: ['detector'], shown: '', atMs: page.atMs },
    items: [
      { kind: 'picture-region', itemId: `face-${page.pageId}-${i}`, reason: REASON, pageId: page.pageId, boxes: [box] },
    ],
  }))
}

function ofText(entry: JournalEntry, { path, text, read, at }: Text): Suggestion[] {
  return sensitivePlaces(text).map(({ kind, confidence, because, from, to }) => {
    const id = `${entry.seq}-${path.replaceAll('.', '')}-${from}`.slice(0, 36)
    const items: RedactionItem[] = [
      { kind: 'text', itemId: `t-${id}`, reason: REASON, seq: entry.seq, path, ranges: [[from, to]] },
    ]
    // The whole line: how wide each character is nobody knows.
    if (at)
      items.push({ kind: 'picture-region', itemId: `p-${id}`, reason: REASON, pageId: at.pageId, boxes: [at.box] })
    const sure = Math.round(confidence * (0.5 + 0.5 * read) * 100) / 100
    return { kind, confidence: sure, because, shown: shortened(text.slice(from, to)), atMs: entry.atMs, items }
  })
}

function textsOf(entry: JournalEntry): Text[] {
  switch (entry.type) {
    case 'text.recognised': {
      const { lines, pageId, text } = entry.result
      if (lines.length === 0) return [{ path: 'result.text', text, read: entry.result.confidence / 100 }]
      return lines.map((line, i) => ({
        ...{ path: `result.lines.${i}.text`, text: line.text, read: line.confidence / 100 },
        at: { pageId, box: line.box },
      }))
    }
    case 'text.corrected':
      return [{ path: 'text', text: entry.text, read: 1 }]
    case 'codes.found':
      return entry.result.codes.map((code, i) => ({ path: `result.codes.${i}.text`, text: code.text, read: 1 }))
    case 'page.added': {
      if (entry.page.kind !== 'card') return []
      const { card } = entry.page
      const title = { path: 'page.card.title', text: card.title, read: 1 }
      if (card.kind === 'link') return [title, { path: 'page.card.url', text: card.url, read: 1 }]
      return [title, ...card.rows.map((row, i) => ({ path: `page.card.rows.${i}.value`, text: row.value, read: 1 }))]
    }
    case 'mark.begun':
      return entry.mark.shape === 'text' ? [{ path: 'mark.text', text: entry.mark.text, read: 1 }] : []
    default:
      return []
  }
}

function findingsOf(entry: JournalEntry): Suggestion[] {
  if (entry.type !== 'text.recognised' && entry.type !== 'codes.found') return []
  const pageId = entry.type === 'text.recognised' ? entry.result.pageId : undefined
  return (entry.result.findings ?? []).map(({ recogniser, value, box }, i) => {
    const path = `result.findings.${i}.value`
    const items: RedactionItem[] = [
      {
        kind: 'text',
        itemId: `f-${entry.seq}-${i}`,
        reason: REASON,
        seq: entry.seq,
        path,
        ranges: [[0, value.length]],
      },
    ]
    if (pageId && box)
      items.push({ kind: 'picture-region', itemId: `fp-${entry.seq}-${i}`, reason: REASON, pageId, boxes: [box] })
    const because = [`recogniser:${recogniser}`]
    return { kind: 'finding', confidence: 0.8, because, shown: shortened(value), atMs: entry.atMs, items }
  })
}

/** Where on the page a document's fields stand is not kept: the page is covered whole, until a person draws closer. */
function documentOf(entry: JournalEntry): Suggestion[] {
  if (entry.type !== 'document.read') return []
  const { pageId, kind, checksPassed } = entry.result
  return [
    {
      ...{ kind: 'document', confidence: checksPassed ? 0.98 : 0.75, shown: kind, atMs: entry.atMs },
      because: [`document:${kind}`, ...(checksPassed ? ['check-digit'] : [])],
      items: [{ kind: 'picture-region', itemId: `d-${entry.seq}`, reason: REASON, pageId, boxes: [WHOLE] }],
    },
  ]
}
