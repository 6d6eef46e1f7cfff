import type { MarkId, PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Mark, Point } from '../../signaling/protocol/mark.ts'

/** A mark drawn here and not yet wholly confirmed by the journal. */
export type LocalMark = {
  readonly on: PageId
  readonly mark: Mark
  /** The pointer is up; when the last reply is back too, only the truth counts. */
  readonly finished: boolean
}
export type LocalMarks = readonly LocalMark[]

export const NO_LOCAL_MARKS: LocalMarks = []

export function begun(locals: LocalMarks, on: PageId, mark: Mark): LocalMarks {
  return [...locals, { on, mark, finished: false }]
}

export function extended(locals: LocalMarks, id: MarkId, points: readonly Point[]): LocalMarks {
  return locals.map(local =>
    local.mark.id === id ? { ...local, mark: { ...local.mark, points: [...local.mark.points, ...points] } } : local,
  )
}

export function finished(locals: LocalMarks, id: MarkId): LocalMarks {
  return locals.map(local => (local.mark.id === id ? { ...local, finished: true } : local))
}

/** The server has answered everything (or refused): from here on the truth alone is drawn. */
export function dropped(locals: LocalMarks, id: MarkId): LocalMarks {
  return locals.filter(local => local.mark.id !== id)
}

/** Entries that take marks away take the local echo away too; otherwise an undone mark would linger on. */
export function afterEntry(locals: LocalMarks, entry: JournalEntry): LocalMarks {
  switch (entry.type) {
    case 'marks.erased':
      return locals.filter(local => !entry.markIds.includes(local.mark.id))
    // What was undone is known by its entry only: whatever is finished here is the journal's to draw.
    case 'ink.undone':
      return locals.filter(local => local.on !== entry.on || !local.finished)
    default:
      return locals
  }
}

/** What to draw on a page: the truth, with the local version of a mark in its place while it is under way. */
export function withLocals(truth: readonly Mark[], locals: LocalMarks, on: PageId): readonly Mark[] {
  const mine = locals.filter(local => local.on === on)
  if (mine.length === 0) return truth
  const known = new Set(truth.map(mark => mark.id))
  return [
    ...truth.map(mark => mine.find(local => local.mark.id === mark.id)?.mark ?? mark),
    ...mine.filter(local => !known.has(local.mark.id)).map(local => local.mark),
  ]
}
