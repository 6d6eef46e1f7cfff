import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { h, icon, setText } from './dom.ts'
import { control, relabel, setFact } from './live-controls.ts'
import { StageView } from './stage-view.ts'
import type { VisitView } from './visit.ts'

export type LiveActions = {
  flip(): Promise<void>
  torch(on: boolean): Promise<void>
  pause(paused: boolean): void
  stop(): void
  bringBack(): void
}
type Look = 'camera' | 'page'

const LABEL_MS = 3_000
/** Marks that arrive within this time mean that the agent is drawing right now. */
const POINTING_MS = 2_500
/** The own view fills the screen unless that would hide more of the picture than this; the agent sees all of it. */
const CROP_LIMIT = 0.3

/** Own camera, full bleed, controls in reach of the thumb; the agent's page on top of it when there is one. */
export class LiveScreen {
  readonly element: HTMLElement
  readonly #words: CallerWords
  readonly #video = h('video', {
    class: 'preview',
    'data-test': 'preview',
    playsinline: true,
    muted: true,
    autoplay: true,
  })
  readonly #camera = h('span', { class: 'fact' })
  readonly #recording = h('span', { class: 'fact' })
  readonly #watching = h('span', { class: 'fact' })
  readonly #notice = h('p', { class: 'notice', role: 'status', 'aria-live': 'polite', hidden: true })
  readonly #label = h('p', { class: 'label', role: 'status', 'aria-live': 'polite', hidden: true })
  readonly #flash = h('div', { class: 'flash', hidden: true })
  readonly #veil: HTMLElement
  readonly #buttons: Record<'flip' | 'torch' | 'pause' | 'stop' | 'look', HTMLButtonElement>
  readonly #back: HTMLButtonElement
  readonly #resize = new ResizeObserver(() => this.#fit())
  #stageView: StageView | undefined
  #view: VisitView | undefined
  #look: Look = 'camera'
  #hasPage = false
  #hasMarks = false
  #lastMarkAt = -Infinity
  #labelTimer: ReturnType<typeof setTimeout> | undefined
  #pointingTimer: ReturnType<typeof setTimeout> | undefined

  constructor(words: CallerWords, actions: LiveActions) {
    this.#words = words
    // Attributes alone do not mute a video that a script made.
    this.#video.muted = true
    this.#video.addEventListener('resize', () => this.#fit())
    this.#buttons = {
      flip: control('flip', 'switch-camera', words.switchCamera, () => {
        actions.flip().catch(() => this.say(words.switchFailed))
      }),
      torch: control('torch', 'torch', words.torchOn, () => {
        actions.torch(this.#view?.torch !== 'on').catch(() => this.say(words.torchFailed))
      }),
      pause: control('pause', 'pause', words.pause, () => actions.pause(this.#view?.camera !== 'paused')),
      stop: control('stop', 'stop', words.stop, () => actions.stop()),
      look: control('camera', 'look', words.toCamera, () => this.#lookAt(this.#look === 'page' ? 'camera' : 'page')),
    }
    this.#buttons.look.hidden = true
    this.#buttons.torch.hidden = true
    this.#back = h('button', { type: 'button', class: 'primary back', hidden: true }, words.resumeTap)
    this.#back.addEventListener('click', () => actions.bringBack())
    this.#veil = h(
      'div',
      { class: 'veil', hidden: true },
      icon('pause'),
      h('p', { class: 'veil-title' }, words.pausedTitle),
      h('p', {}, words.pausedNote),
    )
    this.element = h(
      'main',
      { class: 'live', 'data-test': 'live', 'data-look': 'camera' },
      this.#video,
      this.#veil,
      this.#flash,
      h(
        'div',
        { class: 'top' },
        h(
          'div',
          { class: 'facts' },
          h('span', { class: 'fact on' }, words.callOn),
          this.#camera,
          this.#recording,
          this.#watching,
        ),
        this.#notice,
        this.#label,
      ),
      h(
        'div',
        { class: 'bottom' },
        this.#back,
        h(
          'div',
          { class: 'controls', role: 'group' },
          this.#buttons.look,
          this.#buttons.flip,
          this.#buttons.torch,
          this.#buttons.pause,
          this.#buttons.stop,
        ),
      ),
    )
    this.#resize.observe(this.element)
  }

  /** Shows this camera's stream. Play is asked for explicitly: in-app browsers on iOS stay blank without it. */
  showCamera(stream: MediaStream, hasOther: boolean): void {
    if (this.#video.srcObject !== stream) this.#video.srcObject = stream
    this.#video.play().catch(() => {
      // Low-power mode refuses; the agent's picture does not depend on this preview.
    })
    this.#buttons.flip.hidden = !hasOther
  }

  openStage(callId: string): void {
    this.#stageView?.close()
    this.#stageView?.element.remove()
    this.#stageView = new StageView(callId, this.#words)
    this.#video.after(this.#stageView.element)
    this.#stageView.onShown = page => {
      this.#hasPage = page !== undefined
      this.#lookAt(page === undefined ? 'camera' : 'page')
      if (page !== undefined) this.#label.hidden = true
    }
  }

  showStage(stage: Stage, news: readonly JournalEntry[]): void {
    this.#hasMarks = (stage.pages.find(page => page.page.id === stage.showing)?.marks.length ?? 0) > 0
    if (news.some(entry => entry.type === 'mark.begun' || entry.type === 'mark.extended')) {
      this.#lastMarkAt = performance.now()
      clearTimeout(this.#pointingTimer)
      this.#pointingTimer = setTimeout(() => this.#say(), POINTING_MS)
    }
    this.#stageView?.show(stage, news)
    // A new page from the agent comes first, whatever the caller was looking at.
    if (this.#hasPage && news.some(entry => entry.type === 'stage.page')) this.#lookAt('page')
    this.#say()
  }

  snapshotTaken(): void {
    this.say(this.#words.snapshotTaken)
    this.#flash.hidden = false
    // Restarts the animation when two pictures are taken in a row.
    this.#flash.style.animation = 'none'
    void this.#flash.offsetWidth
    this.#flash.style.animation = ''
    setTimeout(() => {
      this.#flash.hidden = true
    }, 500)
  }

  say(text: string): void {
    clearTimeout(this.#labelTimer)
    setText(this.#label, text)
    this.#label.hidden = false
    this.#labelTimer = setTimeout(() => {
      this.#label.hidden = true
    }, LABEL_MS)
  }

  showView(view: VisitView): void {
    this.#view = view
    const words = this.#words
    const paused = view.camera === 'paused'
    const lost = view.camera === 'interrupted' || view.camera === 'needs-tap'
    setFact(
      this.#camera,
      paused ? words.cameraPaused : view.camera === 'live' ? words.cameraOn : words.cameraStarting,
      paused || lost ? 'warn' : view.camera === 'live' ? 'on' : 'wait',
    )
    setFact(this.#recording, view.recording ? words.recordingOn : words.recordingOff, view.recording ? 'rec' : 'off')
    const watched = view.agentHere && view.camera === 'live'
    setFact(
      this.#watching,
      paused ? words.watchingPaused : watched ? words.watching(view.agentName) : words.watchingNobody,
      watched ? 'on' : 'off',
    )
    this.element.dataset.camera = view.camera
    this.element.dataset.facing = view.facing
    this.#veil.hidden = !paused || this.#look === 'page'
    this.#back.hidden = view.camera !== 'needs-tap'
    this.#buttons.torch.hidden = view.torch === 'none'
    this.#buttons.torch.setAttribute('aria-pressed', String(view.torch === 'on'))
    relabel(this.#buttons.torch, 'torch', view.torch === 'on' ? words.torchOff : words.torchOn)
    relabel(this.#buttons.pause, paused ? 'play' : 'pause', paused ? words.resume : words.pause)
    this.#buttons.pause.setAttribute('aria-pressed', String(paused))
    this.#say()
  }

  close(): void {
    clearTimeout(this.#labelTimer)
    clearTimeout(this.#pointingTimer)
    this.#resize.disconnect()
    this.#stageView?.close()
    this.#video.srcObject = null
  }

  #lookAt(look: Look): void {
    this.#look = look
    this.element.dataset.look = this.#hasPage ? look : 'camera'
    this.#buttons.look.hidden = !this.#hasPage
    relabel(
      this.#buttons.look,
      look === 'page' ? 'camera' : 'eye',
      look === 'page' ? this.#words.toCamera : this.#words.toPage,
    )
    this.#veil.hidden = this.#view?.camera !== 'paused' || (this.#hasPage && look === 'page')
    this.#say()
  }

  /** The one sentence of the moment, most urgent first. */
  #say(): void {
    const words = this.#words
    const view = this.#view
    const pointing = performance.now() - this.#lastMarkAt < POINTING_MS
    const urgent = view?.online === false || view?.camera === 'interrupted' || view?.slow === true
    const text =
      view?.online === false
        ? words.offline
        : view?.camera === 'interrupted'
          ? words.interrupted
          : this.#hasPage && pointing
            ? words.pagePointing
            : this.#hasPage && this.#hasMarks
              ? words.pageMarked
              : this.#hasPage
                ? words.pageShown
                : view?.slow
                  ? words.trouble.network.next
                  : view?.camera === 'starting'
                    ? words.connecting
                    : ''
    setText(this.#notice, text)
    this.#notice.hidden = text === ''
    this.#notice.classList.toggle('urgent', urgent)
    this.#notice.classList.toggle('pointing', !urgent && this.#hasPage)
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
