import type { MarkId, ParticipantId } from '../../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import type { Surface } from '../../../signaling/protocol/stage.ts'

/** A mark drawn here and not yet wholly confirmed by the journal. */
export type LocalMark = {
  readonly on: Surface
  readonly mark: Mark
  /** The pointer is up; when the last reply is back too, only the truth counts. */
  readonly finished: boolean
}
/** Marks that somebody here erased or replaced, before the journal says so. */
export type LocalHiding = {
  /** What hides them: the id of the mark in their place, or of the erasure. */
  readonly key: MarkId
  readonly on: Surface
  readonly ids: readonly MarkId[]
}
export type LocalInk = { readonly marks: readonly LocalMark[]; readonly hidings: readonly LocalHiding[] }

export const NO_LOCAL_INK: LocalInk = { marks: [], hidings: [] }

export function begun(locals: LocalInk, on: Surface, mark: Mark, replaces?: MarkId): LocalInk {
  const after = { ...locals, marks: [...locals.marks, { on, mark, finished: false }] }
  return replaces === undefined ? after : hidden(after, { key: mark.id, on, ids: [replaces] })
}

export function extended(locals: LocalInk, id: MarkId, points: readonly Point[]): LocalInk {
  return onMark(locals, id, local => ({
    ...local,
    mark: { ...local.mark, points: [...local.mark.points, ...points] },
  }))
}

export function finished(locals: LocalInk, id: MarkId): LocalInk {
  return onMark(locals, id, local => ({ ...local, finished: true }))
}

export function hidden(locals: LocalInk, hiding: LocalHiding): LocalInk {
  return { ...locals, hidings: [...locals.hidings.filter(one => one.key !== hiding.key), hiding] }
}

/** The server has answered everything (or refused): from here on the truth alone is drawn. */
export function dropped(locals: LocalInk, id: MarkId): LocalInk {
  return without(
    locals,
    local => local.mark.id === id,
    hiding => hiding.key === id,
  )
}

/**
 * Entries that take marks away take the local echo away too; otherwise an undone mark would linger on. What was undone
 * is known by its entry only: whatever is finished here is the journal's to draw.
 */
export function afterEntry(locals: LocalInk, entry: JournalEntry, me: ParticipantId | undefined): LocalInk {
  switch (entry.type) {
    case 'marks.erased':
      return without(
        locals,
        local => entry.markIds.includes(local.mark.id),
        () => false,
      )
    case 'ink.undone':
    case 'ink.redone': {
      if (me !== undefined && entry.by !== me) return locals
      const under = new Set(locals.marks.filter(local => !local.finished).map(local => local.mark.id))
      return without(
        locals,
        local => local.on === entry.on && local.finished,
        hiding => hiding.on === entry.on && !under.has(hiding.key),
      )
    }
    default:
      return locals
  }
}

/** What to draw on a surface: the truth, with the local version of a mark in its place while it is under way. */
export function withLocals(truth: readonly Mark[], locals: LocalInk, on: Surface): readonly Mark[] {
  const mine = locals.marks.filter(local => local.on === on)
  const gone = new Set(locals.hidings.filter(hiding => hiding.on === on).flatMap(hiding => hiding.ids))
  if (mine.length === 0 && gone.size === 0) return truth
  const known = new Set(truth.map(mark => mark.id))
  const seen = [
    ...truth.map(mark => {
      const local = mine.find(one => one.mark.id === mark.id)?.mark
      return local ? asNumbered(local, mark) : mark
    }),
    ...mine.filter(local => !known.has(local.mark.id)).map(local => local.mark),
  ]
  return gone.size === 0 ? seen : seen.filter(mark => !gone.has(mark.id))
}

/** The number shown until the server's own is here was a guess. */
function asNumbered(local: Mark, truth: Mark): Mark {
  if (local.shape !== 'arrow' || truth.shape !== 'arrow' || local.number === truth.number) return local
  const { number: _guess, ...plain } = local
  return truth.number === undefined ? plain : { ...plain, number: truth.number }
}

function onMark(locals: LocalInk, id: MarkId, change: (local: LocalMark) => LocalMark): LocalInk {
  return { ...locals, marks: locals.marks.map(local => (local.mark.id === id ? change(local) : local)) }
}

function without(
  locals: LocalInk,
  mark: (local: LocalMark) => boolean,
  hiding: (hiding: LocalHiding) => boolean,
): LocalInk {
  const marks = locals.marks.filter(local => !mark(local))
  const hidings = locals.hidings.filter(one => !hiding(one))
  return marks.length === locals.marks.length && hidings.length === locals.hidings.length ? locals : { marks, hidings }
}
