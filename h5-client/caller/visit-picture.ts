import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { RequestRefused, type SignalingClient } from '../shared/socket.ts'
import { type Camera, type Facing, troubleOf } from './camera.ts'
import { CameraFrame } from './slow-scan-frame.ts'
import { UplinkWay } from './uplink-way.ts'
import type { VisitHandlers, VisitOptions, VisitView } from './visit-types.ts'
import { Watchdog } from './watchdog-eyes.ts'

const SLOW_MS = 10_000

export type VisitPictureOptions = {
  readonly signaling: SignalingClient
  readonly newUplink: VisitOptions['newUplink']
  readonly handlers: Pick<VisitHandlers, 'onTrouble' | 'onCamera'>
  readonly session: () => CallerSession
  readonly view: () => VisitView
  readonly set: (change: Partial<VisitView>) => void
  /** The transport is dead: the session is asked for anew. */
  readonly enterAnew: () => void
  readonly tellTrouble: (trouble: CameraTrouble) => void
}

/** The caller's picture: the camera, watched and taken again when it is lost, and its way to the server. */
export class VisitPicture {
  readonly #o: VisitPictureOptions
  readonly #frame = new CameraFrame()
  readonly #way: UplinkWay
  readonly #watchdog: Watchdog
  #camera: Camera | undefined
  #reopening = false
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: VisitPictureOptions) {
    this.#o = options
    this.#way = new UplinkWay({
      signaling: options.signaling,
      newUplink: options.newUplink,
      session: options.session,
      isWanted: () => this.#isWanted(),
      still: (edgePx, quality) => this.#still(edgePx, quality),
      onChange: () => this.#show(),
      enterAnew: options.enterAnew,
    })
    this.#watchdog = new Watchdog({
      frame: this.#frame,
      stream: () => (this.#isWanted() ? this.#camera?.stream : undefined),
      framesEncoded: () => this.#way.framesEncoded(),
      tell: notice => void this.#way.tell('camera.notice', { notice }),
      reacquire: () => {
        this.bringBack().catch(() => {})
      },
    })
  }

  get camera(): Camera | undefined {
    return this.#camera
  }
  /** The transport to be kept when only the socket was lost. */
  get transportId(): string | undefined {
    return this.#way.transportId
  }

  /** Sends this camera. Called again with a new one after a stop. */
  async send(camera: Camera): Promise<void> {
    if (this.#camera !== camera) this.#camera?.stop()
    this.#camera = camera
    camera.onInterrupted = () => {
      this.#watchdog.hear({ kind: camera.track.readyState === 'ended' ? 'ended' : 'muted' })
      if (!this.#closed && this.#o.view().camera !== 'paused') this.#o.set({ camera: 'interrupted' })
    }
    camera.onSettings = () => this.#o.set({ torch: torchOf(camera) })
    this.#watchdog.follow(camera.track)
    // Nothing leaves it before it is known whether it may.
    this.#rest()
    this.#o.set({ camera: 'starting', facing: camera.facing, torch: torchOf(camera) })
    this.#o.handlers.onCamera()
    clearTimeout(this.#slowTimer)
    this.#slowTimer = setTimeout(() => {
      if (this.#o.view().camera !== 'starting') return
      this.#o.set({ slow: true })
      this.#o.tellTrouble('network')
    }, SLOW_MS)
    await this.publish()
  }

  pause(paused: boolean): void {
    this.#o.set({ camera: paused ? 'paused' : 'starting' })
    this.#rest()
    this.#show()
  }

  /** Card shutter or hold begin or end: meanwhile the camera gives nothing, whatever else it was doing. */
  rest(): void {
    this.#rest()
    this.#show()
  }

  /** @throws when there is no other camera; the picture goes on. */
  async flip(): Promise<Facing | undefined> {
    const camera = this.#camera
    if (camera === undefined) return undefined
    try {
      await camera.flip()
    } finally {
      await this.#cameraChanged(camera)
      this.#o.set({ facing: camera.facing, torch: torchOf(camera) })
    }
    return camera.facing
  }

  /** More detail and fewer frames for small print, or the usual film again. */
  holdStill(on: boolean): Promise<void> {
    return this.#way.holdStill(on)
  }

  stop(): void {
    this.#camera?.stop()
    this.#camera = undefined
    this.#watchdog.follow(undefined)
    this.#way.unpublish()
    this.#o.handlers.onCamera()
  }

  /** Takes the camera again after an interruption. @throws {CameraRefused} */
  async bringBack(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined || this.#reopening || this.#closed) return
    const wasPaused = this.#o.view().camera === 'paused'
    this.#reopening = true
    this.#watchdog.hear({ kind: 'reacquiring' })
    try {
      await camera.reopen()
      this.#watchdog.hear({ kind: 'reacquired' })
      await this.#cameraChanged(camera)
      this.#o.set({ camera: wasPaused ? 'paused' : 'starting', torch: torchOf(camera) })
      this.#show()
    } catch (error) {
      this.#watchdog.hear({ kind: 'needs-tap' })
      this.#o.set({ camera: 'needs-tap' })
      this.#o.tellTrouble(troubleOf(error))
      throw error
    } finally {
      this.#reopening = false
    }
  }

  /** One photo now, as detailed as the network carries. */
  async shoot(): Promise<void> {
    this.#o.set({ photo: 'sending' })
    this.#o.set({ photo: (await this.#way.shoot()) ? 'sent' : 'failed' })
  }

  prefer(rung: Rung | 'auto'): void {
    this.#way.prefer(rung)
  }

  /** The session was asked for again; its transport may be the old one. */
  async entered(): Promise<void> {
    if (this.#way.entered()) await this.publish()
  }

  /** The socket is open again, or the page is before somebody's eyes again, or the network is another. */
  check(o: { networkChanged: boolean }): void {
    if (this.#camera !== undefined && !this.#camera.alive) this.bringBack().catch(() => {})
    this.#way.check(o)
  }

  async publish(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined) return
    try {
      await this.#way.publish(camera.track)
      // The server knows a new camera only as starting.
      if (this.#o.view().camera === 'paused') void this.#way.tell('camera.pause', {})
      else this.#show()
      if (this.#o.view().shut || this.#o.view().held) this.#rest()
    } catch (error) {
      // A socket that went in between enters again by itself when it is back.
      const isLost = error instanceof RequestRefused && (error.code === 'lost' || error.code === 'timeout')
      if (this.#closed || isLost) return
      const trouble = troubleOf(error) === 'no-webrtc' ? 'no-webrtc' : 'network'
      this.#o.tellTrouble(trouble)
      this.#o.handlers.onTrouble(trouble)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#slowTimer)
    this.#watchdog.close()
    this.#way.close()
    this.#frame.close()
    this.#camera?.stop()
  }

  /** What the caller is shown of the picture and its way. */
  #show(): void {
    const { camera, rung, photo } = this.#o.view()
    if (this.#way.rung !== rung) this.#o.set({ rung: this.#way.rung, photo: 'none' })
    else if (rung !== 'photo' && photo !== 'none') this.#o.set({ photo: 'none' })
    if (camera === 'paused' || camera === 'needs-tap' || this.#camera === undefined) return
    if (this.#way.state !== camera) this.#o.set({ camera: this.#way.state })
  }

  async #cameraChanged(camera: Camera): Promise<void> {
    this.#watchdog.follow(camera.track)
    if (camera.track.readyState === 'live') await this.#way.replaceTrack(camera.track)
    this.#o.handlers.onCamera()
  }

  #rest(): void {
    const { camera, shut, held } = this.#o.view()
    const rests = shut || held || camera === 'paused'
    this.#camera?.pause(rests)
    this.#way.pause(rests)
  }

  #isWanted(): boolean {
    const { camera, shut, held } = this.#o.view()
    const off = shut || held || camera === 'paused' || camera === 'needs-tap' || this.#camera?.alive !== true
    return !off && !this.#reopening && document.visibilityState === 'visible'
  }

  async #still(edgePx: number, quality: number): Promise<Blob | undefined> {
    const camera = this.#camera
    const canvas = camera !== undefined && this.#isWanted() ? this.#frame.draw(camera.stream, edgePx) : undefined
    if (canvas === undefined) return undefined
    return new Promise(done => canvas.toBlob(blob => done(blob ?? undefined), 'image/jpeg', quality))
  }
}

function torchOf(camera: Camera): VisitView['torch'] {
  return camera.hasTorch ? (camera.settings.torch ? 'on' : 'off') : 'none'
}
