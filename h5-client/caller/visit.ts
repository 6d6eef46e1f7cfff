import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import type { SignalingClient, SocketState } from '../shared/socket.ts'
import { EMPTY_STORY, foldStory } from './caller-story.ts'
import type { Camera, Facing } from './camera.ts'
import { VisitPicture } from './visit-picture.ts'
import type { VisitEnd, VisitHandlers, VisitOptions, VisitView } from './visit-types.ts'

/** As many failed tries to reconnect, with the server otherwise reachable, mean that the session is no more. */
const TRIES_BEFORE_ASKING = 3

/** One caller in one call, from the accepted code to the end: the session, the stage, and the caller's picture. */
export class Visit {
  readonly #signaling: SignalingClient
  readonly #handlers: VisitHandlers
  readonly #stops: (() => void)[] = []
  readonly #picture: VisitPicture
  #session: CallerSession
  #story = EMPTY_STORY
  #view: VisitView
  #hasEntered: boolean
  /** Nobody gets here without having agreed to being recorded; an entry that says otherwise wins. */
  #agreed = true
  #entering = false
  #asking = false
  #closed = false

  constructor(o: VisitOptions) {
    this.#signaling = o.signaling
    this.#handlers = o.handlers
    this.#session = o.session
    this.#hasEntered = o.signaling.state.kind === 'open'
    this.#view = {
      agentName: o.session.agentName,
      agentHere: true,
      // Nobody gets here without having agreed to it; an entry that says otherwise wins.
      recording: true,
      shut: false,
      held: false,
      online: true,
      camera: 'starting',
      facing: 'environment',
      torch: 'none',
      slow: false,
      rung: 'live',
      photo: 'none',
    }
    this.#picture = new VisitPicture({
      signaling: o.signaling,
      newUplink: o.newUplink,
      handlers: o.handlers,
      session: () => this.#session,
      view: () => this.#view,
      set: change => this.#set(change),
      // A session that is being asked for brings a new transport if it has to.
      enterAnew: () => void (this.#entering || this.#enter({ keep: false })),
      tellTrouble: trouble => this.tellTrouble(trouble),
    })
    this.#stops.push(
      () => this.#picture.close(),
      o.signaling.onState(state => this.#socketChanged(state)),
      o.signaling.on('call.entries', ({ entries }) => this.#apply(entries)),
      o.signaling.on('media.lost', () => void this.#enter({ keep: false })),
      o.signaling.on('picture.prefer', ({ rung }) => this.#picture.prefer(rung)),
      ...this.#watchPage(),
    )
  }

  get view(): VisitView {
    return this.#view
  }
  get callId(): string {
    return this.#session.callId
  }
  get camera(): Camera | undefined {
    return this.#picture.camera
  }

  /** Draws what happened before this page came. */
  readPast(): void {
    this.#story = this.#session.entries.reduce(foldStory, EMPTY_STORY)
    this.#retell()
    this.#handlers.onStage(this.#story.stage, [])
  }

  /** Sends this camera. Called again with a new one after a stop. */
  send(camera: Camera): Promise<void> {
    return this.#picture.send(camera)
  }

  async pause(paused: boolean): Promise<void> {
    this.#picture.pause(paused)
    await this.#tell(paused ? 'camera.pause' : 'camera.resume', {})
  }

  /** @throws when there is no other camera; the picture goes on. */
  async flip(): Promise<void> {
    const facing = await this.#picture.flip()
    if (facing !== undefined) await this.#tell('camera.switched', { facing })
  }

  /** @throws when the device refuses. */
  async torch(on: boolean): Promise<void> {
    await this.#picture.camera?.setTorch(on)
    await this.#tell('camera.torch', { on })
  }

  /** More detail and fewer frames for small print, or the usual film again. */
  holdStill(on: boolean): Promise<void> {
    return this.#picture.holdStill(on)
  }

  /** One photo now, as detailed as the network carries; `view.photo` tells what became of it. */
  shoot(): Promise<void> {
    return this.#picture.shoot()
  }

  /** The person takes the camera away; call and session go on. */
  async stop(): Promise<void> {
    this.#picture.stop()
    this.#handlers.onEnd('stopped')
    await this.#tell('camera.stop', {})
  }

  /** Takes the camera again after `needs-tap`. @throws {CameraRefused} */
  bringBack(): Promise<void> {
    return this.#picture.bringBack()
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
    this.#signaling.close()
  }

  /**
   * Asks for the session again and sends on what it gives. `keep`: only the socket was lost, the transport may still live;
   * without it a new one is made (lost worker, dead transport).
   */
  async #enter(o: { keep: boolean }): Promise<void> {
    const transportId = o.keep ? this.#picture.transportId : undefined
    this.#entering = true
    try {
      const entering = this.#signaling.request('caller.enter', transportId === undefined ? {} : { transportId })
      // On the same socket, in order: by the time of its reply the transport's fate is known.
      if (o.keep) this.#picture.check({ networkChanged: false })
      this.#session = await entering
      this.readPast()
      await this.#picture.entered()
    } catch {
      // The socket's own state tells what comes next.
    } finally {
      this.#entering = false
    }
  }

  #socketChanged(state: SocketState): void {
    switch (state.kind) {
      case 'open':
        this.#set({ online: true })
        // The first opening follows the accepted code, whose reply has carried the session.
        if (this.#hasEntered) void this.#enter({ keep: true })
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
    if (this.#asking) return
    this.#asking = true
    const status = await fetch(`/api/calls/${this.callId}/seat`, { cache: 'no-store' }).then(
      response => response.status,
      () => 0,
    )
    this.#asking = false
    if (status === 204) this.#signaling.retryNow()
    else if (status >= 400 && status < 500) this.#finish('session-gone')
  }

  #apply(entries: readonly JournalEntry[]): void {
    const before = this.#story
    const news = entries.filter(entry => entry.seq > before.lastSeq)
    this.#story = news.reduce(foldStory, before)
    // Marks first: they are what a person waits for.
    const mayDiffer = news.some(entry => entry.type === 'scenario.chosen')
    if (this.#story.stage !== before.stage || mayDiffer) this.#handlers.onStage(this.#story.stage, news)
    for (const entry of news)
      if (entry.type === 'page.added' && entry.page.kind === 'camera') this.#handlers.onCaptured(entry.page.id)
    this.#retell()
    if (this.#story.ended !== 'no') this.#finish(this.#story.ended === 'transferred' ? 'transferred' : 'call-ended')
  }

  #retell(): void {
    const { agentHere, recorder, shut } = this.#story
    const agreed = this.#story.recording ?? this.#agreed
    this.#agreed = agreed
    const recording = agreed && recorder
    const view = this.#view
    if (agentHere !== view.agentHere || recording !== view.recording) this.#set({ agentHere, recording })
    const held = this.#story.held.agent || this.#story.held.caller
    if (held !== view.held) {
      this.#set({ held })
      this.#picture.rest()
    }
    if (shut !== view.shut) {
      this.#set({ shut })
      this.#picture.rest()
    }
  }

  /** Back from the background, or on another network: what may have broken is looked after at once. */
  #watchPage(): (() => void)[] {
    const check = (networkChanged: boolean) => {
      this.#signaling.retryNow()
      this.#picture.check({ networkChanged })
    }
    const back = () => {
      if (document.visibilityState === 'visible') check(false)
    }
    const changed = () => check(true)
    const { connection } = navigator as { connection?: EventTarget }
    document.addEventListener('visibilitychange', back)
    addEventListener('pageshow', back)
    addEventListener('online', changed)
    connection?.addEventListener('change', changed)
    return [
      () => document.removeEventListener('visibilitychange', back),
      () => removeEventListener('pageshow', back),
      () => removeEventListener('online', changed),
      () => connection?.removeEventListener('change', changed),
    ]
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
