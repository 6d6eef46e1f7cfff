import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { CameraTrouble, Consent, JoinRefusal } from '../../signaling/protocol/call.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { type Boot, tokenOf } from './boot.ts'
import { type BrowserKind, browserKind } from './browser-kind.ts'
import { Camera, CameraRefused, troubleOf } from './camera.ts'
import { deviceId } from './device-id.ts'
import {
  askWithDigits,
  type DigitsProblem,
  digitsProblemOf,
  type JoinRequest,
  join,
  refusalOf,
  tellOpened,
} from './join.ts'
import { joinedNote } from './joined-note.ts'
import type { Late, NewVisit } from './late.ts'
import { LateLoader } from './late-loader.ts'
import { LiveVisit } from './live-visit.ts'
import { OtherWays } from './other-ways.ts'
import { PageScreens } from './page-screens.ts'
import { previewInTap } from './preview-video.ts'
import { ScreenHost } from './screen-host.ts'
import type { Visit } from './visit.ts'
import type { VisitEnd } from './visit-types.ts'

/** The phone page: one screen at a time, in the order a caller meets them. */
export class App {
  readonly #host: ScreenHost
  readonly #screens: PageScreens
  readonly #boot: Boot
  readonly #kind: BrowserKind
  readonly #seat: LiveVisit
  readonly #other: OtherWays
  readonly #loader: LateLoader
  readonly #agreed = { camera: false, recording: false }
  #recording: 'required' | 'optional'
  #token: string | undefined
  #agentName: string | undefined

