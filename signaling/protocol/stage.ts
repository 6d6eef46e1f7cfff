import type { Snapshot } from './call.ts'
import type { SnapshotId } from './ids.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Mark } from './mark.ts'

export type Page = { readonly snapshot: Snapshot; readonly marks: readonly Mark[] }
/** What both sides look at. Live pages, late joiners and replay all fold the same entries with `foldStage`. */
export type Stage = { readonly showing: 'live' | SnapshotId; readonly pages: readonly Page[] }

export const EMPTY_STAGE: Stage = { showing: 'live', pages: [] }

function onPage(stage: Stage, id: SnapshotId, change: (marks: readonly Mark[]) => readonly Mark[]): Stage {
  return {
    ...stage,
    pages: stage.pages.map(page => (page.snapshot.id === id ? { ...page, marks: change(page.marks) } : page)),
  }
}

/** Pure: the stage after one more entry. Entries that do not touch the stage return it unchanged (same object). */
export function foldStage(stage: Stage, entry: JournalEntry): Stage {
  switch (entry.type) {
    case 'snapshot.taken':
      return { ...stage, pages: [...stage.pages, { snapshot: entry.snapshot, marks: [] }] }
    case 'stage.page':
      return { ...stage, showing: entry.snapshotId }
    case 'stage.live':
      return { ...stage, showing: 'live' }
    case 'mark.begun':
      return onPage(stage, entry.on, marks => [...marks.filter(mark => mark.id !== entry.mark.id), entry.mark])
    case 'mark.extended':
      return onPage(stage, entry.on, marks =>
        marks.map(mark => (mark.id === entry.markId ? { ...mark, points: [...mark.points, ...entry.points] } : mark)),
      )
    case 'mark.undone':
      return onPage(stage, entry.on, marks => marks.filter(mark => mark.id !== entry.markId))
    case 'marks.cleared':
      return onPage(stage, entry.on, () => [])
    default:
      return stage
  }
}

/** The page on the stage, or undefined while the camera is live. */
export function shownPage(stage: Stage): Page | undefined {
  return stage.pages.find(page => page.snapshot.id === stage.showing)
}
