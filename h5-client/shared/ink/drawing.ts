import type { RequestData, RequestName, RequestReply } from '../../../signaling/protocol/catalogue.ts'
import type { CallId, MarkId, ParticipantId } from '../../../signaling/protocol/ids.ts'
import { type Ink, visibleInk } from '../../../signaling/protocol/ink.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Anchor, Mark, Point } from '../../../signaling/protocol/mark.ts'
import type { MarkColour } from '../../../signaling/protocol/mark-kinds.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { Surface } from '../../../signaling/protocol/stage.ts'
import { Store } from '../console/store.ts'
import type { Size } from '../picture-rect.ts'
import { Confirmations } from './confirmations.ts'
import {
  afterEntry,
  begun,
  dropped,
  extended,
  finished,
  hidden,
  type LocalInk,
  NO_LOCAL_INK,
  withLocals,
} from './local-ink.ts'
import { markAt } from './mark-at.ts'
import { newMark, predictedNumber } from './new-mark.ts'
import { snapped } from './snap.ts'
import { rounded, StrokeBatcher } from './stroke-batcher.ts'
import type { InkTool } from './tools.ts'

export type DrawingState = {
  readonly tool: InkTool | undefined
  readonly colour: MarkColour
  readonly locals: LocalInk
}
/** What is drawn on. */
export type Ground = {
  readonly callId: CallId
  readonly on: Surface
  readonly ink: Ink
  /** The picture as it is shown, in CSS pixels. */
  readonly size: Size
  /** Only for marks on live video. */
  readonly anchor?: Anchor
}
/** Who draws here. */
export type Author = { readonly id: ParticipantId | undefined; readonly erasesAll: boolean }

/** Half a display frame: at most 125 messages a second, below the server's 150, and the phone is not kept waiting. */
const BATCH_MS = 8
/** `marks.erase` takes at most this many. */
const MAX_ERASED = 50

export type DrawingWire = {
  readonly request: <N extends RequestName>(name: N, data: RequestData<N>) => Promise<RequestReply<N>>
  readonly onRefused: (error: unknown) => void
  readonly setTimer: (run: () => void, delayMs: number) => () => void
  readonly nowMs: () => number
}
type Gesture =
  | {
      readonly kind: 'stroke'
      readonly ground: Ground
      readonly mark: Mark
      readonly batcher: StrokeBatcher
      readonly snaps: boolean
    }
  | { readonly kind: 'erasing'; readonly ground: Ground; readonly id: MarkId; readonly ids: MarkId[] }

/** One person's pen: echoes at once, tells the server in batches, and gives way to what the journal says. */
export class Drawing {
  readonly state: Store<DrawingState>
  author: Author = { id: undefined, erasesAll: false }
  readonly #wire: DrawingWire
  readonly #confirmations: Confirmations
  #gesture: Gesture | undefined

