import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import { capabilitiesOf } from './camera-abilities.ts'
import { CameraKnobs, type CameraSettings } from './camera-settings.ts'

export type Facing = 'user' | 'environment'

/** The camera did not start; `trouble` is the page to show. */
export class CameraRefused extends Error {
  override name = 'CameraRefused'
  readonly trouble: CameraTrouble
  constructor(trouble: CameraTrouble, options?: ErrorOptions) {
    super(`camera: ${trouble}`, options)
    this.trouble = trouble
  }
}

/** iOS mutes a fresh track for a moment without a cause; only a longer silence is an interruption. */
const MUTE_GRACE_MS = 1_500
/**
 * As much as the phone's film gives: a still cut from it is only as good. What is sent is made smaller by the sender,
 * without asking the camera again.
 */
const FILM: MediaTrackConstraints = {
  width: { ideal: 1920 },
  height: { ideal: 1080 },
  frameRate: { ideal: 30, max: 30 },
}

/** One camera of the phone. Video only: the caller is on a phone call, and a page that touches audio breaks it. */
export class Camera {
  /** Called when the operating system took the camera away (another app, lock screen, an incoming call). */
  onInterrupted: () => void = () => {}
  /** Called when `stream` is another one: switched, or taken again. */
  onReplaced: () => void = () => {}
  /** Called when light or zoom are not as they were, whoever changed them. */
  onSettings: () => void = () => {}
  #stream: MediaStream
  #facing: Facing
  #knobs: CameraKnobs
  #flipping: Promise<void> | undefined
  #paused = false
  #stopped = false
  #muteTimer: ReturnType<typeof setTimeout> | undefined

  constructor(stream: MediaStream, facing: Facing) {
    this.#stream = stream
    this.#facing = facing
    this.#knobs = new CameraKnobs(this.track, FILM)
    this.#watch()
  }

  /** Must be called inside a tap: iOS and in-app browsers show their question only then. @throws {CameraRefused} */
  static async open(facing: Facing = 'environment'): Promise<Camera> {
    return new Camera(await askFor({ ideal: facing }), facing)
  }

  get stream(): MediaStream {
    return this.#stream
  }
  get track(): MediaStreamTrack {
    const track = this.#stream.getVideoTracks()[0]
    if (track === undefined) throw new CameraRefused('no-camera')
    return track
  }
  /** What the device says, else what was asked for. */
  get facing(): Facing {
    const said = this.track.getSettings().facingMode
    return said === 'user' || said === 'environment' ? said : this.#facing
  }
  get alive(): boolean {
    return !this.#stopped && this.track.readyState === 'live' && !this.track.muted
  }
  get hasTorch(): boolean {
    return capabilitiesOf(this.track).torch === true
  }
  get settings(): CameraSettings {
    return this.#knobs.settings
  }

  async hasOther(): Promise<boolean> {
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
    return devices.filter(device => device.kind === 'videoinput').length > 1
  }

  /** @throws when the device refuses. */
  async setTorch(on: boolean): Promise<void> {
    await this.#knobs.torch(on)
    this.onSettings()
  }

  /** @returns the zoom that the lens could do. @throws when the device refuses. */
  async setZoom(ratio: number): Promise<number> {
    const set = await this.#knobs.zoom(ratio)
    this.onSettings()
    return set
  }

  /** Focuses on a place of the picture, 0..1 each way. @throws when the device refuses. */
  async focusOn(x: number, y: number): Promise<void> {
    await this.#knobs.focus(x, y)
  }

  /** The other camera; when there is none the old one runs again and this throws. @throws {CameraRefused} */
  flip(): Promise<void> {
    this.#flipping ??= this.#flip().finally(() => {
      this.#flipping = undefined
    })
    return this.#flipping
  }

  async #flip(): Promise<void> {
    const before = this.facing
    const after = before === 'environment' ? 'user' : 'environment'
    // Closed first: many phones cannot hold two cameras, and iOS blackens the older of two requests.
    this.#release()
    try {
      this.#take(await askFor({ exact: after }), after)
    } catch (error) {
      this.#take(await askFor({ ideal: before }), before)
      throw error
    }
  }

  /** Takes the camera again after an interruption. @throws {CameraRefused} */
  async reopen(): Promise<void> {
    this.#release()
    this.#take(await askFor({ ideal: this.#facing }), this.#facing)
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.track.enabled = !paused
  }

  /** Idempotent; the camera's light goes out. */
  stop(): void {
    this.#stopped = true
    this.#release()
  }

  #take(stream: MediaStream, facing: Facing): void {
    if (this.#stopped) {
      for (const track of stream.getTracks()) track.stop()
      throw new CameraRefused('other')
    }
    this.#stream = stream
    this.#facing = facing
    this.#knobs = new CameraKnobs(this.track, FILM)
    this.track.enabled = !this.#paused
    this.#watch()
    this.onReplaced()
  }

  #release(): void {
    clearTimeout(this.#muteTimer)
    for (const track of this.#stream.getTracks()) {
      track.onmute = null
      track.onunmute = null
      track.onended = null
      track.stop()
    }
  }

  #watch(): void {
    const track = this.track
    track.onended = () => this.onInterrupted()
    track.onmute = () => {
      clearTimeout(this.#muteTimer)
      this.#muteTimer = setTimeout(() => {
        if (track.muted) this.onInterrupted()
      }, MUTE_GRACE_MS)
    }
    track.onunmute = () => clearTimeout(this.#muteTimer)
  }
}

let running = 0
let lastAsked: Promise<unknown> = Promise.resolve()

/** One question at a time: a second request for a camera ends the first one's picture on iOS. */
function askFor(facingMode: ConstrainDOMString): Promise<MediaStream> {
  // Nothing is waited for when nothing runs: the request must still be part of the tap.
  const asking = running ? lastAsked.then(() => request(facingMode)) : request(facingMode)
  running += 1
  lastAsked = asking.catch(() => {}).finally(() => (running -= 1))
  return asking
}

async function request(facingMode: ConstrainDOMString): Promise<MediaStream> {
  if (!isSecureContext) throw new CameraRefused('not-secure')
  // Old in-app browsers have no mediaDevices even on https.
  if (navigator.mediaDevices?.getUserMedia === undefined) throw new CameraRefused('no-webrtc')
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode, ...FILM },
      audio: false,
    })
  } catch (cause) {
    throw new CameraRefused(troubleOf(cause), { cause })
  }
}

/** The names browsers give to one and the same trouble. */
export function troubleOf(error: unknown): CameraTrouble {
  const named = error as { name?: string; trouble?: CameraTrouble } | null
  switch (named?.name) {
    // By name, because the two bundles of this page each have the class.
    case 'CameraRefused':
      return named.trouble ?? 'other'

    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return 'denied'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'no-camera'
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'in-use'
    case 'SecurityError':
      return 'not-secure'
    case 'NotSupportedError':
    case 'UnsupportedError':
      return 'no-webrtc'
    default:
      return 'other'
  }
}
