import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Mark } from '../../signaling/protocol/mark.ts'
import { type Stage, type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { paintMarks } from '../shared/paint-marks.ts'
import { containRect, type Rect } from '../shared/picture-rect.ts'
import { PointerLayer, type PointerPoint } from '../shared/pointer-layer.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h } from './dom.ts'

const PICTURE_TRIES = 4
const PICTURE_RETRY_MS = 400

/** The frozen picture with the agent's marks on it. Hidden while the camera is live. */
export class StageView {
  readonly element: HTMLElement
  /** A page with its picture is ready to be seen, or (undefined) the stage went back to the live camera. */
  onShown: (page: StagePage | undefined) => void = () => {}
  /** What is painted of a page; whoever draws here puts an own echo in between. */
  marksOf: (page: StagePage) => readonly Mark[] = page => page.marks
  readonly canvas = h('canvas', { 'data-test': 'stage-canvas', 'aria-hidden': 'true' })
  readonly #callId: string
  readonly #words: CallerWords
  readonly #pointerCanvas = h('canvas', { class: 'pointers', 'data-test': 'stage-pointers', 'aria-hidden': 'true' })
  readonly #pointers = new PointerLayer(this.#pointerCanvas)
  readonly #said = h('p', { class: 'sr-only', 'aria-live': 'polite' })
  readonly #pictures = new Map<string, Promise<HTMLImageElement>>()
  readonly #resize: ResizeObserver
  #picture: HTMLImageElement | undefined
  /** How many pictures the page had when this one, its best, was asked for. */
  #pictureOf = 0
  #page: StagePage | undefined
  #frame = 0

  constructor(callId: string, words: CallerWords) {
    this.#callId = callId
    this.#words = words
    this.element = h(
      'div',
      { class: 'stage', 'data-test': 'stage', hidden: true },
      this.canvas,
      this.#pointerCanvas,
      this.#said,
    )
    this.#resize = new ResizeObserver(() => this.repaint())
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
      this.#pointers.clear()
      if (before !== undefined) this.onShown(undefined)
      return
    }
    if (before?.page.id === page.page.id && this.#picture !== undefined) {
      if (before.marks !== page.marks) this.repaint()
      if (this.#pictureOf < page.pictures.length) void this.#better(page)
      return
    }
    this.#picture = undefined
    this.#load(page.page.id, newest(page)).then(
      picture => this.#arrived(page, picture),
      () => {
        // The camera stays on the screen; the agent's voice still explains.
      },
    )
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#resize.disconnect()
    this.#pointers.close()
  }

  /** Where the picture lies on the canvas, in CSS pixels. */
  rect(): Rect {
    const picture = this.#page?.picture
    const box = { width: this.element.clientWidth, height: this.element.clientHeight }
    return containRect(box, { width: picture?.widthPx ?? 0, height: picture?.heightPx ?? 0 })
  }

  /** With the next frame of the screen. */
  repaint(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.#paint())
  }

  /** Somebody points at the page: a dot that fades. */
  pointed(by: string, points: readonly PointerPoint[]): void {
    if (this.#picture === undefined) return
    this.#placePointers()
    this.#pointers.moved(by, points)
  }

  /** The phone's own photo of the same moment has come: it takes the place of the frame when it is here. */
  async #better(page: StagePage): Promise<void> {
    const { id } = page.page
    const picture = await this.#load(id, newest(page)).catch(() => undefined)
    const now = this.#page
    if (!picture || now?.page.id !== id || now.pictures.length !== page.pictures.length || this.element.hidden) return
    this.element.querySelector('img')?.replaceWith(picture)
    picture.alt = this.#words.pageAlt
    this.#picture = picture
    this.#pictureOf = page.pictures.length
  }

  #placePointers(): void {
    this.#pointers.place({ width: this.element.clientWidth, height: this.element.clientHeight }, this.rect())
  }

  #arrived(asked: StagePage, picture: HTMLImageElement): void {
    const page = this.#page
    if (page === undefined || page.page.id !== asked.page.id) return
    const old = this.element.querySelector('img')
    picture.alt = this.#words.pageAlt
    if (old === null) this.element.prepend(picture)
    else if (old !== picture) old.replaceWith(picture)
    this.#picture = picture
    this.element.hidden = false
    this.#pictureOf = asked.pictures.length
    this.onShown(page)
    this.#paint()
    if (asked.pictures.length < page.pictures.length) void this.#better(page)
  }

  /** The page's best picture as it is now, or its `index`-th. */
  #load(id: string, index?: number): Promise<HTMLImageElement> {
    const address = `${id}${index === undefined ? '' : `?picture=${index}`}`
    const known = this.#pictures.get(address)
    if (known !== undefined) return known
    const loading = this.#fetch(address)
    this.#pictures.set(address, loading)
    loading.catch(() => this.#pictures.delete(address))
    return loading
  }

  async #fetch(address: string): Promise<HTMLImageElement> {
    for (let tried = 1; ; tried += 1) {
      const picture = new Image()
      picture.draggable = false
      picture.src = `/api/calls/${this.#callId}/pictures/${address}`
      try {
        await picture.decode()
        return picture
      } catch (error) {
        if (tried === PICTURE_TRIES) throw error
        await new Promise(resolve => setTimeout(resolve, PICTURE_RETRY_MS * tried))
      }
    }
  }

  #paint(): void {
    const page = this.#page
    if (page === undefined || this.#picture === undefined) return
    const box = { width: this.element.clientWidth, height: this.element.clientHeight }
    paintMarks(fitCanvas(this.canvas, box), this.marksOf(page), this.rect())
    this.#placePointers()
    const texts = page.marks.flatMap(mark => (mark.shape === 'text' ? [mark.text] : []))
    const said = texts.length === 0 ? '' : this.#words.textMarks(texts.join('; '))
    if (this.#said.textContent !== said) this.#said.textContent = said
  }
}

/** Which of the page's pictures is its best; the only one has no number, for it is fetched before it is shown. */
function newest(page: StagePage): number | undefined {
  return page.pictures.length > 1 ? page.pictures.length - 1 : undefined
}
