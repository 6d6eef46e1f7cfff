import { AppError } from '../../signaling/protocol/errors.ts'
import type { MarkId, ParticipantId, SnapshotId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Mark, Point } from '../../signaling/protocol/mark.ts'
import { EMPTY_STAGE, foldStage, type Page, type Stage } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'

const MAX_MARKS_PER_PAGE = 300
const MAX_POINTS_PER_MARK = 5_000

/** The stage of one call: decides what may be drawn, and knows what is drawn by folding the journal. */
export class CallStage {
  readonly #log: CallLog
  #stage: Stage = EMPTY_STAGE
  /** Per page and author, newest last: what undo takes back. */
  readonly #order: { readonly on: SnapshotId; readonly by: ParticipantId; readonly markId: MarkId }[] = []

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

  showPage(by: ParticipantId, snapshotId: SnapshotId): void {
    this.page(snapshotId)
    if (this.#stage.showing !== snapshotId) this.#log.write({ type: 'stage.page', by, snapshotId })
  }

  showLive(by: ParticipantId): void {
    if (this.#stage.showing !== 'live') this.#log.write({ type: 'stage.live', by })
  }

  begin(by: ParticipantId, on: SnapshotId, mark: Mark): void {
    const page = this.page(on)
    if (page.marks.length >= MAX_MARKS_PER_PAGE) throw new AppError('too-many', 'this page is full; clear it first')
    if (page.marks.some(one => one.id === mark.id)) throw new AppError('conflict', 'this mark was begun already')
    this.#order.push({ on, by, markId: mark.id })
    this.#log.write({ type: 'mark.begun', by, on, mark })
  }

  extend(by: ParticipantId, on: SnapshotId, markId: MarkId, points: Point[]): void {
    const mark = this.page(on).marks.find(one => one.id === markId)
    if (!mark) throw new AppError('gone', 'this mark is not on the page any more')
    if (!this.#order.some(one => one.markId === markId && one.by === by))
      throw new AppError('forbidden', 'not your mark')
    if (mark.points.length + points.length > MAX_POINTS_PER_MARK)
      throw new AppError('too-many', 'this mark is too long')
    this.#log.write({ type: 'mark.extended', by, on, markId, points })
  }

  undo(by: ParticipantId, on: SnapshotId): void {
    const marks = this.page(on).marks
    const index = this.#order.findLastIndex(
      one => one.on === on && one.by === by && marks.some(mark => mark.id === one.markId),
    )
    const newest = this.#order[index]
    if (!newest) return
    this.#order.splice(index, 1)
    this.#log.write({ type: 'mark.undone', by, on, markId: newest.markId })
  }

  clear(by: ParticipantId, on: SnapshotId): void {
    if (this.page(on).marks.length > 0) this.#log.write({ type: 'marks.cleared', by, on })
  }

  /** @throws AppError `not-found` */
  page(id: SnapshotId): Page {
    const page = this.#stage.pages.find(one => one.snapshot.id === id)
    if (!page) throw new AppError('not-found', 'no such page in this call')
    return page
  }
}
