import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Code, DocumentReading, RecognisedText } from '../../signaling/protocol/reading.ts'
import { EMPTY_STAGE, foldStage, type StagePage } from '../../signaling/protocol/stage.ts'

/** What the machine read, and what the agent made of it. */
export type Reading = {
  readonly seq: number
  readonly atMs: number
  readonly result: RecognisedText
  readonly correction: { readonly atMs: number; readonly text: string } | undefined
}
export type PageReadings = {
  readonly page: StagePage
  readonly addedAtMs: number
  readonly readings: readonly Reading[]
  readonly codes: readonly Code[]
  readonly documents: readonly DocumentReading[]
}

/** Every picture of a call with all that was ever read in it, in order of arrival. Cards have no picture. Pure. */
export function pageReadings(entries: readonly JournalEntry[]): readonly PageReadings[] {
  const stage = entries.reduce(foldStage, EMPTY_STAGE)
  const addedAt = new Map<PageId, number>()
  const readings = new Map<PageId, Reading[]>()
  const codes = new Map<PageId, Code[]>()
  const documents = new Map<PageId, DocumentReading[]>()
  const under = <T>(map: Map<PageId, T[]>, id: PageId): T[] => {
    const list = map.get(id) ?? []
    map.set(id, list)
    return list
  }
  for (const entry of entries) {
    switch (entry.type) {
      case 'page.added':
        addedAt.set(entry.page.id, entry.atMs)
        break
      case 'text.recognised':
        under(readings, entry.result.pageId).push({
          seq: entry.seq,
          atMs: entry.atMs,
          result: entry.result,
          correction: undefined,
        })
        break
      case 'text.corrected':
        for (const list of readings.values()) {
          const at = list.findIndex(one => one.seq === entry.reading)
          const read = list[at]
          if (read) list[at] = { ...read, correction: { atMs: entry.atMs, text: entry.text } }
        }
        break
      case 'codes.found':
        if ('pageId' in entry.result.at) under(codes, entry.result.at.pageId).push(...entry.result.codes)
        break
      case 'document.read':
        under(documents, entry.result.pageId).push(entry.result)
        break
      default:
    }
  }
  return stage.pages
    .filter(({ picture }) => picture !== undefined)
    .map(page => ({
      page,
      addedAtMs: addedAt.get(page.page.id) ?? 0,
      readings: readings.get(page.page.id) ?? [],
      codes: codes.get(page.page.id) ?? [],
      documents: documents.get(page.page.id) ?? [],
    }))
}
