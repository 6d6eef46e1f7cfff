import { AppError } from '../../signaling/protocol/errors.ts'
import type { MarkId, PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { type Ink, visibleInk } from '../../signaling/protocol/ink.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Anchor, Mark, Point } from '../../signaling/protocol/mark.ts'
import { EMPTY_STAGE, foldStage, type Stage, type StagePage, type Surface } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'

const MAX_MARKS_PER_SURFACE = 300
const MAX_POINTS_PER_MARK = 5_000

/** One thing an author did and may take back: the `seq` of its entry. */
type Action = { readonly on: Surface; readonly by: ParticipantId; readonly seq: number; done: boolean }

/** The stage of one call: decides what may be drawn, and knows what is drawn by folding the journal. */
export class CallStage {
  readonly #log: CallLog
  #stage: Stage = EMPTY_STAGE
  #actions: Action[] = []

  constructor(log: CallLog) {
    this.#log = log
  }

  get stage(): Stage {
    return this.#stage
  }

  /** Every entry of the call passes here, before it is told. */
  fold(entry: JournalEntry): void {
    this.#stage = foldStage(this.#stage, entry)
  }

  showPage(by: ParticipantId, pageId: PageId): void {
    this.page(pageId)
    if (this.#stage.showing !== pageId) this.#log.write({ type: 'stage.page', by, pageId })
  }

  showLive(by: ParticipantId): void {
    if (this.#stage.showing !== 'live') this.#log.write({ type: 'stage.live', by })
  }

  begin(by: ParticipantId, on: Surface, mark: Mark, anchor?: Anchor): void {
    const ink = this.#ink(on)
    if (visibleInk(ink).length >= MAX_MARKS_PER_SURFACE)
      throw new AppError('too-many', 'this page is full; clear it first')
    if (ink.marks.some(one => one.mark.id === mark.id)) throw new AppError('conflict', 'this mark was begun already')
    const numbered = mark.shape === 'arrow' && mark.number !== undefined ? { ...mark, number: nextNumber(ink) } : mark
    const entry = this.#log.write({ type: 'mark.begun', by, on, mark: numbered, ...(anchor && { anchor }) })
    this.#did(by, on, entry)
  }

  extend(by: ParticipantId, on: Surface, markId: MarkId, points: Point[]): void {
    const one = visibleInk(this.#ink(on)).find(other => other.mark.id === markId)
    if (!one) throw new AppError('gone', 'this mark is not on the page any more')
    if (one.by !== by) throw new AppError('forbidden', 'not your mark')
    if (one.mark.points.length + points.length > MAX_POINTS_PER_MARK)
      throw new AppError('too-many', 'this mark is too long')
    this.#log.write({ type: 'mark.extended', by, on, markId, points })
  }

  erase(by: ParticipantId, on: Surface, markIds: readonly MarkId[], anybodys: boolean): void {
    const wanted = new Set(markIds)
    const there = visibleInk(this.#ink(on)).filter(one => wanted.has(one.mark.id) && (anybodys || one.by === by))
    this.#erase(by, on, there, false)
  }

  clear(by: ParticipantId, on: Surface, anybodys: boolean): void {
    const there = visibleInk(this.#ink(on))
    this.#erase(by, on, anybodys ? there : there.filter(one => one.by === by), anybodys)
  }

  /** Takes back the author's newest action on that surface; nothing to take back is no fault. */
  undo(by: ParticipantId, on: Surface): void {
    const newest = this.#actions.findLast(one => one.on === on && one.by === by && one.done)
    if (!newest) return
    newest.done = false
    this.#log.write({ type: 'ink.undone', by, on, action: newest.seq })
  }

  /** Brings back what was undone last. Drawing something new forgets what could be brought back. */
  redo(by: ParticipantId, on: Surface): void {
    const next = this.#actions.find(one => one.on === on && one.by === by && !one.done)
    if (!next) return
    next.done = true
    this.#log.write({ type: 'ink.redone', by, on, action: next.seq })
  }

  /** @throws AppError `not-found` */
  page(id: PageId): StagePage {
    const page = this.#stage.pages.find(one => one.page.id === id)
    if (!page) throw new AppError('not-found', 'no such page in this call')
    return page
  }

  #ink(on: Surface): Ink {
    return on === 'live' ? this.#stage.live : this.page(on).ink
  }

  #erase(by: ParticipantId, on: Surface, marks: readonly { readonly mark: Mark }[], all: boolean): void {
    if (marks.length === 0) return
    const entry = this.#log.write({ type: 'marks.erased', by, on, markIds: marks.map(one => one.mark.id), all })
    this.#did(by, on, entry)
  }

  #did(by: ParticipantId, on: Surface, entry: JournalEntry | undefined): void {
    if (!entry) throw new AppError('gone', 'the call has ended')
    this.#actions = this.#actions.filter(one => one.done || one.on !== on || one.by !== by)
    this.#actions.push({ on, by, seq: entry.seq, done: true })
  }
}

function nextNumber(ink: Ink): number {
  const numbers = visibleInk(ink).map(one => (one.mark.shape === 'arrow' ? (one.mark.number ?? 0) : 0))
  return Math.max(0, ...numbers) + 1
}
