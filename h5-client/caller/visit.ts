import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { CallerSession } from '../../signaling/protocol/catalogue.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import { RequestRefused, type SignalingClient, type SocketState } from '../shared/socket.ts'
import { EMPTY_STORY, foldStory } from './caller-story.ts'
import { type Camera, type Facing, troubleOf } from './camera.ts'
import { PictureWatch } from './picture-watch.ts'
import type { Uplink, UplinkState } from './uplink.ts'

/** What the live screen shows. `needs-tap`: the browser wants a person's tap before it gives the camera again. */
export type VisitView = {
  readonly agentName: string
  readonly agentHere: boolean
  readonly recording: boolean
  readonly online: boolean
  readonly camera: 'starting' | 'live' | 'paused' | 'interrupted' | 'needs-tap'
  readonly facing: Facing
  readonly torch: 'none' | 'off' | 'on'
  /** The picture has been trying to leave the phone for longer than any working network needs. */
  readonly slow: boolean
}
export type VisitEnd = 'call-ended' | 'replaced' | 'session-gone' | 'stopped'
export type VisitHandlers = {
  onView(view: VisitView): void
  /** `news` is empty when the whole stage was read anew. */
  onStage(stage: Stage, news: readonly JournalEntry[]): void
  onSnapshot(): void
  onTrouble(trouble: CameraTrouble): void
  onEnd(end: VisitEnd): void
}
export type VisitOptions = {
  readonly session: CallerSession
  readonly signaling: SignalingClient
  readonly newUplink: (send: CallerSession['send']) => Promise<Uplink>
  readonly handlers: VisitHandlers
}

/** As many failed tries to reconnect, with the server otherwise reachable, mean that the session is no more. */
const TRIES_BEFORE_ASKING = 3
const SLOW_MS = 10_000

