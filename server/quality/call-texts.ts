import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Page } from '../../signaling/protocol/page.ts'
import type { Evidence, Transcript } from '../../signaling/protocol/quality.ts'
import type { QualityTextSource } from '../../signaling/protocol/quality-kinds.ts'

/** A text of the call with its place. */
export type PlacedText = {
  readonly source: QualityTextSource
  readonly text: string
  readonly atMs: number
  readonly toMs?: number
  readonly seq?: number
}

/** Everything that was read, written, shown or (with a transcript) said, in the order of the call. */
export function textsOfCall(entries: readonly JournalEntry[], transcript: Transcript | undefined): PlacedText[] {
  const texts: PlacedText[] = []
  for (const entry of entries)
    for (const [source, text] of textsOf(entry))
      if (text.trim() !== '') texts.push({ source, text, atMs: Math.max(0, entry.atMs), seq: entry.seq })
  for (const { party, fromMs, toMs, text } of transcript?.segments ?? [])
    texts.push({ source: `transcript-${party}`, text, atMs: fromMs, toMs })
  return texts.sort((a, b) => a.atMs - b.atMs)
}

export function evidenceOf({ source, atMs, toMs, seq }: PlacedText, chars?: readonly [number, number]): Evidence {
  return {
    ...{ source, atMs },
    ...(toMs !== undefined && { toMs }),
    ...(seq !== undefined && { seq }),
    ...(chars && { chars: [chars[0], chars[1]] as [number, number] }),
  }
}

function* textsOf(entry: JournalEntry): Generator<[QualityTextSource, string]> {
  switch (entry.type) {
    case 'text.recognised':
      yield ['ocr', entry.result.text]
      return
    case 'text.corrected':
      yield ['correction', entry.text]
      return
    case 'codes.found':
      for (const code of entry.result.codes) yield ['code', code.text]
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

function* textsOfPage(page: Page): Generator<[QualityTextSource, string]> {
  switch (page.kind) {
    case 'card':
      if (page.card.kind === 'link') yield ['card', `${page.card.title}\n${page.card.url}`]
      else yield ['card', [page.card.title, ...page.card.rows.map(row => `${row.label} ${row.value}`)].join('\n')]
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