  constructor(
    wire: DrawingWire,
    first: { tool: InkTool | undefined; colour: MarkColour } = { tool: 'pen', colour: 'red' },
  ) {
    this.#wire = wire
    this.#confirmations = new Confirmations({
      setTimer: wire.setTimer,
      onConfirmed: id => this.#locals(locals => dropped(locals, id)),
      onRefused: (id, error) => this.#refused(id, error),
    })
    this.state = new Store<DrawingState>({ ...first, locals: NO_LOCAL_INK })
  }

  choose(tool: InkTool | undefined): void {
    this.state.update(state => ({ ...state, tool }))
  }

  colour(colour: MarkColour): void {
    this.state.update(state => ({ ...state, colour }))
  }

  /** The pointer is down at a place in 0..1 of the picture. Texts are placed, the laser pointer has its own way. */
  begin(ground: Ground, at: readonly [number, number]): void {
    this.end()
    const { tool } = this.state.get()
    if (tool === undefined || tool === 'text' || tool === 'pointer') return
    if (tool === 'eraser') {
      this.#gesture = { kind: 'erasing', ground, id: newId('mark'), ids: [] }
      this.move(at)
      return
    }
    const { colour, locals } = this.state.get()
    const number = tool === 'number' ? predictedNumber(ground, locals, this.author.id) : undefined
    const mark = newMark(tool, colour, rounded(at), number)
    this.#tell(ground, mark)
    if (typeof tool === 'object') {
      this.#finish(mark.id)
      return
    }
    const snaps = tool === 'shape'
    const batcher = new StrokeBatcher(rounded(at), {
      keep: snaps || tool === 'pen' || tool === 'highlighter' ? 'all' : 'newest',
      intervalMs: BATCH_MS,
      setTimer: this.#wire.setTimer,
      nowMs: this.#wire.nowMs,
      send: points =>
        this.#send(mark.id, 'mark.extend', { callId: ground.callId, on: ground.on, markId: mark.id, points }),
    })
    this.#gesture = { kind: 'stroke', ground, mark, batcher, snaps }
  }

  move(at: readonly [number, number]): void {
    const gesture = this.#gesture
    if (gesture?.kind === 'stroke') {
      const point = gesture.batcher.add(at)
      if (point) this.#locals(locals => extended(locals, gesture.mark.id, [point]))
    } else if (gesture) this.#eraseAt(gesture, at)
  }

  /** The pointer is up. `free` keeps a stroke of the shape tool as it was drawn. */
  end(o: { readonly free?: boolean } = {}): void {
    const gesture = this.#gesture
    if (!gesture) return
    this.#gesture = undefined
    if (gesture.kind === 'erasing') {
      this.#erased(gesture)
      return
    }
    const { ground, mark, batcher, snaps } = gesture
    batcher.end()
    const drawn = this.state.get().locals.marks.find(one => one.mark.id === mark.id)?.mark
    this.#finish(mark.id)
    const clean = snaps && !o.free && drawn ? snapped(drawn.points, ground.size) : undefined
    if (!clean) return
    const shape: Mark = { id: newId('mark'), colour: mark.colour, ...clean }
    this.#tell(ground, shape, mark.id)
    this.#finish(shape.id)
  }

  /** A text with its left baseline at a place in 0..1 of the picture; with `replaces` it takes an own text's place. */
  place(ground: Ground, at: readonly [number, number], text: string, replaces?: MarkId): void {
    const words = text.trim().slice(0, 200)
    if (words === '') return
    const points: Point[] = [rounded(at)]
    const mark: Mark = { id: newId('mark'), colour: this.state.get().colour, shape: 'text', points, text: words }
    this.#tell(ground, mark, replaces)
    this.#finish(mark.id)
  }

  /** The author's own text at a place, for rewriting it. */
  textAt(ground: Ground, at: readonly [number, number]): Extract<Mark, { shape: 'text' }> | undefined {
    const own = this.#shown(ground, false).filter(mark => mark.shape === 'text')
    const mark = markAt(own, rounded(at), ground.size)
    return mark?.shape === 'text' ? mark : undefined
  }

  erase(ground: Pick<Ground, 'callId' | 'on'>, markIds: readonly MarkId[]): void {
    if (markIds.length === 0) return
    const id = newId('mark')
    this.#locals(locals => hidden(locals, { key: id, on: ground.on, ids: markIds }))
    for (let from = 0; from < markIds.length; from += MAX_ERASED) {
      const some = markIds.slice(from, from + MAX_ERASED)
      this.#send(id, 'marks.erase', { callId: ground.callId, on: ground.on, markIds: some })
    }
    this.#confirmations.finish(id)
  }

  undo(callId: CallId, on: Surface): void {
    this.end()
    this.#wire.request('ink.undo', { callId, on }).catch(this.#wire.onRefused)
  }
  redo(callId: CallId, on: Surface): void {
    this.end()
    this.#wire.request('ink.redo', { callId, on }).catch(this.#wire.onRefused)
  }
  clear(callId: CallId, on: Surface): void {
    this.end()
    this.#wire.request('marks.clear', { callId, on }).catch(this.#wire.onRefused)
  }

  /** What the journal says of marks, as it comes. */
  entries(entries: readonly JournalEntry[]): void {
    this.#locals(locals => entries.reduce((before, entry) => afterEntry(before, entry, this.author.id), locals))
  }

  /** The call is over or attached anew: only the truth remains. */
  forget(): void {
    if (this.#gesture?.kind === 'stroke') this.#gesture.batcher.cancel()
    this.#gesture = undefined
    this.#confirmations.forget()
    this.#locals(() => NO_LOCAL_INK)
  }

  /** What this person may take away (or, of their own, change), as it is seen now. */
  #shown({ ink, on }: Ground, anybodys: boolean): readonly Mark[] {
    const truth = visibleInk(ink).filter(one => anybodys || one.by === this.author.id)
    return withLocals(
      truth.map(one => one.mark),
      this.state.get().locals,
      on,
    )
  }

  #eraseAt(gesture: Extract<Gesture, { kind: 'erasing' }>, at: readonly [number, number]): void {
    const { ground, id, ids } = gesture
    const touched = markAt(this.#shown(ground, this.author.erasesAll), rounded(at), ground.size)
    if (!touched) return
    ids.push(touched.id)
    this.#locals(locals => hidden(locals, { key: id, on: ground.on, ids: [...ids] }))
  }

  /** One movement of the eraser is one action, so that one undo brings all of it back. */
  #erased({ ground, id, ids }: Extract<Gesture, { kind: 'erasing' }>): void {
    this.#locals(locals => dropped(locals, id))
    this.erase(ground, ids)
  }

  #tell({ callId, on, anchor }: Ground, mark: Mark, replaces?: MarkId): void {
    this.#locals(locals => begun(locals, on, mark, replaces))
    this.#send(mark.id, 'mark.begin', {
      callId,
      on,
      mark,
      ...(replaces === undefined ? {} : { replaces }),
      ...(anchor && { anchor }),
    })
  }

  #finish(id: MarkId): void {
    this.#locals(locals => finished(locals, id))
    this.#confirmations.finish(id)
  }

  #send<N extends 'mark.begin' | 'mark.extend' | 'marks.erase'>(id: MarkId, name: N, data: RequestData<N>): void {
    this.#confirmations.sent(id, this.#wire.request(name, data))
  }

  #refused(id: MarkId, error: unknown): void {
    if (this.#gesture?.kind === 'stroke' && this.#gesture.mark.id === id) {
      this.#gesture.batcher.cancel()
      this.#gesture = undefined
    }
    this.#locals(locals => dropped(locals, id))
    this.#wire.onRefused(error)
  }

  #locals(change: (locals: LocalInk) => LocalInk): void {
    this.state.update(state => {
      const locals = change(state.locals)
      return locals === state.locals ? state : { ...state, locals }
    })
  }
}
