import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { GUEST_COLOUR } from '../../signaling/protocol/mark-kinds.ts'
import type { WatchSession } from '../../signaling/protocol/sessions.ts'
import { EMPTY_STAGE, foldStage, type Stage } from '../../signaling/protocol/stage.ts'
import { Store } from '../shared/console/store.ts'
import { Drawing } from '../shared/ink/drawing.ts'
import type { SignalingClient, SocketState } from '../shared/socket.ts'
import type { Boot } from './boot.ts'
import { WatchMedia } from './watch-media.ts'

export type WatchedCall = {
  readonly callId: CallId
  readonly view: CallView
  readonly mayDraw: boolean
  readonly stage: Stage
  readonly lastSeq: number
}
export type WatchState = {
  readonly calls: readonly CallView[]
  readonly watched: WatchedCall | undefined
  readonly over: 'ended' | 'shown-out' | undefined
  readonly failed: boolean
}

/** Looking on: which call, what is on its stage, and (for an expert) the pen. */
export class WatchDesk {
  readonly state = new Store<WatchState>({ calls: [], watched: undefined, over: undefined, failed: false })
  readonly socket: Store<SocketState>
  readonly media: WatchMedia
  readonly drawing: Drawing
  readonly #client: SignalingClient
  readonly #boot: Boot

  constructor(client: SignalingClient, boot: Boot) {
    this.#client = client
    this.#boot = boot
    this.socket = new Store<SocketState>(client.state)
    this.media = new WatchMedia(client, boot.routerRtpCapabilities)
    this.drawing = new Drawing(
      {
        request: (name, data) => client.request(name, data),
        onRefused: () => this.#change({ failed: true }),
        setTimer: (run, delayMs) => {
          const timer = setTimeout(run, delayMs)
          return () => clearTimeout(timer)
        },
        nowMs: () => performance.now(),
      },
      { tool: 'pen', colour: GUEST_COLOUR },
    )
    client.on('desk.calls', ({ calls }) => this.#change({ calls }))
    client.on('call.changed', ({ call }) => this.#viewed(call))
    client.on('call.entries', ({ callId, entries }) => {
      const { watched } = this.state.get()
      if (watched?.callId !== callId) return
      const fresh = entries.filter(entry => entry.seq > watched.lastSeq)
      this.drawing.entries(fresh)
      const lastSeq = fresh.at(-1)?.seq ?? watched.lastSeq
      this.#change({ watched: { ...watched, lastSeq, stage: fresh.reduce(foldStage, watched.stage) } })
    })
    client.on('media.lost', ({ callId }) => void this.watch(callId))
    client.onState(state => this.#socketChanged(state))
    if (client.state.kind === 'open') void this.#opened()
  }

  async watch(callId: CallId): Promise<void> {
    try {
      const rtpCapabilities = await this.media.capabilities()
      const session = await this.#client.request('watch.enter', { callId, rtpCapabilities })
      this.#entered(session)
      await this.media.attach(session.receive)
    } catch {
      this.#change({ failed: true })
    }
  }

  async leave(): Promise<void> {
    const { watched } = this.state.get()
    this.media.detach()
    this.#change({ watched: undefined })
    if (watched) await this.#client.request('watch.leave', { callId: watched.callId }).catch(() => undefined)
    await this.#list()
  }

  undo(): void {
    const { watched } = this.state.get()
    if (!watched || watched.stage.showing === 'share') return
    void this.#client
      .request('ink.undo', { callId: watched.callId, on: watched.stage.showing })
      .catch(() => this.#change({ failed: true }))
  }

  close(): void {
    this.media.detach()
    this.drawing.forget()
    this.#client.close()
  }

  #entered(session: WatchSession): void {
    this.drawing.forget()
    this.drawing.author = { id: session.participantId, erasesAll: false }
    const { call, mayDraw, entries } = session
    const stage = entries.reduce(foldStage, EMPTY_STAGE)
    const watched = { callId: call.callId, view: call, mayDraw, stage, lastSeq: entries.at(-1)?.seq ?? -1 }
    this.#change({ watched, failed: false })
  }

  #viewed(call: CallView): void {
    const { watched } = this.state.get()
    if (watched?.callId !== call.callId) return
    this.#change({ watched: { ...watched, view: call } })
    if (call.phase !== 'ended') return
    this.media.detach()
    if (this.#boot.kind === 'guest') this.#change({ over: 'ended' })
    else {
      this.#change({ watched: undefined })
      void this.#list()
    }
  }

  #socketChanged(state: SocketState): void {
    this.socket.update(() => state)
    if (state.kind === 'open') void this.#opened()
    if (state.kind === 'closed' && state.reason !== 'by-page') {
      this.media.detach()
      this.#change({ over: state.reason === 'callEnded' ? 'ended' : 'shown-out' })
    }
  }

  async #opened(): Promise<void> {
    if (this.#boot.kind === 'guest') return this.watch(this.#boot.callId)
    const { watched } = this.state.get()
    if (watched) return this.watch(watched.callId)
    return this.#list()
  }

  async #list(): Promise<void> {
    if (this.#boot.kind === 'guest') return
    await this.#client.request('watch.calls', {}).then(
      ({ calls }) => this.#change({ calls }),
      () => undefined,
    )
  }

  #change(change: Partial<WatchState>): void {
    this.state.update(state => ({ ...state, ...change }))
  }
}
