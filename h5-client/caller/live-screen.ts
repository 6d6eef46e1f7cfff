import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import type { PhoneWords } from '../shared/words/zh-CN/phone.ts'
import { h, icon, setText } from './dom.ts'
import type { DrawSlot } from './draw-slot.ts'
import { LiveControls } from './live-controls.ts'
import { LiveFacts } from './live-facts.ts'
import { LiveLabel, ShutterFlash } from './live-label.ts'
import type { LiveMarksSlot } from './live-marks-slot.ts'
import { LiveNotice } from './live-notice.ts'
import type { LooksAt } from './page-look.ts'
import { PushStage, type PushTools } from './push-stage.ts'
import { StageView } from './stage-view.ts'
import type { VisitView } from './visit-types.ts'
import { ZoomPill, type ZoomState } from './zoom-pill.ts'

export type LiveActions = {
  /** What shows the own camera; it was asked to play in a tap. */
  readonly preview: HTMLVideoElement
  flip(): Promise<void>
  torch(on: boolean): Promise<void>
  pause(paused: boolean): void
  stop(): void
  bringBack(): void
  zoom(ratio: number): Promise<void>
  more(): void
}
type Look = 'camera' | 'page'

/** Marks that arrive within this time mean that the agent is drawing right now. */
const POINTING_MS = 2_500
/** The own view fills the screen unless that would hide more of the picture than this; the agent sees all of it. */
const CROP_LIMIT = 0.3

