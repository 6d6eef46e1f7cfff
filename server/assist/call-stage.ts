import { AppError } from '../../signaling/protocol/errors.ts'
import type { MarkId, PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import {
  type Ink,
  type InkMark,
  nextArrowNumber,
  redoable,
  undoable,
  visibleInk,
} from '../../signaling/protocol/ink.ts'
import type { JournalEntry, JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import type { Anchor, Mark, Point } from '../../signaling/protocol/mark.ts'
import { AGENT_COLOURS, CALLER_COLOUR, GUEST_COLOUR } from '../../signaling/protocol/mark-kinds.ts'
import { EMPTY_STAGE, foldStage, type Stage, type StagePage, type Surface } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'

const MAX_MARKS_PER_SURFACE = 300
const MAX_POINTS_PER_MARK = 5_000

/** Who draws: the agent on every surface and with an eraser for everybody, others on the page shown and for themselves. */
export type Drawer = { readonly by: ParticipantId; readonly role: 'agent' | 'caller' | 'guest' }

/** The stage of one call: decides what may be drawn, and knows what is drawn by folding the journal. */
export class CallStage {
  readonly #log: CallLog
  #stage: Stage = EMPTY_STAGE

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

  /**
   * One new mark. With `replaces` it stands for the author's own visible mark from now on (a snapped shape, a text
   * rewritten), in one action. @throws AppError
   */
  begin(drawer: Drawer, on: Surface, mark: Mark, o: { replaces?: MarkId; anchor?: Anchor } = {}): void {
    const ink = this.#ink(drawer, on)
    const visible = visibleInk(ink)
    if (this.#isKnown(mark.id)) throw new AppError('conflict', 'this mark was begun already')
    if (o.replaces) this.#own(drawer, visible, o.replaces)
    else if (visible.length >= MAX_MARKS_PER_SURFACE)
      throw new AppError('too-many', 'this page is full; clear it first')
    if (on === 'live' && !o.anchor) throw new AppError('bad-request', 'a mark on live video needs its frame')
    this.#write({
      type: 'mark.begun',
      by: drawer.by,
      on,
      mark: asDrawnBy(drawer, mark, ink),
      ...(o.replaces && { replaces: o.replaces }),
      ...(on === 'live' && o.anchor && { anchor: o.anchor }),
    })
  }

  /** @throws AppError */
  extend(drawer: Drawer, on: Surface, markId: MarkId, points: Point[]): void {
    const { mark } = this.#own(drawer, visibleInk(this.#ink(drawer, on)), markId)
    if (mark.points.length + points.length > MAX_POINTS_PER_MARK)
      throw new AppError('too-many', 'this mark is too long')
    this.#write({ type: 'mark.extended', by: drawer.by, on, markId, points })
  }

  /** The eraser: one action, whatever it touched. Marks that are gone, or not the drawer's to erase, are passed over. */
  erase(drawer: Drawer, on: Surface, markIds: readonly MarkId[]): void {
    const wanted = new Set(markIds)
    this.#erase(drawer, on, one => wanted.has(one.mark.id), false)
  }

  /** The agent clears the surface, everybody else what they drew themselves. */
  clear(drawer: Drawer, on: Surface): void {
    this.#erase(drawer, on, () => true, drawer.role === 'agent')
  }

  /** Takes back the author's newest action on that surface; nothing to take back is no fault. */
  undo(drawer: Drawer, on: Surface): void {
    const action = undoable(this.#ink(drawer, on), drawer.by)
    if (action) this.#write({ type: 'ink.undone', by: drawer.by, on, action: action.seq })
  }

  /** Brings back what was undone last. Drawing something new forgets what could be brought back. */
  redo(drawer: Drawer, on: Surface): void {
    const action = redoable(this.#ink(drawer, on), drawer.by)
    if (action) this.#write({ type: 'ink.redone', by: drawer.by, on, action: action.seq })
  }

  /** @throws AppError `not-found` */
  page(id: PageId): StagePage {
    const page = this.#stage.pages.find(one => one.page.id === id)
    if (!page) throw new AppError('not-found', 'no such page in this call')
    return page
  }

  /** The ink of a surface on which this person may draw now. @throws AppError */
  #ink(drawer: Drawer, on: Surface): Ink {
    if (drawer.role !== 'agent' && (on === 'live' || on !== this.#stage.showing))
      throw new AppError('forbidden', 'draw on the page that is shown')
    if (on === 'live') return this.#stage.live
    const { picture, ink } = this.page(on)
    if (!picture) throw new AppError('bad-request', 'a card has no picture to draw on')
    return ink
  }

  #isKnown(id: MarkId): boolean {
    const inks = [this.#stage.live, ...this.#stage.pages.map(page => page.ink)]
    return inks.some(ink => ink.marks.some(one => one.mark.id === id))
  }

  #own(drawer: Drawer, visible: readonly InkMark[], id: MarkId): InkMark {
    const one = visible.find(other => other.mark.id === id)
    if (!one) throw new AppError('gone', 'this mark is not on the page any more')
    if (one.by !== drawer.by) throw new AppError('forbidden', 'not your mark')
    return one
  }

  #erase(drawer: Drawer, on: Surface, wanted: (one: InkMark) => boolean, all: boolean): void {
    const markIds = visibleInk(this.#ink(drawer, on))
      .filter(one => wanted(one) && (drawer.role === 'agent' || one.by === drawer.by))
      .map(one => one.mark.id)
    if (markIds.length > 0) this.#write({ type: 'marks.erased', by: drawer.by, on, markIds, all })
  }

  #write(event: JournalEvent): void {
    if (!this.#log.write(event)) throw new AppError('gone', 'the call has ended')
  }
}

/** Each party in its own colour, and numbers in the order in which they are drawn, whatever the page believed. */
function asDrawnBy({ role, by }: Drawer, mark: Mark, ink: Ink): Mark {
  if (role === 'agent' && !(AGENT_COLOURS as readonly string[]).includes(mark.colour))
    throw new AppError('bad-request', 'this colour is another party’s')
  const colour = role === 'agent' ? mark.colour : role === 'caller' ? CALLER_COLOUR : GUEST_COLOUR
  return mark.shape === 'arrow' && mark.number !== undefined
    ? { ...mark, colour, number: nextArrowNumber(ink, by) }
    : { ...mark, colour }
}
