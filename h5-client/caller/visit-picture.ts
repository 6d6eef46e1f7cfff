import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { CallerSession, RequestData } from '../../signaling/protocol/catalogue.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import { RequestRefused, type SignalingClient } from '../shared/socket.ts'
import { type Camera, type Facing, troubleOf } from './camera.ts'
import { LadderDriver } from './ladder-driver.ts'
import { Recovery } from './recovery.ts'
import { SlowScan } from './slow-scan.ts'
import { CameraFrame } from './slow-scan-frame.ts'
import { postStill } from './slow-scan-post.ts'
import type { Uplink, UplinkState } from './uplink.ts'
import { adaptQuality, FIRST_QUALITY, QUALITIES } from './uplink-quality.ts'
import type { VisitHandlers, VisitOptions, VisitView } from './visit-types.ts'
import { Watchdog } from './watchdog-eyes.ts'

const SLOW_MS = 10_000
/** A server that is there answers within this and a few round trips. */
const SOON_MS = 3_000

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

/** The caller's picture: the camera, its way to the server as video or as stills, and what repairs both. */
export class VisitPicture {
  readonly #o: VisitPictureOptions
  readonly #frame = new CameraFrame()
  readonly #scan: SlowScan
  readonly #ladder: LadderDriver
  readonly #watchdog: Watchdog
  readonly #recovery: Recovery
  #camera: Camera | undefined
  #uplink: Uplink | undefined
  #quality = FIRST_QUALITY
  #stillsPass = false
  #everConnected = false
  #reopening = false
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: VisitPictureOptions) {
    this.#o = options
    const { signaling } = options
    this.#scan = new SlowScan({
      take: (edgePx, quality) => this.#still(edgePx, quality),
      post: (jpeg, timeoutMs) => postStill(options.session().callId, jpeg, timeoutMs),
      roundTripMs: () => signaling.roundTripMs ?? 0,
      isReachable: () => signaling.state.kind === 'open',
      onSent: sent => {
        this.#stillsPass = sent.ok
        this.#ladder.stillSent(sent)
        this.#show()
      },
    })
    this.#recovery = new Recovery({
      restart: () => this.#restartIce(),
      replace: () => options.enterAnew(),
      isConnected: () => this.#uplink?.connected === true,
      canAsk: () => signaling.state.kind === 'open' && this.#uplink !== undefined,
    })
    this.#ladder = new LadderDriver({
      isNeeded: () => this.#isWanted() && this.#uplink !== undefined,
      isConnected: () => this.#uplink?.connected === true,
      stats: async () => (await this.#uplink?.stats()) ?? {},
      onRung: rung => this.#climb(rung),
      onStats: (stats, rung) => {
        if (rung !== 'live') return
        const before = this.#quality.level
        this.#quality = adaptQuality(this.#quality, {
          atMs: performance.now(),
          availableKbps: stats.availableKbps,
          lossPercent: stats.lossPercent,
          limitedBy: stats.limitedBy,
        })
        if (this.#quality.level !== before) void this.#uplink?.setQuality(this.#qualityNow())
      },
      onNoProgress: () => this.#recovery.trouble(),
      tellRung: (rung, because, network) => void this.#tell('picture.rung', { rung, because, network }),
      tellMeasured: network => void this.#tell('picture.measured', { network }),
    })
    this.#watchdog = new Watchdog({
      frame: this.#frame,
      stream: () => (this.#isWanted() ? this.#camera?.stream : undefined),
      framesEncoded: async () => this.#uplink?.framesEncoded(),
      tell: notice => void this.#tell('camera.notice', { notice }),
      reacquire: () => {
        this.bringBack().catch(() => {})
      },
    })
  }

  get camera(): Camera | undefined {
    return this.#camera
  }
  get rung(): Rung {
    return this.#ladder.rung
  }
  /** The transport to be kept when only the socket was lost. */
  get transportId(): string | undefined {
    return this.#uplink?.publishing === true ? this.#uplink.transportId : undefined
  }

  /** Sends this camera. Called again with a new one after a stop. */
  async send(camera: Camera): Promise<void> {
    if (this.#camera !== camera) this.#camera?.stop()
    this.#camera = camera
    camera.onInterrupted = () => {
      this.#watchdog.hear({ kind: camera.track.readyState === 'ended' ? 'ended' : 'muted' })
      this.#interrupted()
    }
    camera.onSettings = () => this.#o.set({ torch: torchOf(camera) })
    this.#watchdog.follow(camera.track)
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
    this.#camera?.pause(paused)
    this.#uplink?.pause(paused)
    this.#o.set({ camera: paused ? 'paused' : 'starting' })
    this.#climb(this.#ladder.rung)
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
  async holdStill(on: boolean): Promise<void> {
    await this.#uplink?.holdStill(on)
  }

  stop(): void {
    this.#camera?.stop()
    this.#camera = undefined
    this.#watchdog.follow(undefined)
    this.#uplink?.unpublish()
    this.#scan.run('off')
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
    this.#o.set({ photo: (await this.#scan.shoot()) ? 'sent' : 'failed' })
  }

  prefer(rung: Rung | 'auto'): void {
    this.#ladder.prefer(rung)
  }

  /** The session was asked for again; its transport may be the old one. */
  async entered(): Promise<void> {
    this.#ladder.tellAgain()
    if (this.#camera === undefined) return
    const same = this.#o.session().send.id === this.#uplink?.transportId
    if (!same || this.#uplink?.publishing !== true) await this.publish()
  }

  /** The socket is open again, or the page is before somebody's eyes again, or the network is another. */
  check(o: { networkChanged: boolean }): void {
    if (this.#camera !== undefined && !this.#camera.alive) this.bringBack().catch(() => {})
    if (this.#uplink?.publishing !== true) return
    if (o.networkChanged) {
      void this.#tell('camera.notice', { notice: 'network-changed' })
      this.#recovery.trouble()
    } else this.#recovery.reachable()
  }

  async publish(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined) return
    const { signaling, session } = this.#o
    try {
      if (this.#uplink?.transportId !== session().send.id) {
        this.#uplink?.close()
        const uplink = await this.#o.newUplink(session().send)
        this.#uplink = uplink
        uplink.onState = state => {
          if (this.#uplink === uplink) this.#uplinkChanged(state)
        }
      }
      const uplink = this.#uplink
      await signaling.opened()
      uplink.hold(this.#ladder.rung !== 'live')
      await uplink.publish(camera.track, this.#qualityNow())
      if (this.#o.view().camera === 'paused') {
        uplink.pause(true)
        // The server knows a new camera only as starting.
        void this.#tell('camera.pause', {})
      } else this.#show()
    } catch (error) {
      // A socket that went in between enters again by itself when it is back.
      if (this.#closed || (error instanceof RequestRefused && (error.code === 'lost' || error.code === 'timeout')))
        return
      const trouble = troubleOf(error) === 'no-webrtc' ? 'no-webrtc' : 'network'
      this.#o.tellTrouble(trouble)
      this.#o.handlers.onTrouble(trouble)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#slowTimer)
    this.#scan.close()
    this.#ladder.close()
    this.#watchdog.close()
    this.#recovery.close()
    this.#frame.close()
    this.#camera?.stop()
    this.#uplink?.close()
  }

  #uplinkChanged(state: UplinkState): void {
    if (state === 'connected') {
      this.#everConnected = true
      this.#recovery.connected()
      this.#ladder.now()
    } else if (state === 'interrupted') this.#recovery.trouble()
    this.#show()
  }

  /** False: the server was not reached. @throws RequestRefused when it does not know the transport */
  async #restartIce(): Promise<boolean> {
    try {
      await this.#uplink?.restartIce(SOON_MS + 2 * (this.#o.signaling.roundTripMs ?? 0))
      return true
    } catch (error) {
      if (error instanceof RequestRefused && error.code !== 'lost' && error.code !== 'timeout') throw error
      return false
    }
  }

  #climb(rung: Rung): void {
    const paused = this.#o.view().camera === 'paused'
    this.#uplink?.hold(rung !== 'live')
    this.#scan.run(
      paused || this.#camera === undefined || rung === 'live' ? 'off' : rung === 'photo' ? 'probe' : 'scan',
    )
    if (rung === 'live') {
      this.#quality = FIRST_QUALITY
      void this.#uplink?.setQuality(this.#qualityNow())
    }
    this.#stillsPass = false
    this.#o.set({ rung, photo: 'none' })
    this.#show()
  }

  /** What the caller is shown of the camera, from where its picture goes. */
  #show(): void {
    const { camera, rung } = this.#o.view()
    if (camera === 'paused' || camera === 'needs-tap' || this.#camera === undefined) return
    const arrives = rung === 'live' ? this.#uplink?.connected === true : this.#stillsPass
    if (arrives) this.#everConnected = true
    this.#o.set({ camera: arrives ? 'live' : this.#everConnected ? 'interrupted' : 'starting' })
  }

  #interrupted(): void {
    if (this.#closed || this.#camera === undefined) return
    if (this.#o.view().camera !== 'paused') this.#o.set({ camera: 'interrupted' })
  }

  async #cameraChanged(camera: Camera): Promise<void> {
    this.#watchdog.follow(camera.track)
    if (camera.track.readyState === 'live') await this.#uplink?.replaceTrack(camera.track)
    this.#o.handlers.onCamera()
  }

  #isWanted(): boolean {
    const { camera } = this.#o.view()
    const off = camera === 'paused' || camera === 'needs-tap' || this.#camera?.alive !== true
    return !off && !this.#reopening && document.visibilityState === 'visible'
  }

  async #still(edgePx: number, quality: number): Promise<Blob | undefined> {
    const camera = this.#camera
    const canvas = camera !== undefined && this.#isWanted() ? this.#frame.draw(camera.stream, edgePx) : undefined
    if (canvas === undefined) return undefined
    return new Promise(done => canvas.toBlob(blob => done(blob ?? undefined), 'image/jpeg', quality))
  }

  #qualityNow() {
    return QUALITIES[this.#quality.level] ?? QUALITIES[0]
  }

  async #tell<N extends PictureNews>(name: N, data: RequestData<N>): Promise<void> {
    try {
      await this.#o.signaling.request(name, data)
    } catch {
      // The agent sees the picture itself; a lost note about it is no reason to trouble the caller.
    }
  }
}

type PictureNews = 'picture.rung' | 'picture.measured' | 'camera.notice' | 'camera.pause'

function torchOf(camera: Camera): VisitView['torch'] {
  return camera.hasTorch ? (camera.settings.torch ? 'on' : 'off') : 'none'
}
