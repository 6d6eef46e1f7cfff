import type { RequestData } from '../../signaling/protocol/catalogue.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { RequestRefused, type SignalingClient } from '../shared/socket.ts'
import { LadderDriver } from './ladder-driver.ts'
import { Recovery } from './recovery.ts'
import { SlowScan } from './slow-scan.ts'
import { postStill } from './slow-scan-post.ts'
import type { Uplink } from './uplink.ts'
import { adaptQuality, FIRST_QUALITY, QUALITIES } from './uplink-quality.ts'
import type { UplinkStats } from './uplink-stats.ts'

/** A server that is there answers within this and a few round trips. */
const SOON_MS = 3_000

export type UplinkWayOptions = {
  readonly signaling: SignalingClient
  readonly newUplink: (send: CallerSession['send']) => Promise<Uplink>
  readonly session: () => CallerSession
  /** The camera runs, is not paused, and the page is before somebody's eyes. */
  readonly isWanted: () => boolean
  /** A JPEG of what the camera shows now. */
  readonly still: (edgePx: number, quality: number) => Promise<Blob | undefined>
  /** Whether the picture arrives may have changed, or the rung. */
  readonly onChange: () => void
  readonly enterAnew: () => void
}

/** The picture's way to the server: as video or as stills, measured, and repaired when it breaks. */
export class UplinkWay {
  readonly #o: UplinkWayOptions
  readonly #scan: SlowScan
  readonly #ladder: LadderDriver
  readonly #recovery: Recovery
  #uplink: Uplink | undefined
  #quality = FIRST_QUALITY
  #stillsPass = false
  #paused = false
  #everArrived = false

  constructor(options: UplinkWayOptions) {
    this.#o = options
    const { signaling } = options
    this.#scan = new SlowScan({
      take: options.still,
      post: (jpeg, timeoutMs) => postStill(options.session().callId, jpeg, timeoutMs),
      roundTripMs: () => signaling.roundTripMs ?? 0,
      isReachable: () => signaling.state.kind === 'open',
      onSent: sent => {
        this.#stillsPass = sent.ok
        this.#ladder.stillSent(sent)
        options.onChange()
      },
    })
    this.#recovery = new Recovery({
      restart: () => this.#restartIce(),
      replace: options.enterAnew,
      isConnected: () => this.connected,
      canAsk: () => signaling.state.kind === 'open' && this.#uplink !== undefined,
    })
    this.#ladder = new LadderDriver({
      // Before the server has taken the picture there is nothing to measure: signalling may take its time.
      isNeeded: () => options.isWanted() && this.#uplink?.publishing === true,
      isConnected: () => this.connected,
      stats: async () => (await this.#uplink?.stats()) ?? {},
      onRung: rung => this.#climb(rung),
      onStats: (stats, rung) => {
        if (rung === 'live') this.#adapt(stats)
      },
      onNoProgress: () => this.#recovery.trouble(),
      tellRung: (rung, because, network) => void this.tell('picture.rung', { rung, because, network }),
      tellMeasured: network => void this.tell('picture.measured', { network }),
    })
  }

  get rung(): Rung {
    return this.#ladder.rung
  }
  get connected(): boolean {
    return this.#uplink?.connected === true
  }
  /** What a caller may be told of it: on its way for the first time, arriving, or arriving no more. */
  get state(): 'starting' | 'live' | 'interrupted' {
    const arrives = this.rung === 'live' ? this.connected : this.#stillsPass
    this.#everArrived ||= arrives
    return arrives ? 'live' : this.#everArrived ? 'interrupted' : 'starting'
  }
  /** The transport to be kept when only the socket was lost. */
  get transportId(): string | undefined {
    return this.#uplink?.publishing === true ? this.#uplink.transportId : undefined
  }

  framesEncoded(): Promise<number | undefined> {
    return this.#uplink?.framesEncoded() ?? Promise.resolve(undefined)
  }

  /** @throws what the browser or the server refuses */
  async publish(track: MediaStreamTrack): Promise<void> {
    const { send } = this.#o.session()
    if (this.#uplink?.transportId !== send.id) {
      this.#uplink?.close()
      const uplink = await this.#o.newUplink(send)
      this.#uplink = uplink
      uplink.onState = state => {
        if (this.#uplink !== uplink) return
        if (state === 'interrupted') this.#recovery.trouble()
        else {
          this.#recovery.connected()
          this.#ladder.now()
        }
        this.#o.onChange()
      }
    }
    const uplink = this.#uplink
    await this.#o.signaling.opened()
    uplink.hold(this.rung !== 'live')
    uplink.pause(this.#paused)
    await uplink.publish(track, this.#qualityNow())
    this.#ladder.tellAgain()
  }

  /** The session was asked for again. @returns whether its transport is another one, and the picture to be published anew */
  entered(): boolean {
    const same = this.#o.session().send.id === this.#uplink?.transportId && this.#uplink?.publishing === true
    if (same) this.#ladder.tellAgain()
    return !same
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.#uplink?.replaceTrack(track)
  }

  async holdStill(on: boolean): Promise<void> {
    await this.#uplink?.holdStill(on)
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#uplink?.pause(paused)
    this.#runScan()
  }

  unpublish(): void {
    this.#uplink?.unpublish()
    this.#scan.run('off')
  }

  shoot(): Promise<boolean> {
    return this.#scan.shoot()
  }

  prefer(rung: Rung | 'auto'): void {
    this.#ladder.prefer(rung)
  }

  /** The socket is open again, or the page is before somebody's eyes again, or the network is another. */
  check(o: { networkChanged: boolean }): void {
    if (this.#uplink?.publishing !== true) return
    if (o.networkChanged) {
      void this.tell('camera.notice', { notice: 'network-changed' })
      this.#recovery.trouble()
    } else this.#recovery.reachable()
  }

  async tell<N extends WayNews>(name: N, data: RequestData<N>): Promise<void> {
    try {
      await this.#o.signaling.request(name, data)
    } catch {
      // The agent sees the picture itself; a lost note about it is no reason to trouble the caller.
    }
  }

  close(): void {
    this.#scan.close()
    this.#ladder.close()
    this.#recovery.close()
    this.#uplink?.close()
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
    this.#uplink?.hold(rung !== 'live')
    this.#stillsPass = false
    if (rung === 'live') {
      this.#quality = FIRST_QUALITY
      void this.#uplink?.setQuality(this.#qualityNow())
    }
    this.#runScan()
    this.#o.onChange()
  }

  #runScan(): void {
    const { rung } = this
    this.#scan.run(this.#paused || rung === 'live' ? 'off' : rung === 'photo' ? 'probe' : 'scan')
  }

  #adapt({ availableKbps, lossPercent, limitedBy }: UplinkStats): void {
    const { level } = this.#quality
    this.#quality = adaptQuality(this.#quality, { atMs: performance.now(), availableKbps, lossPercent, limitedBy })
    if (this.#quality.level !== level) void this.#uplink?.setQuality(this.#qualityNow())
  }

  #qualityNow() {
    return QUALITIES[this.#quality.level] ?? QUALITIES[0]
  }
}

type WayNews = 'picture.rung' | 'picture.measured' | 'camera.notice' | 'camera.pause'
