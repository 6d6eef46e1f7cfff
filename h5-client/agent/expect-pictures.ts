import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { expectPicture } from '../shared/console/use-picture.ts'
import { pictureAddress } from './picture-address.ts'

/** Fetches what the entries bring while everything else is worked through. `pages`: those known before the entries. */
export function expectPictures(callId: CallId, entries: readonly JournalEntry[], pages: readonly StagePage[]): void {
  for (const entry of entries) {
    if (entry.type === 'page.added' && entry.page.kind !== 'card') {
      expectPicture(pictureAddress(callId, entry.page.id, 0))
    }
    if (entry.type === 'page.bettered') {
      const known = pages.find(one => one.page.id === entry.pageId)
      if (known) expectPicture(pictureAddress(callId, entry.pageId, known.pictures.length))
    }
  }
}
