import type { Language } from '../../signaling/protocol/call.ts'
import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { shownPage } from '../../signaling/protocol/stage.ts'
import { Store } from '../shared/console/store.ts'
import { Drawing } from '../shared/ink/drawing.ts'
import { LaserPointer } from '../shared/ink/laser-pointer.ts'
import type { SignalingClient, SocketState } from '../shared/socket.ts'
import { AgentMedia } from './agent-media.ts'
import { AssistDesk, type AssistWire } from './assist-desk.ts'
import { type DeskEvent, type DeskState, EMPTY_DESK, foldDesk, liveCall, ownCall, ringingCalls } from './desk-state.ts'
import { expectPictures } from './expect-pictures.ts'
import { ANSWER_TIMEOUT_MS, Joining } from './joining.ts'
import { NothingToHold } from './live-anchorings.ts'
import { LiveDesk } from './live-desk.ts'
import type { Microphone } from './microphone.ts'
import { PushDesk } from './push-desk.ts'
import { pageSpeaks, SpeakBy } from './speak-by.ts'
import { StageDesk } from './stage-desk.ts'
import { StageLook } from './stage-look.ts'
import { TaskBoard } from './task-board.ts'
import { VoiceDesk } from './voice-desk.ts'

/** A reload in mid-call warms the microphone at once instead of waiting for the server's list of calls. */
const IN_CALL_KEY = 'tongping.in-call'

/** The workbench's own half of the protocol: what the agent does, and what the server says. */
export class Desk {
  readonly state = new Store<DeskState>(EMPTY_DESK)
  readonly socket: Store<SocketState>
  readonly microphone: Microphone
  readonly media: AgentMedia
  readonly tasks = new TaskBoard()
  readonly speakBy: SpeakBy
  readonly drawing: Drawing
  readonly pointer: LaserPointer
  readonly live: LiveDesk
  readonly stage: StageDesk
  readonly assist: AssistDesk
  readonly look = new StageLook()
  readonly push: PushDesk
  readonly voice: VoiceDesk
  readonly #client: SignalingClient
  readonly #joining: Joining
  #closed = false