/** One caller in one call, from the accepted code to the end: the camera, its way to the room, and the stage. */
export class Visit {
  readonly #o: VisitOptions
  readonly #signaling: SignalingClient
  readonly #handlers: VisitHandlers
  readonly #stops: (() => void)[] = []
  #session: CallerSession
  #story = EMPTY_STORY
  #view: VisitView
  #camera: Camera | undefined
  #uplink: Uplink | undefined
  #hasEntered: boolean
  #reopening = false
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(o: VisitOptions) {
    this.#o = o
    this.#signaling = o.signaling
    this.#handlers = o.handlers
    this.#session = o.session
    const open = o.signaling.state.kind === 'open'
    this.#hasEntered = open
    this.#view = {
      agentName: o.session.agentName,
      agentHere: true,
      // Nobody gets here without having agreed to it; an entry that says otherwise wins.
      recording: true,
      online: true,
      camera: 'starting',
      facing: 'environment',
      torch: 'none',
      slow: false,
    }
    const back = () => {
      if (document.visibilityState === 'visible') this.#check()
    }
    document.addEventListener('visibilitychange', back)
    addEventListener('pageshow', back)
    const watch = new PictureWatch(
      async () => (document.visibilityState === 'visible' ? this.#uplink?.framesEncoded() : undefined),
      () => this.#interrupted(),
    )
    this.#stops.push(
      () => watch.close(),
      () => clearTimeout(this.#slowTimer),
      o.signaling.onState(state => this.#socketChanged(state)),
      o.signaling.on('call.entries', ({ entries }) => this.#apply(entries)),
      o.signaling.on('media.lost', () => void this.#enter()),
      () => document.removeEventListener('visibilitychange', back),
      () => removeEventListener('pageshow', back),
    )
  }

  get view(): VisitView {
    return this.#view
  }
  get callId(): string {
    return this.#session.callId
  }

  /** Draws what happened before this page came. */
  readPast(): void {
    this.#story = this.#session.entries.reduce(foldStory, EMPTY_STORY)
    this.#retell()
    this.#handlers.onStage(this.#story.stage, [])
  }

  /** Sends this camera. Called again with a new one after a stop. */
  async send(camera: Camera): Promise<void> {
    if (this.#camera !== camera) this.#camera?.stop()
    this.#camera = camera
    camera.onInterrupted = () => this.#interrupted()
    this.#set({ camera: 'starting', facing: camera.facing, torch: camera.hasTorch ? 'off' : 'none' })
    clearTimeout(this.#slowTimer)
    this.#slowTimer = setTimeout(() => {
      if (this.#view.camera !== 'starting') return
      this.#set({ slow: true })
      this.tellTrouble('network')
    }, SLOW_MS)
    await this.#publish()
  }

  async pause(paused: boolean): Promise<void> {
    this.#camera?.pause(paused)
    this.#uplink?.pause(paused)
    this.#set({ camera: paused ? 'paused' : this.#uplink?.connected ? 'live' : 'starting' })
    await this.#tell(paused ? 'camera.pause' : 'camera.resume', {})
  }

  /** @throws when there is no other camera; the picture goes on. */
  async flip(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined) return
    try {
      await camera.flip()
    } finally {
      if (camera.track.readyState === 'live') await this.#uplink?.replaceTrack(camera.track)
      this.#set({ facing: camera.facing, torch: camera.hasTorch ? 'off' : 'none' })
    }
    await this.#tell('camera.switched', { facing: camera.facing })
  }

  /** @throws when the device refuses. */
  async torch(on: boolean): Promise<void> {
    await this.#camera?.setTorch(on)
    this.#set({ torch: on ? 'on' : 'off' })
    await this.#tell('camera.torch', { on })
  }

  /** The person takes the camera away; call and session go on. */
  async stop(): Promise<void> {
    this.#camera?.stop()
    this.#camera = undefined
    this.#uplink?.unpublish()
    this.#handlers.onEnd('stopped')
    await this.#tell('camera.stop', {})
  }

  /** Takes the camera again after `needs-tap`. @throws {CameraRefused} */
  async bringBack(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined || this.#reopening || this.#closed) return
    const wasPaused = this.#view.camera === 'paused'
    this.#reopening = true
    try {
      await camera.reopen()
      await this.#uplink?.replaceTrack(camera.track)
      this.#set({
        camera: wasPaused ? 'paused' : this.#uplink?.connected ? 'live' : 'starting',
        torch: camera.hasTorch ? 'off' : 'none',
      })
    } catch (error) {
      this.#set({ camera: 'needs-tap' })
      this.tellTrouble(troubleOf(error))
      throw error
    } finally {
      this.#reopening = false
    }
  }

  /** Lets the agent read the same sentence as the caller. */
  tellTrouble(trouble: CameraTrouble): void {
    this.#signaling
      .opened()
      .then(() => this.#tell('camera.trouble', { trouble }))
      .catch(() => {})
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#camera?.stop()
    this.#uplink?.close()
    this.#signaling.close()
  }

  async #publish(): Promise<void> {
    const camera = this.#camera
    if (camera === undefined) return
    try {
      if (this.#uplink?.transportId !== this.#session.send.id) {
        this.#uplink?.close()
        this.#uplink = await this.#o.newUplink(this.#session.send)
        this.#uplink.onState = state => this.#uplinkChanged(state)
      }
      const uplink = this.#uplink
      await this.#signaling.opened()
      await uplink.publish(camera.track)
      if (this.#view.camera === 'paused') {
        uplink.pause(true)
        // The server knows a new camera only as starting.
        void this.#tell('camera.pause', {})
      } else if (uplink.connected) this.#set({ camera: 'live' })
    } catch (error) {
      // A socket that went in between enters again by itself when it is back.
      if (this.#closed || (error instanceof RequestRefused && error.code === 'lost')) return
      const trouble = troubleOf(error) === 'no-webrtc' ? 'no-webrtc' : 'network'
      this.tellTrouble(trouble)
      this.#handlers.onTrouble(trouble)
    }
  }

  #uplinkChanged(state: UplinkState): void {
    if (state === 'lost') void this.#enter()
    else if (this.#view.camera !== 'paused' && this.#view.camera !== 'needs-tap') {
      this.#set({ camera: state === 'connected' ? 'live' : state === 'interrupted' ? 'interrupted' : 'starting' })
    }
  }

  /** Asks for the session again (new socket, lost worker, dead transport) and sends on what it gives. */
  async #enter(): Promise<void> {
    try {
      const before = this.#session.send.id
      this.#session = await this.#signaling.request('caller.enter', {})
      this.readPast()
      if (this.#camera === undefined) return
      if (this.#session.send.id !== before || this.#uplink?.publishing !== true) await this.#publish()
      else if (!this.#uplink.connected) this.#uplink.repair()
    } catch {
      // The socket's own state tells what comes next.
    }
  }

  #socketChanged(state: SocketState): void {
    switch (state.kind) {
      case 'open':
        this.#set({ online: true })
        // The first opening follows the accepted code, whose reply has carried the session.
        if (this.#hasEntered) void this.#enter()
        this.#hasEntered = true
        return
      case 'lost':
        this.#set({ online: false })
        if (state.tries >= TRIES_BEFORE_ASKING) void this.#askWhetherGone()
        return
      case 'closed':
        if (state.reason === 'replaced') this.#finish('replaced')
        else if (state.reason === 'callEnded') this.#finish('call-ended')
        else if (state.reason !== 'by-page') this.#finish('session-gone')
        return
      case 'connecting':
        return
    }
  }

  /** A refused upgrade looks like a lost network to a browser; a server that answers http tells the two apart. */
  async #askWhetherGone(): Promise<void> {
    const reachable = await fetch('/healthz', { cache: 'no-store' }).then(
      response => response.ok,
      () => false,
    )
    if (reachable && this.#signaling.state.kind !== 'open') this.#finish('session-gone')
  }

  #apply(entries: readonly JournalEntry[]): void {
    const before = this.#story
    const news = entries.filter(entry => entry.seq > before.lastSeq)
    this.#story = news.reduce(foldStory, before)
    // Marks first: they are what a person waits for.
    if (this.#story.stage !== before.stage) this.#handlers.onStage(this.#story.stage, news)
    if (news.some(entry => entry.type === 'page.added')) this.#handlers.onSnapshot()
    this.#retell()
    if (this.#story.ended) this.#finish('call-ended')
  }

  #retell(): void {
    const { agentHere, recording = this.#view.recording } = this.#story
    if (agentHere !== this.#view.agentHere || recording !== this.#view.recording) this.#set({ agentHere, recording })
  }

  #interrupted(): void {
    if (this.#closed) return
    if (this.#view.camera !== 'paused') this.#set({ camera: 'interrupted' })
    // Hidden pages get no camera; the return to the page tries again.
    if (document.visibilityState === 'visible') this.bringBack().catch(() => {})
  }

  #check(): void {
    this.#signaling.retryNow()
    if (this.#camera !== undefined && !this.#camera.alive) this.bringBack().catch(() => {})
    if (this.#view.camera === 'interrupted' && this.#uplink?.connected === false) this.#uplink.repair()
  }

  async #tell(...[name, data]: CameraNews): Promise<void> {
    try {
      await this.#signaling.request(name, data as never)
    } catch {
      // The agent sees the picture itself; a lost note about it is no reason to trouble the caller.
    }
  }

  #finish(end: VisitEnd): void {
    if (this.#closed) return
    this.close()
    this.#handlers.onEnd(end)
  }

  #set(change: Partial<VisitView>): void {
    const camera = change.camera ?? this.#view.camera
    this.#view = { ...this.#view, ...change, slow: (change.slow ?? this.#view.slow) && camera === 'starting' }
    if (!this.#closed) this.#handlers.onView(this.#view)
  }
}

type CameraNews =
  | ['camera.pause' | 'camera.resume' | 'camera.stop', object]
  | ['camera.switched', { facing: Facing }]
  | ['camera.torch', { on: boolean }]
  | ['camera.trouble', { trouble: CameraTrouble }]
