// What is only needed after the tap, as a bundle of its own: the first screen comes with the page itself in one round
// trip, and this follows while the person reads.
import type { CallerSession } from '../../signaling/protocol/catalogue.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import { SignalingClient } from '../shared/socket.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { type LiveActions, LiveScreen } from './live-screen.ts'
import { cameraIsAllowed, type Resumed, resume } from './resume.ts'
import { loadDevice, Uplink } from './uplink.ts'
import { Visit, type VisitHandlers } from './visit.ts'

export type NewVisit = {
  readonly session: CallerSession
  /** The socket of a resumed session; a fresh join opens its own. */
  readonly signaling?: SignalingClient
  readonly handlers: VisitHandlers
}

/** The late half of the page, with the WebRTC device loading in the background. */
export class Late {
  readonly #device: ReturnType<typeof loadDevice>

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
    const newUplink = async (send: CallerSession['send']) => new Uplink(await this.#device, send, signaling)
    return new Visit({ ...o, signaling, newUplink })
  }

  newLiveScreen(words: CallerWords, actions: LiveActions): LiveScreen {
    return new LiveScreen(words, actions)
  }

  resume(): Promise<Resumed | undefined> {
    return resume()
  }

  cameraIsAllowed(): Promise<boolean> {
    return cameraIsAllowed()
  }
}
