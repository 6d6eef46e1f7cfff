import { basename } from 'node:path'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Region } from '../../../signaling/protocol/reading.ts'
import type { RedactionItems } from '../../../signaling/protocol/redaction.ts'

/** The phone takes a photo a moment after the shutter, and a page may show what the film showed a moment before. */
const AROUND_MS = 2000

export type PlannedPicture = {
  /** In the record. */
  readonly file: string
  /** Below the copy's folder. */
  readonly name: string
  /** Empty: it goes along as it is. */
  readonly boxes: readonly Region[]
}
export type PicturePlan = { readonly pictures: readonly PlannedPicture[]; readonly remarks: readonly string[] }

/**
 * What becomes of every picture of the call: covered, taken along, or left out. A picture of the camera from a time in which
 * its film is covered shows the same thing; unless somebody drew boxes on it, it is left out.
 */
export function planPictures(entries: readonly JournalEntry[], plan: RedactionItems): PicturePlan {
  const boxes = new Map<string, Region[]>()
  for (const item of plan)
    if (item.kind === 'picture-region') boxes.set(item.pageId, [...(boxes.get(item.pageId) ?? []), ...item.boxes])
  const spans = plan.flatMap(item => (item.kind === 'video-region' && item.track === 'camera' ? [item] : []))
  const filmed = (atMs: number) => spans.some(one => atMs >= one.fromMs - AROUND_MS && atMs <= one.toMs + AROUND_MS)
  const pictures = new Map<string, PlannedPicture>()
  const remarks: string[] = []
  const take = (file: string, pageId: string | undefined, ofCamera: boolean, atMs: number) => {
    const drawn = pageId === undefined ? undefined : boxes.get(pageId)
    if (drawn === undefined && ofCamera && filmed(atMs)) {
      remarks.push(`${file}: left out, taken while the film is covered`)
      return
    }
    const kept = basename(file)
    const name = `pictures/${drawn ? kept.replace(/\.[a-z]+$/, '.png') : kept}`
    pictures.set(file, { file, name, boxes: drawn ?? [] })
  }
  const cameraPages = new Map<string, number>()
  for (const entry of entries) {
    if (entry.type === 'page.added' && entry.page.kind !== 'card') {
      const { kind, id, picture } = entry.page
      const ofCamera = kind === 'camera' || kind === 'photo'
      if (ofCamera) cameraPages.set(id, entry.atMs)
      take(picture.file, id, ofCamera, entry.atMs)
    }
    if (entry.type === 'page.bettered') {
      const takenMs = cameraPages.get(entry.pageId)
      take(entry.picture.file, entry.pageId, takenMs !== undefined, takenMs ?? entry.atMs)
    }
    if (entry.type === 'scan.frame') take(entry.picture.file, undefined, true, entry.atMs)
  }
  return { pictures: [...pictures.values()], remarks }
}
