import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import type { Agreed } from './ask-screen.ts'
import { type JoinRequest, refusalOf } from './join.ts'
import type { Late } from './late.ts'
import type { LiveVisit } from './live-visit.ts'
import type { PageScreens } from './page-screens.ts'
import type { ScreenHost } from './screen-host.ts'
import type { Visit } from './visit.ts'

export type OtherWaysOptions = {
  readonly host: ScreenHost
  readonly screens: PageScreens
  readonly seat: LiveVisit
  readonly agreed: Agreed
  readonly recording: () => 'required' | 'optional'
  readonly agentName: () => string | undefined
  readonly late: () => Promise<Late>
  readonly request: () => JoinRequest
  readonly join: () => Promise<Visit>
  readonly seated: (late: Late, session: CallerSession) => void
  readonly start: () => void
  readonly failed: (refusal: ReturnType<typeof refusalOf>) => void
}

/** The ways into the call that are not the plain tap: the place of another browser, and photos where no camera runs. */
export class OtherWays {
  readonly #o: OtherWaysOptions

  constructor(o: OtherWaysOptions) {
    this.#o = o
  }

  /** The code was used by another browser: in this one too, a person agrees first. */
  takeover(): void {
    this.#ask('takeover', () => void this.#takeOver())
  }

  /** The last rung: a browser that gives the page no camera still has the phone's own camera app. */
  photos(): void {
    const { visit } = this.#o.seat
    if (visit !== undefined) void this.#photosOnly(Promise.resolve(visit))
    else this.#ask('photos', () => void this.#photosOnly(this.#o.join()))
  }

  #ask(leadsTo: 'takeover' | 'photos', onAgreed: () => void): void {
    const { screens, agentName, agreed, recording } = this.#o
    screens.ask(agentName(), agreed, { recording: recording(), leadsTo }, onAgreed)
  }

  async #takeOver(): Promise<void> {
    const { screens, host, request, seated, start, failed } = this.#o
    screens.waiting()
    const late = await this.#o.late().catch(() => undefined)
    if (late === undefined) return failed('network')
    const takeover = late.newTakeover({
      host,
      request,
      onSeated: session => {
        seated(late, session)
        // A tap of its own: the browser before may still have held the camera until now.
        screens.resume(start)
      },
      onRefused: error => failed(refusalOf(error)),
    })
    await takeover.run()
  }

  async #photosOnly(joining: Promise<Visit>): Promise<void> {
    const { screens, seat, start, failed } = this.#o
    screens.waiting()
    try {
      const [late, visit] = await Promise.all([this.#o.late(), joining])
      visit.tellTrouble('no-camera')
      if (!seat.takesPhotos) return screens.trouble('no-camera', { retry: start })
      seat.show(late, undefined, false)
      seat.open(visit)
    } catch (error) {
      failed(refusalOf(error))
    }
  }
}