  constructor(root: HTMLElement, boot: Boot) {
    this.#host = new ScreenHost(root, boot.language)
    this.#boot = boot
    this.#token = tokenOf(location.pathname)
    this.#agentName = boot.agentName
    this.#recording = boot.recording ?? 'required'
    this.#kind = browserKind(navigator.userAgent, navigator.maxTouchPoints)
    this.#loader = new LateLoader(boot.routerRtpCapabilities)
    this.#screens = new PageScreens(this.#host, this.#kind)
    this.#seat = new LiveVisit({
      host: this.#host,
      textVersion: boot.consentVersion,
      onTrouble: trouble => this.#trouble(trouble),
      onEnd: end => this.#ended(end),
      onSending: sending => this.#note(sending),
    })
    this.#other = new OtherWays({
      host: this.#host,
      screens: this.#screens,
      seat: this.#seat,
      agreed: this.#agreed,
      recording: () => this.#recording,
      agentName: () => this.#agentName,
      late: () => this.#loadLate(),
      request: () => this.#request(),
      join: () => this.#join(),
      seated: (late, session) => void this.#newVisit(late, session),
      start: () => this.#start(),
      failed: refusal => this.#notJoined(refusal),
    })
  }

  /** Decides on the first screen. */
  async open(): Promise<void> {
    const note = joinedNote.read()
    // A strict cookie does not come with a link tapped in another site's page; a used link may still be this phone's own.
    const mayResume = this.#boot.resume === true || this.#boot.state === 'already-used'
    if (!mayResume || !(await this.#resume(note?.path === location.pathname && note.sending))) this.#first()
    // After the first paint and before the tap.
    requestAnimationFrame(() => setTimeout(() => void this.#loadLate().catch(() => {})))
  }

  #first(): void {
    if (this.#boot.state !== 'ready') {
      // The refusal belongs into the call's record; the GET cannot tell a person from a link-preview robot.
      if (this.#token !== undefined) tellOpened(this.#token)
      this.#refuse(this.#boot.state)
    } else if (this.#boot.kind === 'digits' || this.#token === undefined) this.#askDigits()
    else {
      tellOpened(this.#token)
      this.#ask()
    }
  }

  #askDigits(): void {
    this.#screens.digits(digits => this.#digits(digits))
  }

  async #digits(digits: string): Promise<DigitsProblem | undefined> {
    try {
      const answer = await askWithDigits(digits)
      this.#token = answer.token
      this.#agentName = answer.agentName
      this.#recording = answer.recording ?? 'required'
      tellOpened(answer.token)
      this.#ask()
      return undefined
    } catch (error) {
      const problem = digitsProblemOf(error)
      if (typeof problem !== 'string') return problem
      this.#refuse(problem)
      return undefined
    }
  }

  #ask(): void {
    // Said before the code is spent: it still works in another browser.
    if (!isSecureContext) this.#trouble('not-secure')
    else if (navigator.mediaDevices === undefined || typeof RTCPeerConnection === 'undefined')
      this.#trouble('no-webrtc')
    else this.#screens.ask(this.#agentName, this.#agreed, { recording: this.#recording }, () => this.#start())
  }

  /** The tap. Camera, code and WebRTC run side by side; whichever fails has its own page. */
  #start(): void {
    // The one before, if there is one: no phone is asked for two at once.
    this.#seat.visit?.camera?.stop()
    this.#seat.preview = previewInTap()
    const camera = Camera.open()
    camera.catch(() => {})
    // An in-app browser that gets no camera is left for a real one, where the same code must still work.
    const cameraFirst = this.#seat.visit === undefined && this.#kind.startsWith('wechat')
    const visit =
      this.#seat.visit !== undefined
        ? Promise.resolve(this.#seat.visit)
        : cameraFirst
          ? camera.then(() => this.#join())
          : this.#join()
    this.#screens.waiting()
    void this.#run(camera, visit)
  }

  #request(): JoinRequest {
    const consent = (kind: 'camera' | 'recording'): Consent => ({
      kind,
      textVersion: this.#boot.consentVersion,
      language: this.#host.language,
      given: this.#agreed[kind],
    })
    return {
      token: this.#token ?? '',
      deviceId: deviceId(),
      language: this.#host.language,
      consents: [consent('camera'), consent('recording')],
    }
  }

  async #join(): Promise<Visit> {
    const late = this.#loadLate()
    const session = await join(this.#request())
    return this.#newVisit(await late, session)
  }

  async #run(opening: Promise<Camera>, joining: Promise<Visit>): Promise<void> {
    let refused = false
    const own = opening.then(async camera => {
      if (refused) return camera.stop()
      const [late, hasOther] = await Promise.all([this.#loadLate(), camera.hasOther()])
      if (!refused) this.#seat.show(late, camera, hasOther)
    })
    own.catch(() => {})
    let visit: Visit
    try {
      visit = await joining
    } catch (error) {
      refused = true
      opening.then(
        camera => camera.stop(),
        () => {},
      )
      if (error instanceof CameraRefused) return this.#trouble(error.trouble)
      const refusal = refusalOf(error)
      // A reply that got lost on the way: the code is spent, and this very browser holds its cookie.
      if (refusal === 'already-used' && (await this.#resume(false))) return
      return this.#notJoined(refusal)
    }
    try {
      const camera = await opening
      await own
      this.#note(true)
      this.#seat.open(visit)
      await visit.send(camera)
    } catch (error) {
      this.#note(false)
      visit.tellTrouble(troubleOf(error))
      this.#trouble(troubleOf(error))
    }
  }

  async #resume(straight: boolean): Promise<boolean> {
    const late = await this.#loadLate().catch(() => undefined)
    const resumed = await late?.resume()
    if (late === undefined || resumed === undefined) {
      joinedNote.clear()
      return false
    }
    this.#host.language = resumed.session.language
    this.#newVisit(late, resumed.session, resumed.signaling)
    if (straight && (await late.cameraIsAllowed())) this.#start()
    else this.#screens.resume(() => this.#start())
    return true
  }

  #newVisit(late: Late, session: CallerSession, signaling?: NewVisit['signaling']): Visit {
    this.#agentName = session.agentName
    return this.#seat.begin(late, session, signaling)
  }

  #ended(end: VisitEnd): void {
    if (end === 'stopped') this.#note(false)
    else joinedNote.clear()
    switch (end) {
      case 'stopped':
        this.#screens.stopped(() => this.#start())
        return
      case 'call-ended':
        this.#screens.ended()
        return
      case 'transferred':
        this.#screens.transferred()
        return
      case 'session-gone':
        this.#refuse('call-ended')
        return
      case 'replaced':
        this.#screens.replaced(() => location.reload())
        return
      default:
        assertNever(end)
    }
  }

  #refuse(refusal: JoinRefusal): void {
    const mayTakeOver = this.#token !== undefined && this.#seat.visit === undefined
    this.#screens.refusal(refusal, () => this.#askDigits(), mayTakeOver ? () => this.#other.takeover() : undefined)
  }

  #notJoined(refusal: ReturnType<typeof refusalOf>): void {
    if (refusal === 'network' || refusal === 'too-many') this.#trouble('network')
    else this.#refuse(refusal)
  }

  #trouble(trouble: CameraTrouble): void {
    const photos = trouble !== 'not-secure' && trouble !== 'network' && this.#token !== undefined
    this.#screens.trouble(trouble, {
      retry: () => this.#start(),
      ...(photos && { photos: () => this.#other.photos() }),
    })
  }

  #loadLate(): Promise<Late> {
    return this.#loader.load()
  }

  #note(sending: boolean): void {
    joinedNote.write({ path: location.pathname, sending })
  }
}
