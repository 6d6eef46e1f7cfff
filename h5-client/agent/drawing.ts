import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { CallId, MarkId, PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Mark, Point } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { Store } from '../shared/console/store.ts'
import type { Tool } from './keys.ts'
import { afterEntry, begun, dropped, extended, finished, type LocalMarks, NO_LOCAL_MARKS } from './local-marks.ts'
import { rounded, StrokeBatcher } from './stroke-batcher.ts'

export const COLOURS = ['red', 'yellow', 'green', 'blue', 'white'] as const satisfies readonly Mark['colour'][]
export type DrawingState = {
  readonly tool: Tool | undefined
  readonly colour: Mark['colour']
  readonly locals: LocalMarks
}

/** Half a display frame: at most 125 messages a second, below the server's 150, and the phone is not kept waiting. */
const BATCH_MS = 8
/** Reply and entries travel separately; a confirmed mark is drawn from here a little longer, so that it never blinks. */
const LINGER_MS = 400

type Wire = {
  readonly request: <N extends RequestName>(name: N, data: RequestData<N>) => Promise<RequestReply<N>>
  readonly onRefused: (error: unknown) => void
  readonly setTimer: (run: () => void, delayMs: number) => () => void
  readonly nowMs: () => number
}
type Stroke = { readonly id: MarkId; readonly batcher: StrokeBatcher }

/** The agent's pen: echoes at once, tells the server in batches, and gives way to what the journal says. */
export class Drawing {
  readonly state = new Store<DrawingState>({ tool: 'pen', colour: 'red', locals: NO_LOCAL_MARKS })
  readonly #wire: Wire
  /** Requests of a mark that have no reply yet. */
  readonly #underWay = new Map<MarkId, number>()
  readonly #lingering = new Set<() => void>()
  #stroke: Stroke | undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  choose(tool: Tool | undefined): void {
    this.state.update(state => ({ ...state, tool }))
  }

  colour(colour: Mark['colour']): void {
    this.state.update(state => ({ ...state, colour }))
  }

  /** The pointer is down at a place in 0..1 of the picture. */
  begin(callId: CallId, on: PageId, at: readonly [number, number]): void {
    this.end()
    const { tool, colour } = this.state.get()
    if (tool === undefined || tool === 'text') return
    const first = rounded(at)
    const mark: Mark = { id: newId('mark'), colour, shape: tool, points: [first] }
    const batcher = new StrokeBatcher(first, {
      keep: tool === 'pen' ? 'all' : 'newest',
      intervalMs: BATCH_MS,
      setTimer: this.#wire.setTimer,
      nowMs: this.#wire.nowMs,
      send: points => this.#send(mark.id, 'mark.extend', { callId, on, markId: mark.id, points }),
    })
    this.#stroke = { id: mark.id, batcher }
    this.#locals(locals => begun(locals, on, mark))
    this.#send(mark.id, 'mark.begin', { callId, on, mark })
  }

  move(at: readonly [number, number]): void {
    const stroke = this.#stroke
    const point = stroke?.batcher.add(at)
    if (stroke && point) this.#locals(locals => extended(locals, stroke.id, [point]))
  }

  end(): void {
    const stroke = this.#stroke
    if (!stroke) return
    this.#stroke = undefined
    stroke.batcher.end()
    this.#locals(locals => finished(locals, stroke.id))
    this.#settle(stroke.id)
  }

  /** A text with its left baseline at a place in 0..1 of the picture. */
  place(callId: CallId, on: PageId, at: readonly [number, number], text: string): void {
    const words = text.trim().slice(0, 200)
    if (words === '') return
    const points: Point[] = [rounded(at)]
    const mark: Mark = { id: newId('mark'), colour: this.state.get().colour, shape: 'text', points, text: words }
    this.#locals(locals => finished(begun(locals, on, mark), mark.id))
    this.#send(mark.id, 'mark.begin', { callId, on, mark })
  }

  /** What the journal says of marks, as it comes. */
  entries(entries: readonly JournalEntry[]): void {
    this.#locals(locals => entries.reduce(afterEntry, locals))
  }

  /** The call is over or attached anew: only the truth remains. */
  forget(): void {
    this.#stroke?.batcher.cancel()
    this.#stroke = undefined
    this.#underWay.clear()
    for (const cancel of this.#lingering) cancel()
    this.#lingering.clear()
    this.#locals(() => NO_LOCAL_MARKS)
  }

  #send<N extends 'mark.begin' | 'mark.extend'>(id: MarkId, name: N, data: RequestData<N>): void {
    this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + 1)
    this.#wire.request(name, data).then(
      () => this.#replied(id),
      (error: unknown) => this.#refused(id, error),
    )
  }

  #replied(id: MarkId): void {
    const left = this.#underWay.get(id)
    if (left === undefined) return
    this.#underWay.set(id, left - 1)
    this.#settle(id)
  }

  #settle(id: MarkId): void {
    const local = this.state.get().locals.find(one => one.mark.id === id)
    if (!local?.finished || this.#underWay.get(id) !== 0) return
    this.#underWay.delete(id)
    const cancel = this.#wire.setTimer(() => {
      this.#lingering.delete(cancel)
      this.#locals(locals => dropped(locals, id))
    }, LINGER_MS)
    this.#lingering.add(cancel)
  }

  /** Only the first refusal of a mark is reported; what follows of it is the same story. */
  #refused(id: MarkId, error: unknown): void {
    if (!this.#underWay.delete(id)) return
    if (this.#stroke?.id === id) {
      this.#stroke.batcher.cancel()
      this.#stroke = undefined
    }
    this.#locals(locals => dropped(locals, id))
    this.#wire.onRefused(error)
  }

  #locals(change: (locals: LocalMarks) => LocalMarks): void {
    this.state.update(state => {
      const locals = change(state.locals)
      return locals === state.locals ? state : { ...state, locals }
    })
  }
}
