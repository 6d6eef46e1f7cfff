import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Card, Page } from '../../signaling/protocol/page.ts'
import type { TextKind } from '../../signaling/protocol/review-kinds.ts'

export type EntryText = { readonly kind: TextKind; readonly text: string }

/** Everything that an entry holds of what was read, written or shown; each field of a document by itself. Never blank. Pure. */
export function* textsOfEntry(entry: JournalEntry): Generator<EntryText> {
  for (const [kind, text] of allOf(entry)) if (text.trim() !== '') yield { kind, text }
}

function* allOf(entry: JournalEntry): Generator<[TextKind, string]> {
  switch (entry.type) {
    case 'call.external':
      yield ['external', [entry.name.id, ...entry.attributes.map(one => `${one.label} ${one.value}`)].join('\n')]
      return
    case 'text.recognised':
      yield ['ocr', entry.result.text]
      for (const finding of entry.result.findings ?? []) yield ['finding', `${finding.title['zh-CN']} ${finding.value}`]
      return
    case 'text.corrected':
      yield ['correction', entry.text]
      return
    case 'codes.found':
      for (const code of entry.result.codes) yield ['code', code.text]
      for (const finding of entry.result.findings ?? []) yield ['finding', `${finding.title['zh-CN']} ${finding.value}`]
      return
    case 'document.read':
      for (const field of entry.result.fields) yield ['document', field.value]
      return
    case 'page.added':
      yield* textsOfPage(entry.page)
      return
    case 'mark.begun':
      if (entry.mark.shape === 'text') yield ['mark', entry.mark.text]
      return
    default:
  }
}

function* textsOfPage(page: Page): Generator<[TextKind, string]> {
  switch (page.kind) {
    case 'card':
      yield ['card', textOfCard(page.card)]
      return
    case 'pushed':
      yield ['title', page.title]
      return
    case 'upload':
      yield ['title', page.name]
      return
    case 'camera':
    case 'photo':
      return
    default:
      assertNever(page)
  }
}

function textOfCard(card: Card): string {
  if (card.kind === 'link') return `${card.title}\n${card.url}`
  return [card.title, ...card.rows.map(row => `${row.label} ${row.value}`)].join('\n')
}
