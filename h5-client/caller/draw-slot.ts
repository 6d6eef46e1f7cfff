import type { Language } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { type Stage, type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import type { SignalingClient } from '../shared/socket.ts'
import { CALLER_DRAW_EN } from '../shared/words/en/caller-draw.ts'
import { CALLER_DRAW_ZH, type CallerDrawWords } from '../shared/words/zh-CN/caller-draw.ts'
import { h } from './dom.ts'
import type { DrawKit } from './draw-kit.ts'
import { control } from './live-controls.ts'
import type { StageView } from './stage-view.ts'

type Screen = { readonly element: HTMLElement; readonly controls: HTMLElement; say(text: string): void }

/**
 * Where the caller begins to draw: a button while a page is shown and this kind of call lets the caller draw. What draws
 * is loaded when there is something to draw on. Laser pointers of others on that page are handed on from here too.
 */
export class DrawSlot {
  readonly element = h('div', { class: 'draw-slot', hidden: true })
  #signaling: SignalingClient | undefined
  #session: CallerSession | undefined
  /** What this kind of call gives the caller; it may change in mid-call. */
  #tools: CallerSession['tools'] = []
  #unlisten: () => void = () => {}
  #words: CallerDrawWords = CALLER_DRAW_ZH
  #screen: Screen | undefined
  #view: StageView | undefined
  #opener: HTMLButtonElement | undefined
  #kit: Promise<DrawKit> | undefined
  #page: StagePage | undefined

  attach(signaling: SignalingClient, session: CallerSession): void {
    this.#unlisten()
    this.#signaling = signaling
    this.#session = session
    this.#tools = session.tools
    this.#unlisten = signaling.on('pointer.moved', ({ by, on, points }) => {
      if (on === this.#page?.page.id) this.#view?.pointed(by, points)
    })
  }

  /** A new live screen. */
  mount(screen: Screen, language: Language): void {
    this.close()
    this.#words = language === 'en' ? CALLER_DRAW_EN : CALLER_DRAW_ZH
    this.#screen = screen
    this.#opener = control('pen', 'draw', this.#words.draw, () => void this.#open())
    this.#opener.hidden = true
    screen.controls.prepend(this.#opener)
  }

  /** Pages are shown here from now on. */
  on(view: StageView): void {
    this.#leave()
    this.#kit = undefined
    this.#view = view
  }

  /** True for what this caller drew: no news from the agent. */
  isOwn(entry: JournalEntry): boolean {
    return 'by' in entry && entry.by === this.#session?.participantId
  }

  show(stage: Stage, news: readonly JournalEntry[]): void {
    const page = shownPage(stage)
    this.#page = page?.picture ? page : undefined
    for (const entry of news) if (entry.type === 'scenario.chosen') this.#tools = entry.tools
    const may = this.#page !== undefined && this.#tools.includes('caller-draw')
    if (this.#opener) this.#opener.hidden = !may
    if (may) this.#load().catch(() => {})
    else this.#leave()
    void this.#kit?.then(
      kit => kit.show(this.#page, news),
      () => {},
    )
  }

  /** The live screen is gone. */
  close(): void {
    this.#leave()
    void this.#kit?.then(
      kit => kit.close(),
      () => {},
    )
    this.#kit = undefined
    this.#view = undefined
    this.#screen = undefined
  }

  #load(): Promise<DrawKit> {
    if (this.#kit) return this.#kit
    const [signaling, session, view] = [this.#signaling, this.#session, this.#view]
    if (!signaling || !session || !view) return Promise.reject(new Error('nothing to draw on'))
    const loading = import('./draw-kit.ts').then(({ DrawKit }) => {
      const kit = new DrawKit({ signaling, session, view, words: this.#words })
      kit.onDone = () => this.#leave()
      kit.onRefused = () => {
        this.#leave()
        this.#screen?.say(this.#words.refused)
      }
      kit.show(this.#page, [])
      return kit
    })
    this.#kit = loading
    loading.catch(() => {
      // The next page, or the next tap, tries again.
      this.#kit = undefined
    })
    return loading
  }

  async #open(): Promise<void> {
    const kit = await this.#load().catch(() => undefined)
    if (!kit || !this.#page || !this.#screen) return
    this.element.replaceChildren(kit.element)
    this.element.hidden = false
    this.#screen.element.dataset.drawing = 'true'
    this.#screen.say(this.#words.hint)
    kit.open()
  }

  #leave(): void {
    if (this.element.hidden) return
    this.element.hidden = true
    if (this.#screen) delete this.#screen.element.dataset.drawing
    void this.#kit?.then(
      kit => kit.leave(),
      () => {},
    )
  }
}
