import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { type Camera, troubleOf } from './camera.ts'
import type { Late, NewVisit } from './late.ts'
import type { LiveScreen } from './live-screen.ts'
import type { PhoneTools } from './phone-tools.ts'
import { previewInTap } from './preview-video.ts'
import type { ScreenHost } from './screen-host.ts'
import type { Visit } from './visit.ts'
import type { VisitEnd } from './visit-types.ts'
import { WakeLock } from './wake-lock.ts'

export type LiveVisitOptions = {
  readonly host: ScreenHost
  readonly textVersion: string
  readonly onTrouble: (trouble: CameraTrouble) => void
  readonly onEnd: (end: VisitEnd) => void
  /** Whether the picture is meant to be sent, for the page's next load. */
  readonly onSending: (sending: boolean) => void
}

/** The caller in the call: the visit, the phone's tools, and the screen that shows both. */
export class LiveVisit {
  readonly #o: LiveVisitOptions
  readonly #wakeLock = new WakeLock()
  #visit: Visit | undefined
  #phone: PhoneTools | undefined
  #live: LiveScreen | undefined
  /** Made in the tap that asked for the camera. */
  preview: HTMLVideoElement | undefined

  constructor(o: LiveVisitOptions) {
    this.#o = o
  }

  get visit(): Visit | undefined {
    return this.#visit
  }
  /** Whether photos can be sent where no camera runs. */
  get takesPhotos(): boolean {
    return this.#phone?.photosOnly() !== undefined
  }

  begin(late: Late, session: CallerSession, signaling?: NewVisit['signaling']): Visit {
    const visit = late.newVisit({
      session,
      ...(signaling === undefined ? {} : { signaling }),
      handlers: {
        onView: view => {
          this.#live?.showView(view)
          this.#phone?.settingsChanged()
          this.#wakeLock.hold(view.camera === 'live' || view.camera === 'starting')
        },
        onStage: (stage, news) => this.#live?.showStage(stage, news),
        onCaptured: pageId => this.#phone?.captured(pageId),
        onCamera: () => this.#phone?.cameraChanged(),
        onTrouble: trouble => this.#o.onTrouble(trouble),
        onEnd: end => this.#ended(end),
      },
    })
    this.#visit = visit
    this.#phone?.close()
    this.#phone = late.newPhoneTools({
      session,
      visit,
      textVersion: this.#o.textVersion,
      language: () => this.#o.host.language,
      live: () => this.#live,
    })
    return visit
  }

  /** Without a camera: the stage, and photos one by one. */
  show(late: Late, camera: Camera | undefined, hasOther: boolean): void {
    const { host, onSending, onTrouble } = this.#o
    host.show(words => {
      const live = late.newLiveScreen(words, host.language, {
        preview: this.preview ?? previewInTap(),
        flip: async () => this.#visit?.flip(),
        torch: async on => this.#visit?.torch(on),
        pause: paused => {
          onSending(!paused)
          void this.#visit?.pause(paused)
        },
        stop: () => void this.#visit?.stop(),
        zoom: async ratio => this.#phone?.zoom(ratio),
        more: () => this.#phone?.openMore(),
        bringBack: () => {
          this.#visit?.bringBack().catch(error => onTrouble(troubleOf(error)))
        },
      })
      this.#live = live
      const pickers = camera === undefined ? this.#phone?.photosOnly() : undefined
      if (camera !== undefined) live.showCamera(camera.stream, hasOther)
      else if (pickers !== undefined) live.showPhotosOnly(pickers)
      this.#phone?.settingsChanged()
      return { element: live.element, full: true, close: () => this.#closeLive(live) }
    })
    if (camera !== undefined) camera.onReplaced = () => this.#live?.showCamera(camera.stream, hasOther)
  }

  /** The screen and the visit are there: draws the stage as it is. */
  open(visit: Visit): void {
    this.#live?.openStage(visit.callId)
    this.#live?.showView(visit.view)
    visit.readPast()
  }

  #closeLive(live: LiveScreen): void {
    live.close()
    if (this.#live === live) this.#live = undefined
    this.#wakeLock.hold(false)
  }

  #ended(end: VisitEnd): void {
    if (end !== 'stopped') {
      this.#visit = undefined
      this.#phone?.close()
      this.#phone = undefined
    }
    this.#o.onEnd(end)
  }
}
