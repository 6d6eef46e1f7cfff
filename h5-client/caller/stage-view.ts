import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { type Stage, type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect } from '../shared/picture-rect.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h } from './dom.ts'

const PICTURE_TRIES = 4
const PICTURE_RETRY_MS = 400

/** The frozen picture with the agent's marks on it. Hidden while the camera is live. */
export class StageView {
  readonly element: HTMLElement
  /** A page with its picture is ready to be seen, or (undefined) the stage went back to the live camera. */
  onShown: (page: StagePage | undefined) => void = () => {}
  readonly #callId: string
  readonly #words: CallerWords
  readonly #canvas = h('canvas', { 'data-test': 'stage-canvas', 'aria-hidden': 'true' })
  readonly #said = h('p', { class: 'sr-only', 'aria-live': 'polite' })
  readonly #pictures = new Map<string, Promise<HTMLImageElement>>()
  readonly #resize: ResizeObserver
  #picture: HTMLImageElement | undefined
  #page: StagePage | undefined
  #frame = 0

  constructor(callId: string, words: CallerWords) {
    this.#callId = callId
    this.#words = words
    this.element = h('div', { class: 'stage', 'data-test': 'stage', hidden: true }, this.#canvas, this.#said)
    this.#resize = new ResizeObserver(() => this.#schedule())
    this.#resize.observe(this.element)
  }

  /** A new fold of the journal. Marks reach the canvas with the next frame of the screen. */
  show(stage: Stage, news: readonly JournalEntry[]): void {
    // The picture is on its way before the agent's page is shown here.
    for (const entry of news) if (entry.type === 'page.added') void this.#load(entry.page.id)
    const page = shownPage(stage)
    const before = this.#page
    this.#page = page
    if (page === undefined) {
      this.element.hidden = true
      this.#picture = undefined
      if (before !== undefined) this.onShown(undefined)
      return
    }
    if (before?.page.id === page.page.id && this.#picture !== undefined) {
      if (before.marks !== page.marks) this.#schedule()
      return
    }
    this.#picture = undefined
    this.#load(page.page.id).then(
      picture => this.#arrived(page.page.id, picture),
      () => {
        // The camera stays on the screen; the agent's voice still explains.
      },
    )
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#resize.disconnect()
  }

  #arrived(id: string, picture: HTMLImageElement): void {
    const page = this.#page
    if (page === undefined || page.page.id !== id) return
    const old = this.element.querySelector('img')
    picture.alt = this.#words.pageAlt
    if (old === null) this.element.prepend(picture)
    else if (old !== picture) old.replaceWith(picture)
    this.#picture = picture
    this.element.hidden = false
    this.onShown(page)
    this.#paint()
  }

  #load(id: string): Promise<HTMLImageElement> {
    const known = this.#pictures.get(id)
    if (known !== undefined) return known
    const loading = this.#fetch(id)
    this.#pictures.set(id, loading)
    loading.catch(() => this.#pictures.delete(id))
    return loading
  }

  async #fetch(id: string): Promise<HTMLImageElement> {
    for (let tried = 1; ; tried += 1) {
      const picture = new Image()
      picture.draggable = false
      picture.src = `/api/calls/${this.#callId}/pictures/${id}`
      try {
        await picture.decode()
        return picture
      } catch (error) {
        if (tried === PICTURE_TRIES) throw error
        await new Promise(resolve => setTimeout(resolve, PICTURE_RETRY_MS * tried))
      }
    }
  }

  #schedule(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.#paint())
  }

  #paint(): void {
    const page = this.#page
    if (page === undefined || this.#picture === undefined) return
    const box = { width: this.element.clientWidth, height: this.element.clientHeight }
    const context = fitCanvas(this.#canvas, box)
    const picture = { width: page.picture?.widthPx ?? 0, height: page.picture?.heightPx ?? 0 }
    paintMarks(context, page.marks, containRect(box, picture))
    const texts = page.marks.flatMap(mark => (mark.shape === 'text' ? [mark.text] : []))
    const said = texts.length === 0 ? '' : this.#words.textMarks(texts.join('; '))
    if (this.#said.textContent !== said) this.#said.textContent = said
  }
}
