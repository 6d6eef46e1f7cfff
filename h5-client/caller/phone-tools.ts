import type { Language } from '../../signaling/protocol/call.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { operable } from './camera-abilities.ts'
import { CameraControlService } from './camera-control.ts'
import { ConsentBook } from './consent-book.ts'
import { consentQuestion } from './consent-sheet.ts'
import { h } from './dom.ts'
import { fitShot } from './ladder-shot.ts'
import type { LiveScreen } from './live-screen.ts'
import { moreSheet } from './more-sheet.ts'
import type { PhoneSignaling } from './phone-signaling.ts'
import { phoneWords } from './phone-words.ts'
import { photoPickers } from './photo-pickers.ts'
import type { Sheet } from './sheet.ts'
import { StillSender } from './still-sender.ts'
import { StillService } from './still-service.ts'
import { StillTaker } from './still-taker.ts'
import type { Visit } from './visit.ts'

export type PhoneToolsOptions = {
  readonly signaling: PhoneSignaling
  readonly session: CallerSession
  readonly visit: Visit
  readonly textVersion: string
  readonly language: () => Language
  /** The screen with the picture, while it is shown. */
  readonly live: () => LiveScreen | undefined
}

/** The phone in the agent's service: stills, light and zoom, questions to the caller, photos and files. */
export class PhoneTools {
  readonly #o: PhoneToolsOptions
  readonly #consents: ConsentBook
  readonly #control: CameraControlService
  readonly #stills: StillService
  readonly #stops: (() => void)[]
  readonly #flashed = new Set<PageId>()
  #question: ReturnType<typeof consentQuestion> | undefined
  #questions: Promise<unknown> = Promise.resolve()
  #more: Sheet | undefined
  #uploads: Promise<{ add(files: readonly File[]): void; close(): void }> | undefined
  #told: MediaStreamTrack | undefined
  /** What this kind of call gives the caller; it may change in mid-call. */
  #tools: CallerSession['tools']
  #closed = false

  constructor(o: PhoneToolsOptions) {
    this.#o = o
    this.#tools = o.session.tools
    const { signaling, visit } = o
    const sender = new StillSender()
    this.#consents = new ConsentBook({
      signaling,
      given: o.session.consents,
      past: o.session.entries,
      textVersion: o.textVersion,
      language: o.language,
      question: kind => this.#ask(kind),
    })
    this.#control = new CameraControlService({
      signaling,
      camera: () => visit.camera,
      mayOperate: () => this.#consents.allows('control'),
      holdStill: async on => {
        await visit.holdStill(on)
        o.live()?.holdStill(on)
      },
    })
    this.#stills = new StillService({
      signaling,
      taker: new StillTaker(),
      sender: {
        send: async (callId, pageId, shot) => sender.send(callId, pageId, await fitShot(shot, visit.view.rung)),
      },
      track: () => visit.camera?.track,
      preview: () => o.live()?.preview,
      onTaken: ({ pageId }) => this.captured(pageId),
    })
    this.#stops = [
      signaling.on('call.entries', ({ entries }) => {
        for (const entry of entries) if (entry.type === 'scenario.chosen') this.#tools = entry.tools
      }),
      () => this.#consents.close(),
      () => this.#control.close(),
      () => this.#stills.close(),
    ]
  }

  /** One press of the agent's shutter is one flash, whichever of its pictures is first. */
  captured(pageId: PageId): void {
    if (this.#flashed.has(pageId)) return
    this.#flashed.add(pageId)
    this.#o.live()?.captured()
  }

  /** Another camera runs, or none: the agent learns what it can do. */
  cameraChanged(): void {
    const track = this.#o.visit.camera?.track
    this.settingsChanged()
    if (track === undefined || track === this.#told) return
    this.#told = track
    void this.#control.tellAbilities()
  }

  /** Light or zoom may be other than before. */
  settingsChanged(): void {
    const camera = this.#o.visit.camera
    const zoom = camera?.alive === true ? operable(camera.track).zoom : undefined
    const now = camera?.settings.zoom ?? (zoom === undefined ? 1 : Math.max(1, zoom.min))
    this.#o.live()?.showZoom(zoom === undefined ? undefined : { min: zoom.min, max: zoom.max, now })
  }

  /** The caller's own tap on the zoom. */
  async zoom(ratio: number): Promise<void> {
    const set = await this.#o.visit.camera?.setZoom(ratio)
    if (set === undefined) return
    const control = { kind: 'zoom', ratio: set } as const
    await this.#o.signaling.request('camera.controlled', { control, outcome: 'done' }).catch(() => {
      // The agent sees the picture grow.
    })
  }

  openMore(): void {
    this.#more?.close()
    this.#more = moreSheet({
      words: phoneWords(this.#o.language()),
      agreements: () => this.#consents.agreements,
      withdraw: kind => this.#consents.withdraw(kind),
      onFiles: this.#tools.includes('upload') ? files => void this.send(files) : undefined,
    })
  }

  /** What stands where the picture would be on a phone whose browser gives no camera. Undefined: no files in this call. */
  photosOnly(): HTMLElement | undefined {
    if (!this.#tools.includes('upload')) return undefined
    const words = phoneWords(this.#o.language())
    return h(
      'section',
      { class: 'photos-only', 'data-test': 'photos-only' },
      h('h1', { tabindex: -1 }, words.photosOnlyTitle),
      h('p', {}, words.photosOnlyNote),
      photoPickers(words, files => void this.send(files)),
    )
  }

  /** Photos and files from the phone; their sending is a bundle of its own, loaded when first wanted. */
  async send(files: readonly File[]): Promise<void> {
    const { session, language } = this.#o
    this.#uploads ??= import('./upload-desk.ts').then(
      ({ UploadDesk }) => new UploadDesk({ callId: session.callId, language }),
    )
    this.#uploads.catch(() => {
      this.#uploads = undefined
    })
    const desk = await this.#uploads
    if (this.#closed) desk.close()
    else desk.add(files)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#question?.close()
    this.#more?.close()
    void this.#uploads?.then(desk => desk.close())
  }

  async #ask(kind: ConsentKind): Promise<boolean> {
    // One after the other: two questions over each other would be answered as one.
    const before = this.#questions
    const asking = before.then(() => {
      if (this.#closed) return false
      this.#question = consentQuestion(phoneWords(this.#o.language()), kind)
      return this.#question.answer
    })
    this.#questions = asking
    return asking
  }
}
