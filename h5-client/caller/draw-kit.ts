import { undoable } from '../../signaling/protocol/ink.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { CALLER_COLOUR } from '../../signaling/protocol/mark-kinds.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { Drawing, type Ground } from '../shared/ink/drawing.ts'
import { withLocals } from '../shared/ink/local-ink.ts'
import { isInside, toUnit } from '../shared/picture-rect.ts'
import { RequestRefused, type SignalingClient } from '../shared/socket.ts'
import type { CallerDrawWords } from '../shared/words/zh-CN/caller-draw.ts'
import { h } from './dom.ts'
import { control } from './live-controls.ts'
import type { StageView } from './stage-view.ts'

const TOOLS = ['pen', 'arrow', 'circle'] as const

/** What a caller draws with: one finger on the page, and a row of large buttons where the thumb is. */
export class DrawKit {
  readonly element: HTMLElement
  onDone: () => void = () => {}
  /** The server does not let this caller draw (any more). */
  onRefused: () => void = () => {}
  readonly #drawing: Drawing
  readonly #session: CallerSession
  readonly #view: StageView
  readonly #buttons: ReadonlyMap<(typeof TOOLS)[number], HTMLButtonElement>
  readonly #undo: HTMLButtonElement
  readonly #stops: (() => void)[] = []
  #page: StagePage | undefined
  #finger: number | undefined

  constructor(o: { signaling: SignalingClient; session: CallerSession; view: StageView; words: CallerDrawWords }) {
    const { signaling, words } = o
    this.#session = o.session
    this.#view = o.view
    this.#drawing = new Drawing(
      {
        request: (name, data) => signaling.request(name, data),
        onRefused: error => {
          if (error instanceof RequestRefused && error.code === 'forbidden') this.onRefused()
        },
        setTimer: (run, delayMs) => {
          const timer = setTimeout(run, delayMs)
          return () => clearTimeout(timer)
        },
        nowMs: () => performance.now(),
      },
      { tool: 'pen', colour: CALLER_COLOUR },
    )
    this.#drawing.author = { id: o.session.participantId, erasesAll: false }
    this.#buttons = new Map(
      TOOLS.map(tool => [tool, control(tool, `draw-${tool}`, words[tool], () => this.#choose(tool))] as const),
    )
    this.#undo = control('undo', 'draw-undo', words.undo, () => {
      if (this.#page) this.#drawing.undo(this.#session.callId, this.#page.page.id)
    })
    const done = control('done', 'draw-done', words.done, () => this.onDone())
    this.element = h(
      'div',
      { class: 'controls draw-bar', role: 'toolbar', 'aria-label': words.draw, 'data-test': 'draw-bar' },
      ...this.#buttons.values(),
      this.#undo,
      done,
    )
    o.view.marksOf = page => withLocals(page.marks, this.#drawing.state.get().locals, page.page.id)
    this.#stops.push(this.#drawing.state.subscribe(() => this.#echo()))
    this.#choose('pen')
  }

  open(): void {
    const { canvas } = this.#view
    const down = (event: PointerEvent) => this.#down(event)
    const move = (event: PointerEvent) => this.#move(event)
    const up = (event: PointerEvent) => this.#up(event)
    canvas.classList.add('drawing')
    canvas.addEventListener('pointerdown', down)
    canvas.addEventListener('pointermove', move)
    canvas.addEventListener('pointerup', up)
    canvas.addEventListener('pointercancel', up)
    this.#stops.push(() => {
      canvas.classList.remove('drawing')
      canvas.removeEventListener('pointerdown', down)
      canvas.removeEventListener('pointermove', move)
      canvas.removeEventListener('pointerup', up)
      canvas.removeEventListener('pointercancel', up)
    })
    this.#echo()
  }

  /** Back to looking; what is drawn stays. */
  leave(): void {
    this.#drawing.end()
    this.#finger = undefined
    const [echo, ...listeners] = this.#stops
    for (const stop of listeners) stop()
    this.#stops.length = 0
    if (echo) this.#stops.push(echo)
  }

  /** The page on the stage, after these entries. */
  show(page: StagePage | undefined, news: readonly JournalEntry[]): void {
    if (page?.page.id !== this.#page?.page.id) this.#drawing.end()
    this.#page = page
    this.#drawing.entries(news)
    this.#showUndo()
  }

  close(): void {
    this.leave()
    for (const stop of this.#stops.splice(0)) stop()
    this.#drawing.forget()
  }

  #choose(tool: (typeof TOOLS)[number]): void {
    this.#drawing.choose(tool)
    for (const [one, button] of this.#buttons) button.setAttribute('aria-pressed', String(one === tool))
  }

  #down(event: PointerEvent): void {
    const rect = this.#view.rect()
    const page = this.#page
    // A second finger is a hand that holds the phone.
    if (!page || this.#finger !== undefined || event.button !== 0) return
    if (!isInside(rect, event.offsetX, event.offsetY)) return
    event.preventDefault()
    this.#finger = event.pointerId
    this.#view.canvas.setPointerCapture(event.pointerId)
    const ground: Ground = { callId: this.#session.callId, on: page.page.id, ink: page.ink, size: rect }
    this.#drawing.begin(ground, toUnit(rect, event.offsetX, event.offsetY))
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#finger) return
    const rect = this.#view.rect()
    const steps = event.getCoalescedEvents?.() ?? []
    for (const step of steps.length > 0 ? steps : [event]) this.#drawing.move(toUnit(rect, step.offsetX, step.offsetY))
  }

  #up(event: PointerEvent): void {
    if (event.pointerId !== this.#finger) return
    this.#finger = undefined
    this.#drawing.end()
  }

  #echo(): void {
    this.#view.repaint()
    this.#showUndo()
  }

  #showUndo(): void {
    const page = this.#page
    const waiting = this.#drawing.state.get().locals.marks.length > 0
    this.#undo.disabled = !page || !(waiting || undoable(page.ink, this.#session.participantId))
  }
}
