import type { MarkId, ParticipantId } from './ids.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Anchor, Mark, MarkPose } from './mark.ts'

export type InkMark = {
  readonly mark: Mark
  readonly by: ParticipantId
  /** `seq` of the entry that began it: what undo names. */
  readonly begunAt: number
  /** `seq` of every action that hides it: its own undone beginning, erasures. Visible while empty. */
  readonly hiddenBy: readonly number[]
  readonly anchor?: Anchor
  readonly pose?: MarkPose
}

/** Everything ever drawn on one surface, in order; what is visible follows from `hiddenBy`. */
export type Ink = {
  readonly marks: readonly InkMark[]
  /** Erasures by the `seq` of their entry, so that undoing one brings back exactly what it took. */
  readonly erasures: ReadonlyMap<number, readonly MarkId[]>
}

export const EMPTY_INK: Ink = { marks: [], erasures: new Map() }

export type InkEntry = Extract<
  JournalEntry,
  { type: 'mark.begun' | 'mark.extended' | 'marks.erased' | 'ink.undone' | 'ink.redone' | 'marks.posed' }
>

const each = (ink: Ink, ids: ReadonlySet<MarkId>, change: (one: InkMark) => InkMark): Ink => ({
  ...ink,
  marks: ink.marks.map(one => (ids.has(one.mark.id) ? change(one) : one)),
})
const hide = (seq: number) => (one: InkMark) =>
  one.hiddenBy.includes(seq) ? one : { ...one, hiddenBy: [...one.hiddenBy, seq] }
const unhide = (seq: number) => (one: InkMark) => ({ ...one, hiddenBy: one.hiddenBy.filter(other => other !== seq) })

/** The marks an action (by the `seq` of its entry) brought or took; undefined for what is no action of this surface. */
function concerned(ink: Ink, action: number): { ids: ReadonlySet<MarkId>; isErasure: boolean } | undefined {
  const erased = ink.erasures.get(action)
  if (erased) return { ids: new Set(erased), isErasure: true }
  const begun = ink.marks.find(one => one.begunAt === action)
  return begun && { ids: new Set([begun.mark.id]), isErasure: false }
}

/** Pure: the ink after one more entry on its surface. */
export function foldInk(ink: Ink, entry: InkEntry): Ink {
  switch (entry.type) {
    case 'mark.begun':
      return {
        ...ink,
        marks: [
          ...ink.marks,
          {
            mark: entry.mark,
            by: entry.by,
            begunAt: entry.seq,
            hiddenBy: [],
            ...(entry.anchor && { anchor: entry.anchor }),
          },
        ],
      }
    case 'mark.extended':
      return each(ink, new Set([entry.markId]), one => ({
        ...one,
        mark: { ...one.mark, points: [...one.mark.points, ...entry.points] },
      }))
    case 'marks.erased': {
      const erasures = new Map(ink.erasures).set(entry.seq, entry.markIds)
      return each({ ...ink, erasures }, new Set(entry.markIds), hide(entry.seq))
    }
    case 'ink.undone': {
      const action = concerned(ink, entry.action)
      return action ? each(ink, action.ids, (action.isErasure ? unhide : hide)(entry.action)) : ink
    }
    case 'ink.redone': {
      const action = concerned(ink, entry.action)
      return action ? each(ink, action.ids, (action.isErasure ? hide : unhide)(entry.action)) : ink
    }
    case 'marks.posed': {
      const poses = new Map(entry.poses.map(pose => [pose.markId, pose]))
      return each(ink, new Set(poses.keys()), one => {
        const pose = poses.get(one.mark.id)
        return pose ? { ...one, pose } : one
      })
    }
  }
}

/** What is to be seen, oldest first. */
export function visibleInk(ink: Ink): readonly InkMark[] {
  return ink.marks.filter(one => one.hiddenBy.length === 0)
}
