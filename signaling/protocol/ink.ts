import type { MarkId, ParticipantId } from './ids.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Anchor, Mark, MarkPose } from './mark.ts'

export type InkMark = {
  readonly mark: Mark
  readonly by: ParticipantId
  /** `seq` of every action that hides it: its own beginning undone, erasures, what took its place. Visible while empty. */
  readonly hiddenBy: readonly number[]
  readonly anchor?: Anchor
  readonly pose?: MarkPose
}

/** One thing an author did and may take back. */
export type InkAction = {
  /** `seq` of its entry: what undo and redo name. */
  readonly seq: number
  readonly by: ParticipantId
  readonly brought: readonly MarkId[]
  readonly taken: readonly MarkId[]
  readonly done: boolean
}

/** Everything ever drawn on one surface, oldest first, and what can still be taken back or brought again. */
export type Ink = {
  readonly marks: readonly InkMark[]
  readonly actions: readonly InkAction[]
}

export const EMPTY_INK: Ink = { marks: [], actions: [] }

export type InkEntry = Extract<
  JournalEntry,
  { type: 'mark.begun' | 'mark.extended' | 'marks.erased' | 'ink.undone' | 'ink.redone' | 'marks.posed' }
>

const each = (ink: Ink, ids: readonly MarkId[], change: (one: InkMark) => InkMark): Ink =>
  ids.length === 0 ? ink : { ...ink, marks: ink.marks.map(one => (ids.includes(one.mark.id) ? change(one) : one)) }
const hide = (seq: number) => (one: InkMark) =>
  one.hiddenBy.includes(seq) ? one : { ...one, hiddenBy: [...one.hiddenBy, seq] }
const unhide = (seq: number) => (one: InkMark) => ({ ...one, hiddenBy: one.hiddenBy.filter(other => other !== seq) })

/** A new action forgets what its author had taken back on this surface: there is no second future. */
function acted(ink: Ink, action: Omit<InkAction, 'done'>): Ink {
  const kept = ink.actions.filter(one => one.done || one.by !== action.by)
  return { ...ink, actions: [...kept, { ...action, done: true }] }
}

/** Takes an action back (`done` false) or brings it again; one that is unknown or forgotten changes nothing. */
function turned(ink: Ink, seq: number, done: boolean): Ink {
  const action = ink.actions.find(one => one.seq === seq)
  if (!action || action.done === done) return ink
  const actions = ink.actions.map(one => (one === action ? { ...one, done } : one))
  const brought = each({ ...ink, actions }, action.brought, done ? unhide(seq) : hide(seq))
  return each(brought, action.taken, done ? hide(seq) : unhide(seq))
}

/** Pure: the ink after one more entry on its surface. */
export function foldInk(ink: Ink, entry: InkEntry): Ink {
  switch (entry.type) {
    case 'mark.begun': {
      const { seq, by, mark, anchor, replaces } = entry
      const taken = replaces ? [replaces] : []
      const begun: InkMark = { mark, by, hiddenBy: [], ...(anchor && { anchor }) }
      const after = each(acted(ink, { seq, by, brought: [mark.id], taken }), taken, hide(seq))
      return { ...after, marks: [...after.marks, begun] }
    }
    case 'mark.extended':
      return each(ink, [entry.markId], one => ({
        ...one,
        mark: { ...one.mark, points: [...one.mark.points, ...entry.points] },
      }))
    case 'marks.erased': {
      const { seq, by, markIds } = entry
      return each(acted(ink, { seq, by, brought: [], taken: markIds }), markIds, hide(seq))
    }
    case 'ink.undone':
      return turned(ink, entry.action, false)
    case 'ink.redone':
      return turned(ink, entry.action, true)
    case 'marks.posed': {
      const poses = new Map(entry.poses.map(pose => [pose.markId, pose]))
      return each(ink, [...poses.keys()], one => {
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

/** What undo of this author takes back next. */
export function undoable(ink: Ink, by: ParticipantId): InkAction | undefined {
  // Phones of 2020 know no findLast.
  return [...ink.actions].reverse().find(one => one.by === by && one.done)
}

/** What redo of this author brings again next: what was taken back last. */
export function redoable(ink: Ink, by: ParticipantId): InkAction | undefined {
  return ink.actions.find(one => one.by === by && !one.done)
}

/**
 * The number of this author's next arrow: one more than the highest that is seen, or that somebody else could bring
 * back while this arrow stands. Two arrows of one page never show the same number.
 */
export function nextArrowNumber(ink: Ink, by: ParticipantId): number {
  const others = new Set(ink.actions.filter(one => one.by !== by).map(one => one.seq))
  const numbers = ink.marks
    .filter(one => one.hiddenBy.every(seq => others.has(seq)))
    .map(one => (one.mark.shape === 'arrow' ? (one.mark.number ?? 0) : 0))
  return Math.max(0, ...numbers) + 1
}