  constructor(client: SignalingClient, microphone: Microphone) {
    this.#client = client
    this.microphone = microphone
    this.socket = new Store<SocketState>(client.state)
    this.media = new AgentMedia({
      signaling: client,
      microphone,
      onLost: () => this.#joining.attachSoon(),
      onFailed: (what, error) => this.tasks.fail(what, error),
    })
    this.#joining = new Joining({
      ...{ client, media: this.media, tasks: this.tasks },
      own: () => ownCall(this.state.get()),
      isIn: () => liveCall(this.state.get()) !== undefined,
      warmUp: () => this.warmUp(),
      joined: session => {
        this.drawing.forget()
        this.drawing.author = { id: session.participantId, erasesAll: true }
        this.#fold({ type: 'joined', session, atMs: performance.now() })
        this.push.attached()
      },
      hasMedia: () => this.#followVoice(),
    })
    const setTimer = (run: () => void, delayMs: number) => {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    }
    const clock = { setTimer, nowMs: () => performance.now() }
    this.live = new LiveDesk((name, data) => client.request(name, data))
    this.drawing = new Drawing({
      ...clock,
      request: this.live.wire,
      // The stage says so itself, with a way out.
      onRefused: error => error instanceof NothingToHold || this.tasks.fail('mark', error),
    })
    this.pointer = new LaserPointer({ ...clock, request: (name, data) => client.request(name, data) })
    client.on('pointer.moved', ({ callId, ...news }) => {
      if (this.#concerns(callId)) this.pointer.hear(news)
    })
    const wire: AssistWire = {
      request: (name, data, timeoutMs) => client.request(name, data, timeoutMs),
      onCall: (task, work) => this.#onCall(task, work),
    }
    this.speakBy = new SpeakBy({ ...wire, tasks: this.tasks })
    this.stage = new StageDesk(wire)
    this.assist = new AssistDesk(wire)
    this.voice = new VoiceDesk(
      {
        ...wire,
        callId: () => liveCall(this.state.get())?.callId,
        fail: (task, error) => this.tasks.fail(task, error),
      },
      microphone,
    )
    this.push = new PushDesk({
      request: (name, data, timeoutMs) => client.request(name, data, timeoutMs),
      callId: () => liveCall(this.state.get())?.callId,
      produce: track => this.media.share(track),
      unproduce: () => this.media.stopShare(),
    })
    client.on('desk.calls', ({ calls }) => {
      this.#fold({ type: 'calls', calls, atMs: performance.now() })
      this.#joining.openExternal()
    })
    client.on('call.changed', ({ call }) => this.#fold({ type: 'changed', call, atMs: performance.now() }))
    client.on('call.entries', ({ callId, entries }) => {
      this.drawing.entries(entries)
      this.push.entries(entries)
      expectPictures(callId, entries, this.state.get().joined?.stage.pages ?? [])
      this.#fold({ type: 'entries', callId, entries })
    })
    client.on('media.consumer', ({ callId, consumer }) => {
      if (this.#concerns(callId)) this.media.consume(consumer)
    })
    client.on('media.consumerClosed', ({ consumerId }) => this.media.drop(consumerId))
    client.on('media.lost', ({ callId }) => {
      if (this.#concerns(callId)) this.#joining.attachSoon()
    })
    client.onState(state => this.#socketChanged(state))
    if (client.state.kind === 'open') void this.#enter()
    void this.#warmUpQuietly()
  }

  /** Takes the microphone, asking the person where the browser wants that. Never rejects. */
  async warmUp(): Promise<void> {
    await this.microphone.track().catch(() => undefined)
  }

  answer(callId: CallId, by: SpeaksBy = this.speakBy.chosen): Promise<void> {
    return this.tasks.run('answer', async () => {
      // Without a microphone the caller would be answered by silence.
      if (by === 'browser') await this.microphone.track()
      await this.#joining.join(rtpCapabilities =>
        this.#client.request('call.answer', { callId, rtpCapabilities, by }, ANSWER_TIMEOUT_MS),
      )
    })
  }

  answerFirst(): void {
    const [first] = ringingCalls(this.state.get())
    if (first && !liveCall(this.state.get())) void this.answer(first.callId)
  }

  decline(callId: CallId): Promise<void> {
    return this.tasks.run('decline', () => this.#client.request('call.decline', { callId }))
  }

  /** Calls somebody: the agent is in the call at once and hears what the network plays. */
  dial(to: string): Promise<void> {
    return this.tasks.run('dial', async () => {
      await this.microphone.track()
      await this.#joining.join(rtpCapabilities =>
        this.#client.request('voice.dial', { to, rtpCapabilities }, ANSWER_TIMEOUT_MS),
      )
    })
  }

  hangUp(): Promise<void> {
    return this.#onCall('hang-up', callId => this.#client.request('call.hangUp', { callId }))
  }

  /** @param sms what the caller said about a text message; undefined when not asked */
  sendCode(language: Language, to: string, sms?: { given: boolean; textVersion: string }): Promise<void> {
    const number = to.trim()
    return this.#onCall('send-code', callId =>
      this.#client.request('invite.issue', {
        callId,
        language,
        ...(number === '' ? {} : { to: number }),
        ...(sms && { sms }),
      }),
    )
  }

  /** The agent has finished with an ended call. */
  dismiss(): void {
    this.#fold({ type: 'dismissed' })
  }

  retryNow(): void {
    this.#client.retryNow()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#joining.close()
    this.push.forget()
    this.drawing.forget()
    this.pointer.leave()
    sessionStorage.removeItem(IN_CALL_KEY)
    this.media.close()
    this.#client.close()
  }

  /** Where it bothers nobody: the permission is there already, or a call is waiting for this page to come back. */
  async #warmUpQuietly(): Promise<void> {
    if (sessionStorage.getItem(IN_CALL_KEY) !== null) return this.warmUp()
    if (SpeakBy.likely === 'phone') return
    const permission = await navigator.permissions.query({ name: 'microphone' }).catch(() => undefined)
    if (permission?.state === 'granted' && !this.#closed) await this.warmUp()
  }

  #onCall(task: Parameters<TaskBoard['run']>[0], work: (callId: CallId) => Promise<unknown>): Promise<void> {
    const call = liveCall(this.state.get())
    return call ? this.tasks.run(task, () => work(call.callId)) : Promise.resolve()
  }

  #concerns(callId: CallId): boolean {
    const { joined } = this.state.get()
    return joined === undefined || joined.view.phase === 'ended' || joined.callId === callId
  }

  #fold(event: DeskEvent): void {
    const before = liveCall(this.state.get())
    this.state.update(state => foldDesk(state, event))
    const after = this.state.get()
    const shown = liveCall(after)?.stage
    this.look.shown(shown && shownPage(shown)?.page.id)
    this.live.follow(liveCall(after)?.callId, shown)
    this.voice.follow(liveCall(after)?.view)
    this.#followVoice()
    if (before && !liveCall(after)) {
      this.push.forget()
      this.media.detach()
      this.drawing.forget()
      this.pointer.leave()
      this.look.forget()
      this.microphone.setMuted(false)
      sessionStorage.removeItem(IN_CALL_KEY)
    }
  }

  /** The microphone is open while this page is what the agent speaks by, and only then. */
  #followVoice(): void {
    const call = liveCall(this.state.get())
    const speaks = call && pageSpeaks(call.view)
    if (!call || speaks === undefined) return
    if (speaks) sessionStorage.setItem(IN_CALL_KEY, call.callId)
    else sessionStorage.removeItem(IN_CALL_KEY)
    if (call.view.voice === 'here') this.media.setSpeaks(speaks)
  }

  #socketChanged(state: SocketState): void {
    this.socket.update(() => state)
    if (state.kind === 'open') void this.#enter()
    // Lost: the media path has its own life and goes on. Closed: another window or nobody has the call now.
    if (state.kind === 'closed') this.media.close()
  }

  async #enter(): Promise<void> {
    await this.tasks.run('enter', async () => {
      const entered = await this.#client.request('desk.enter', {})
      this.media.load(entered.routerRtpCapabilities)
      this.speakBy.entered(entered.deskPhone)
      const { agent, sipAddress, scenarios, linkDomains, mayDial, calls } = entered
      this.#fold({
        type: 'entered',
        agent,
        sipAddress,
        scenarios,
        linkDomains,
        mayDial,
        calls,
        atMs: performance.now(),
      })
      const own = ownCall(this.state.get())
      if (own) void this.#joining.attach(own)
    })
  }
}
