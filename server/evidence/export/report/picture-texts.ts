import type { PageId } from '../../../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../../../signaling/protocol/journal-entry.ts'
import type { Picture } from '../../../../signaling/protocol/page.ts'

export type PictureText = {
  readonly pageId: PageId
  readonly addedAtMs: number
  /** The best one that came. */
  readonly picture: Picture
  readonly read: readonly { readonly text: string; readonly confidence: number; readonly corrected?: string }[]
  readonly codes: readonly string[]
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

type Draft = { -readonly [K in keyof PictureText]: PictureText[K] } & { seqs: number[] }

/** Every picture that became a page, with all that was read in it, in order of arrival. Pure. */
export function pictureTexts(entries: readonly JournalEntry[]): readonly PictureText[] {
  const pages = new Map<PageId, Draft>()
  for (const entry of entries) {
    if (entry.type === 'page.added' && entry.page.kind !== 'card') {
      const { id, picture } = entry.page
      const empty = { read: [], codes: [], fields: [], seqs: [] }
      pages.set(id, { pageId: id, addedAtMs: entry.atMs, picture, ...empty })
    } else if (entry.type === 'page.bettered') {
      const page = pages.get(entry.pageId)
      if (page) page.picture = entry.picture
    } else if (entry.type === 'text.recognised') {
      const page = pages.get(entry.result.pageId)
      if (!page) continue
      page.read = [...page.read, { text: entry.result.text.trim(), confidence: entry.result.confidence }]
      page.seqs.push(entry.seq)
    } else if (entry.type === 'text.corrected') {
      for (const page of pages.values()) {
        const at = page.seqs.indexOf(entry.reading)
        page.read = page.read.map((one, index) => (index === at ? { ...one, corrected: entry.text } : one))
      }
    } else if (entry.type === 'codes.found' && 'pageId' in entry.result.at) {
      const page = pages.get(entry.result.at.pageId)
      if (page) page.codes = [...page.codes, ...entry.result.codes.map(code => `${code.format}: ${code.text}`)]
    } else if (entry.type === 'document.read') {
      const page = pages.get(entry.result.pageId)
      if (page) page.fields = [...page.fields, ...entry.result.fields.map(({ name, value }) => ({ name, value }))]
    }
  }
  return [...pages.values()].map(({ seqs: _, ...page }) => page)
}