/** Own camera, full bleed, controls in reach of the thumb; the agent's page on top of it when there is one. */
export class LiveScreen {
  readonly element: HTMLElement
  readonly #words: CallerWords
  readonly #tools: PushTools
  readonly #push: PushStage
  readonly #marks: LiveMarksSlot
  readonly #draw: DrawSlot
  readonly #video: HTMLVideoElement
  readonly #facts: LiveFacts
  readonly #notice: LiveNotice
  readonly #label = new LiveLabel()
  readonly #flash = new ShutterFlash()
  readonly #controls: LiveControls
  readonly #zoom: ZoomPill
  readonly #veilTitle = h('p', { class: 'veil-title' })
  readonly #veilNote = h('p', {})
  readonly #veil: HTMLElement
  readonly #still: HTMLElement
  readonly #card: HTMLElement
  readonly #back: HTMLButtonElement
  readonly #resize = new ResizeObserver(() => this.#fit())
  #stageView: StageView | undefined
  #view: VisitView | undefined
  #look: Look = 'camera'
  /** Not the camera: a page whose picture is here, a card, the agent's screen. */
  #onStage: Exclude<LooksAt, 'live'> | undefined
  /** Of these, what is no picture. */
  #pushed: Exclude<LooksAt, 'live'> | undefined
  #sent: string | undefined
  #hasMarks = false
  #lastMarkAt = -Infinity
  #pointingTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    words: CallerWords,
    phone: PhoneWords,
    actions: LiveActions,
    tools: PushTools,
    marks: LiveMarksSlot,
    draw: DrawSlot,
  ) {
    this.#words = words
    this.#tools = tools
    this.#marks = marks
    this.#draw = draw
    this.#push = new PushStage(tools)
    this.#video = actions.preview
    this.#video.addEventListener('resize', () => this.#fit())
    this.#facts = new LiveFacts(words)
    this.#notice = new LiveNotice(words)
    this.#controls = new LiveControls(words, {
      flip: () => void actions.flip().catch(() => this.say(words.switchFailed)),
      torch: on => void actions.torch(on).catch(() => this.say(words.torchFailed)),
      pause: paused => actions.pause(paused),
      stop: () => actions.stop(),
      look: () => this.#lookAt(this.#look === 'page' ? 'camera' : 'page'),
      more: () => actions.more(),
    })
    this.#zoom = new ZoomPill(phone, ratio => void actions.zoom(ratio).catch(() => this.say(phone.zoomFailed)))
    this.#still = h(
      'p',
      { class: 'hold-still', 'data-test': 'hold-still', role: 'status', hidden: true },
      phone.holdStill,
    )
    this.#card = h(
      'div',
      { class: 'card-shutter', 'data-test': 'card-shutter', role: 'alert', hidden: true },
      h('p', { class: 'veil-title' }, phone.cardTitle),
      h('p', {}, phone.cardNote),
    )
    this.#back = h('button', { type: 'button', class: 'primary back', hidden: true }, words.resumeTap)
    this.#back.addEventListener('click', () => actions.bringBack())
    this.#veil = h(
      'div',
      { class: 'veil', 'data-test': 'veil', role: 'status', hidden: true },
      icon('pause'),
      this.#veilTitle,
      this.#veilNote,
    )
    this.element = h(
      'main',
      { class: 'live', 'data-test': 'live', 'data-look': 'camera' },
      this.#video,
      ...this.#push.elements,
      this.#veil,
      this.#card,
      this.#flash.element,
      this.#still,
      h('div', { class: 'top' }, this.#facts.element, this.#notice.element, this.#label.element),
      h('div', { class: 'bottom' }, this.#zoom.element, this.#back, this.#controls.element, draw.element),
    )
    this.#resize.observe(this.element)
  }

  /** Shows this camera's stream. Play is asked for explicitly: in-app browsers on iOS stay blank without it. */
  showCamera(stream: MediaStream, hasOther: boolean): void {
    if (this.#video.srcObject !== stream) this.#video.srcObject = stream
    this.#video.play().catch(() => {
      // Low-power mode refuses; the agent's picture does not depend on this preview.
    })
    this.#controls.canFlip = hasOther
  }

  openStage(callId: string): void {
    this.#stageView?.close()
    this.#stageView?.element.remove()
    this.#stageView = new StageView(callId, this.#words)
    this.#video.after(this.#stageView.element)
    this.#draw.on(this.#stageView)
    this.#stageView.onShown = page => {
      if (page !== undefined) this.#tools.look.loaded(page.page.id)
      if (this.#pushed === undefined) this.#stands(page?.page.id)
    }
  }

  showStage(stage: Stage, news: readonly JournalEntry[]): void {
    this.#hasMarks = (stage.pages.find(page => page.page.id === stage.showing)?.marks.length ?? 0) > 0
    const isMark = (entry: JournalEntry) => entry.type === 'mark.begun' || entry.type === 'mark.extended'
    if (news.some(entry => isMark(entry) && !this.#draw.isOwn(entry))) {
      this.#lastMarkAt = performance.now()
      clearTimeout(this.#pointingTimer)
      this.#pointingTimer = setTimeout(() => this.#say(), POINTING_MS)
    }
    this.#marks.show(stage)
    this.#draw.show(stage, news)
    const before = this.#pushed
    this.#sent = this.#push.sentence(stage)
    this.#pushed = this.#push.show(stage, news.length === 0)
    const isPicture = (entry: JournalEntry) => entry.type !== 'page.added' || entry.page.kind !== 'card'
    this.#stageView?.show(this.#pushed === undefined ? stage : { ...stage, showing: 'live' }, news.filter(isPicture))
    if (this.#pushed !== before) this.#stands(this.#pushed)
    // A new page from the agent comes first, whatever the caller was looking at.
    if (this.#onStage !== undefined && news.some(entry => entry.type === 'stage.page')) this.#lookAt('page')
    this.#say()
  }

  /** Where the own picture is painted upright: what a still can be cut from. */
  get preview(): HTMLVideoElement {
    return this.#video
  }

  /** Without a camera on the page: `pickers` are in its place. */
  showPhotosOnly(pickers: HTMLElement): void {
    this.element.dataset.mode = 'photos'
    this.#video.after(pickers)
  }

  /** Where the round buttons are. */
  get controls(): HTMLElement {
    return this.#controls.element
  }

  showZoom(zoom: ZoomState | undefined): void {
    this.#zoom.show(zoom)
  }

  /** Asks the hand to be still while the agent looks at small print. */
  holdStill(on: boolean): void {
    this.#still.hidden = !on
    this.element.dataset.holdStill = String(on)
  }

  /** A picture was taken: seen, not heard. */
  captured(): void {
    this.say(this.#words.snapshotTaken)
    this.#flash.fire()
  }

  say(text: string): void {
    this.#label.say(text)
  }

  showView(view: VisitView): void {
    this.#view = view
    this.#facts.show(view)
    this.#controls.show(view)
    this.element.dataset.camera = view.camera
    this.element.dataset.shut = String(view.shut)
    this.element.dataset.held = String(view.held)
    this.#card.hidden = !view.shut
    this.element.dataset.facing = view.facing
    this.#back.hidden = view.camera !== 'needs-tap'
    this.#showVeil()
    this.#say()
  }

  close(): void {
    this.#label.clear()
    this.#flash.close()
    clearTimeout(this.#pointingTimer)
    this.#resize.disconnect()
    this.#stageView?.close()
    this.#marks.close()
    this.#draw.close()
    this.#push.close()
    this.#tools.look.shows(undefined)
    this.#video.srcObject = null
  }

  #stands(at: Exclude<LooksAt, 'live'> | undefined): void {
    this.#onStage = at
    this.#lookAt(at === undefined ? 'camera' : 'page')
  }

  #lookAt(look: Look): void {
    this.#look = look
    const hasPage = this.#onStage !== undefined
    this.element.dataset.look = hasPage ? look : 'camera'
    this.#controls.showLook(look, hasPage)
    this.#tools.look.shows(look === 'page' ? (this.#onStage ?? 'live') : 'live')
    this.#showVeil()
    this.#say()
  }

  #showVeil(): void {
    const held = this.#view?.held === true
    const paused = this.#view?.camera === 'paused'
    const onPage = this.#onStage !== undefined && this.#look === 'page'
    // A page stays as it is; a shared screen stands still with the voice.
    const screenRests = onPage && this.#onStage === 'share' && held
    this.#veil.hidden = this.#view?.shut === true || (!paused && !held) || (onPage && !screenRests)
    const { heldTitle, heldNote, heldShareNote, heldPausedNote, pausedTitle, pausedNote } = this.#words
    setText(this.#veilTitle, held ? heldTitle : pausedTitle)
    const heldWords = screenRests ? heldShareNote : paused ? heldPausedNote : heldNote
    setText(this.#veilNote, held ? heldWords : pausedNote)
  }

  #say(): void {
    const pointing = performance.now() - this.#lastMarkAt < POINTING_MS
    // Nothing is seen of a shared screen that rests; the veil says why.
    const hasPage = this.#onStage !== undefined && !(this.#onStage === 'share' && this.#view?.held === true)
    this.#notice.show({ view: this.#view, hasPage, hasMarks: this.#hasMarks, pointing, sent: this.#sent })
  }

  #fit(): void {
    const { videoWidth, videoHeight, clientWidth, clientHeight } = this.#video
    if (videoWidth === 0 || clientWidth === 0) return
    const picture = videoWidth / videoHeight
    const screen = this.element.clientWidth / this.element.clientHeight
    const hidden = 1 - Math.min(picture, screen) / Math.max(picture, screen)
    this.#video.classList.toggle('whole', hidden > CROP_LIMIT || clientHeight === 0)
  }
}
