// What is only needed after the tap, as a bundle of its own: the first screen comes with the page itself in one round
// trip, and this follows while the person reads.
import type { Language } from '../../signaling/protocol/call.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { SignalingClient } from '../shared/socket.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { DrawSlot } from './draw-slot.ts'
import { LadderBar } from './ladder-bar.ts'
import { LiveMarksSlot } from './live-marks-slot.ts'
import { type LiveActions, LiveScreen } from './live-screen.ts'
import { PageLook } from './page-look.ts'
import { PhoneTools, type PhoneToolsOptions } from './phone-tools.ts'
import { phoneWords } from './phone-words.ts'
import { cameraIsAllowed, type Resumed, resume } from './resume.ts'
import type { ShareSource } from './share-view.ts'
import { Takeover, type TakeoverOptions } from './takeover.ts'
import { loadDevice, Uplink } from './uplink.ts'
import { Visit } from './visit.ts'
import type { VisitHandlers } from './visit-types.ts'

export type NewVisit = {
  readonly session: CallerSession
  /** The socket of a resumed session; a fresh join opens its own. */
  readonly signaling?: SignalingClient
  readonly handlers: VisitHandlers
}

/** The late half of the page, with the WebRTC device loading in the background. */
export class Late {
  readonly #device: ReturnType<typeof loadDevice>
  readonly #look = new PageLook()
  readonly #marks = new LiveMarksSlot()
  readonly #draw = new DrawSlot()
  #signaling: SignalingClient | undefined
  #visit: Visit | undefined
  #ladder: LadderBar | undefined

  constructor(routerRtpCapabilities: RtpCapabilities | undefined) {
    this.#device =
      routerRtpCapabilities === undefined
        ? Promise.reject(new Error('the page came without router capabilities'))
        : loadDevice(routerRtpCapabilities)
    // Whoever publishes hears of it; nobody may ever do so.
    this.#device.catch(() => {})
  }

  newVisit(o: NewVisit): Visit {
    const signaling = o.signaling ?? new SignalingClient({ url: '/ws/caller' })
    this.#signaling = signaling
    this.#look.attach(signaling)
    this.#marks.attach(signaling)
    this.#draw.attach(signaling, o.session)
    const newUplink = async (send: CallerSession['send']) => new Uplink(await this.#device, send, signaling)
    const handlers: VisitHandlers = {
      ...o.handlers,
      onView: view => {
        this.#ladder?.show(view)
        o.handlers.onView(view)
      },
    }
    this.#visit = new Visit({ ...o, handlers, signaling, newUplink })
    return this.#visit
  }

  newPhoneTools(o: Omit<PhoneToolsOptions, 'signaling'>): PhoneTools {
    if (this.#signaling === undefined) throw new Error('no visit yet')
    return new PhoneTools({ ...o, signaling: this.#signaling })
  }

  newLiveScreen(words: CallerWords, language: Language, actions: LiveActions): LiveScreen {
    const share: ShareSource = { open: onStream => this.#receiveShare(onStream) }
    const screen = new LiveScreen(
      words,
      phoneWords(language),
      actions,
      { look: this.#look, share },
      this.#marks,
      this.#draw,
    )
    this.#ladder = new LadderBar(language, () => void this.#visit?.shoot())
    screen.element.querySelector('.top')?.append(this.#ladder.element)
    this.#marks.mount(screen.preview, language)
    this.#draw.mount(screen, language)
    return screen
  }

  newTakeover(o: TakeoverOptions): Takeover {
    return new Takeover(o)
  }

  resume(): Promise<Resumed | undefined> {
    return resume()
  }

  cameraIsAllowed(): Promise<boolean> {
    return cameraIsAllowed()
  }
  async #receiveShare(onStream: (stream: MediaStream | undefined) => void): Promise<() => void> {
    const signaling = this.#signaling
    if (signaling === undefined) throw new Error('no session yet')
    const [{ ShareReceiver }, device] = await Promise.all([import('./share-receiver.ts'), this.#device])
    const receiver = new ShareReceiver({ device, signaling, onStream })
    try {
      await receiver.open()
    } catch (error) {
      receiver.close()
      throw error
    }
    return () => receiver.close()
  }
}
