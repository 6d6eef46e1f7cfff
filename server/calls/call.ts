import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import type { MediaRoom } from '../../media/room/media-room.ts'
import type { CallEnd, CallView, Participant } from '../../signaling/protocol/call.ts'
import type { AgentSession } from '../../signaling/protocol/catalogue.ts'
import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallFailed, type CallLeg, type LegGone } from '../../signaling/sip/call-leg.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { TappedEdge } from '../capture/voice-recorder.ts'
import { requireDialler } from '../dialling/dialler.ts'
import { type Agent, AgentSeat } from './agent-seat.ts'
import { AgentVoice } from './agent-voice.ts'
import { AnsweredCall } from './answered-call.ts'
import { CallClock } from './call-clock.ts'
import { callerSees } from './call-log.ts'
import { CallMedia, type CallMediaEvents } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { callView } from './call-view.ts'
import { type CallVoice, CarriedVoice, otherNumber, VoiceElsewhere } from './call-voice.ts'
import { CallerSeat } from './caller-seat.ts'
import { closing } from './closing.ts'
import { Consultation } from './consultation.ts'
import { DialledLeg, type DialProgress } from './dialled-leg.ts'
import type { ExternalVoice, VoiceSource } from './external-voice.ts'
import { NumberPatterns } from './number-patterns.ts'
import { Onlookers } from './onlookers.ts'
import { phoneEvents } from './phone-events.ts'
import { openSeatTransports, tellConsumers } from './seat-media.ts'
import { Timers } from './timers.ts'
import { VoiceControl } from './voice-control.ts'
import { VoicePresence } from './voice-presence.ts'

/** From the agent's press on "answer" to the first packet of the microphone. */
const ANSWER_TIMEOUT_MS = 15_000

export type Phase = 'ringing' | 'dialling' | 'answering' | 'talking' | 'ended'

/** One live call: it has one clock, one owner, one journal. Everything that happens in it is decided here. */
export class Call {
  readonly id: CallId
  readonly voice: CallVoice
  readonly clock = new CallClock()
  readonly rangAt = new Date()
  readonly caller = new CallerSeat(this)
  readonly onlookers = new Onlookers(this)
  readonly agentVoice: AgentVoice
  readonly #deps: CallDeps
  readonly #timers = new Timers()
  readonly #beganMs = performance.now()
  #media: CallMedia | undefined
  #answerSdp = ''
  #phase: Phase = 'ringing'
  #seat: AgentSeat | undefined
  #answered: AnsweredCall | undefined
  #discarding: Promise<void> | undefined
  #answerPressedMs = 0
  #answeredAt: Date | undefined
  #presence: VoicePresence | undefined
  #control: VoiceControl | undefined
  #dialled: DialledLeg | undefined
  #release: () => void = () => {}
  #degraded = false
  #end: CallEnd | undefined
  #ending: Promise<void> | undefined
  #participants: Participant[] = []

  private constructor(voice: CallVoice, deps: CallDeps) {
    this.id = newId('call')
    this.voice = voice
    this.#deps = deps
    this.agentVoice = this.#openAgentVoice()
  }

  /** Media first, then ringing. @throws what the media edge throws; the leg is then still to be rejected. */
  static async ring(leg: CallLeg, deps: CallDeps): Promise<Call> {
    const call = new Call(new CarriedVoice(leg), deps)
    const { media, sdp } = await CallMedia.open({ callId: call.id, leg, deps, events: call.#mediaEvents() })
    call.#media = media
    call.#answerSdp = sdp
    if (leg.gone.aborted) {
      await media.close()
      throw new AppError('gone', 'the caller gave up')
    }
    leg.gone.addEventListener('abort', () => call.#legGone(leg.gone.reason as LegGone), { once: true })
    leg.onInfoDigit(digit => call.#keyPressed(digit))
    leg.ring()
    deps.events.callRang(call.id)
    call.#ringNoLongerThan(deps.rules.ringTimeoutMs)
    return call
  }

  /**
   * A call that another system holds and its agent speaks in already: the picture comes to it, the voice does not.
   * @throws the file system's error: without a folder there is no record
   */
  static async external(voice: ExternalVoice, agent: Agent, deps: CallDeps): Promise<Call> {
    const call = new Call(voice, deps)
    call.#media = CallMedia.withoutVoice({ callId: call.id, deps, events: call.#mediaEvents() })
    call.#phase = 'answering'
    const seat = new AgentSeat(newId('part'), agent)
    const answered = await call.#openAnswered()
    call.#seat = seat
    call.#answered = answered
    call.#begin(answered, seat)
    const { limitMs } = voice.facts
    call.#timers.after(limitMs, () => void call.end({ cause: 'time-limit', limitMs }))
    deps.events.callAnswered(call.id, 0)
    return call
  }

  /** A call of an agent's to somebody; it is begun with `dial`. @throws AppError `forbidden`, `too-many`, `unavailable` */
  static out(agent: Agent, to: string, deps: CallDeps): Call {
    const dialler = requireDialler(deps.dialler())
    const release = dialler.reserve(agent.id, to)
    const call = new Call(new CarriedVoice({ direction: 'out', from: dialler.fromNumber, to }), deps)
    call.#release = release
    call.#phase = 'dialling'
    call.#seat = new AgentSeat(newId('part'), agent)
    return call
  }

  /** The INVITE leaves; the agent hears what the network plays. @throws AppError, PortsExhausted, RoomError; the call has then ended */
  async dial(connection: Connection, capabilities: RtpCapabilities): Promise<AgentSession> {
    const seat = this.#seat
    if (this.#phase !== 'dialling' || !seat || this.#media) throw new AppError('conflict', 'a call is dialled once')
    seat.attach(connection)
    try {
      const media = await CallMedia.forCallOut({ callId: this.id, deps: this.#deps, events: this.#mediaEvents() })
      this.#media = media
      const answered = await this.#openAnswered()
      if ((this.#phase as Phase) === 'ended') {
        await Promise.all([answered.archive.discard(), media.close()])
        throw new AppError('gone', 'the call has ended')
      }
      this.#answered = answered
      this.#dialled = new DialledLeg({
        callId: this.id,
        to: this.voice.to,
        edge: media.edge,
        dialler: requireDialler(this.#deps.dialler()),
        deps: this.#deps,
        changed: () => this.changed(),
      })
      const { ringTimeoutMs } = this.#deps.rules
      this.#timers.after(ringTimeoutMs, () => {
        if (this.#phase === 'dialling') void this.end({ cause: 'no-answer', rangForMs: ringTimeoutMs })
      })
      this.#dialled.answered.then(
        leg => this.#reached(leg),
        error => this.#notReached(error),
      )
      return await this.#session(seat, capabilities)
    } catch (error) {
      await this.end({ cause: 'failed', message: 'dialling failed' })
      throw error
    }
  }

  get dialling(): DialProgress | undefined {
    return this.#phase === 'dialling' ? (this.#dialled?.progress ?? 'trying') : undefined
  }

  get phase(): Phase {
    return this.#phase
  }
  get seat(): AgentSeat | undefined {
    return this.#seat
  }
  /** @throws VoiceElsewhere */
  get leg(): CallLeg {
    if (this.voice.place !== 'here') throw new VoiceElsewhere()
    return this.voice.leg
  }
  get deps(): CallDeps {
    return this.#deps
  }
  /** @throws AppError when the call is not being talked on */
  get live(): AnsweredCall {
    if (this.#phase === 'ended') throw new AppError('gone', 'the call has ended')
    if (this.#phase !== 'talking' || !this.#answered) throw new AppError('conflict', 'the call has not been answered')
    return this.#answered
  }
  /** @throws AppError when the call is not being talked on; VoiceElsewhere */
  get voiceControl(): VoiceControl {
    if (this.live && this.#control) return this.#control
    throw new VoiceElsewhere()
  }
  /** @throws AppError `unavailable` while a dead media worker is being replaced */
  get room(): MediaRoom {
    const room = this.#media?.room
    if (!room) throw new AppError('unavailable', 'the media server is starting again; one moment')
    return room
  }

  /** The room, also while a dead media worker is being replaced. */
  readyRoom(): Promise<MediaRoom> {
    const media = this.#media
    if (!media || this.#phase === 'ended') throw new AppError('gone', 'the call has ended')
    return media.readyRoom()
  }

  view(): CallView {
    return callView({
      call: this,
      presence: this.#presence,
      answeredAt: this.#answeredAt,
      answered: this.#phase === 'talking' ? this.#answered : undefined,
      control: this.#phase === 'talking' ? this.#control : undefined,
      degraded: this.#degraded,
      end: this.#end,
    })
  }

  #ringNoLongerThan(rangForMs: number): void {
    this.#timers.after(rangForMs, () => {
      if (this.#phase === 'ringing') void this.end({ cause: 'no-answer', rangForMs })
    })
  }

  /**
   * The agent takes a ringing call. The 200 OK leaves when the microphone is heard, or the agent's phone has answered; until
   * then the caller hears ringing.
   */
  async answer(
    agent: Agent,
    connection: Connection,
    capabilities: RtpCapabilities,
    by: SpeaksBy = 'browser',
  ): Promise<AgentSession> {
    if (this.#phase !== 'ringing') throw new AppError('conflict', 'somebody else has answered this call')
    this.#phase = 'answering'
    this.#answerPressedMs = performance.now()
    const seat = new AgentSeat(newId('part'), agent, connection)
    this.#seat = seat
    this.changed()
    try {
      // A seat given up a moment ago may still be clearing its folder, which has the same name.
      await this.#discarding
      const answered = await this.#openAnswered()
      if (this.#seat !== seat || (this.#phase as Phase) !== 'answering') {
        await answered.archive.discard()
        throw new AppError('gone', 'the caller gave up')
      }
      this.#answered = answered
      if (by === 'phone') await this.agentVoice.byPhone(agent.id)
      else this.#expectMicrophone(seat)
      return await this.#session(seat, capabilities)
    } catch (error) {
      await this.#unanswer('answering failed')
      throw error
    }
  }

  #expectMicrophone(seat: AgentSeat): void {
    this.agentVoice.byBrowser()
    this.#timers.after(ANSWER_TIMEOUT_MS, () => {
      if (this.#phase === 'answering' && this.#seat === seat && this.agentVoice.by === 'browser')
        void this.#unanswer('the microphone was not heard in time')
    })
  }

  /** The agent changes to the phone or to the page, also while the phone still rings. @throws AppError, PortsExhausted */
  async speakBy(by: SpeaksBy): Promise<void> {
    const seat = this.#seat
    if (this.voice.place !== 'here') throw new VoiceElsewhere()
    if (!seat || (this.#phase !== 'answering' && this.#phase !== 'talking'))
      throw new AppError('conflict', 'the call has not been answered')
    if (by === 'phone') await this.agentVoice.byPhone(seat.agent.id)
    else if (this.#phase === 'answering') this.#expectMicrophone(seat)
    else this.agentVoice.byBrowser()
  }

  #openAgentVoice(): AgentVoice {
    return new AgentVoice({
      callId: this.id,
      caller: otherNumber(this.voice),
      media: () => this.#media,
      deps: this.#deps,
      events: phoneEvents({
        isAnswering: () => this.#phase === 'answering',
        talking: () => {
          const [control, log] = [this.#control, this.#answered?.log]
          return this.#phase === 'talking' && log ? { control, write: event => log.write(event) } : undefined
        },
        connect: () => {
          if (this.#answered && this.#seat) void this.#connect(this.#answered, this.#seat)
        },
        ringAgain: why => void this.#unanswer(why),
        hangUp: () => void this.end({ cause: 'agent-hung-up' }),
        changed: () => this.changed(),
        fault: error => this.#deps.events.fault('desk phone', error),
      }),
    })
  }

  #openAnswered(): Promise<AnsweredCall> {
    return AnsweredCall.open({
      callId: this.id,
      calledNumber: this.voice.to,
      deps: this.#deps,
      clock: this.clock,
      events: {
        tell: entry => this.#tell(entry),
        changed: () => this.changed(),
        preferred: rung => this.caller.notify('picture.prefer', { callId: this.id, rung }),
        stillWanted: pageId => this.caller.notify('still.wanted', { callId: this.id, pageId }),
        caller: () => this.caller.participantId,
        phone: this.caller,
        firstPicture: () => this.#deps.events.pictureLive(this.id, this.caller.sinceJoinMs()),
        degraded: () => {
          this.#degraded = true
          this.changed()
        },
      },
    })
  }

  /** Both voices of a call that is held elsewhere begin to come to us. @throws AppError `conflict`, `gone` */
  record(edge: TappedEdge, source: VoiceSource): void {
    const { live, voice } = this
    if (voice.place === 'here') throw new AppError('conflict', 'the voice of this call is carried here')
    voice.recordedFrom(source)
    live.log.write({ type: 'voice.attached', codec: edge.codec })
    live.capture.attach(edge)
    this.changed()
  }

  /** Whoever hands us the voices pauses, or goes on. */
  recordingActive(edge: Pick<TappedEdge, 'codec'>, active: boolean): void {
    if (this.#phase !== 'talking') return
    this.#answered?.log.write(active ? { type: 'voice.attached', codec: edge.codec } : { type: 'voice.detached' })
  }

  /** The agent's page came back, or the agent opened another: it takes the seat and gets new transports. */
  async attach(agent: Agent, connection: Connection, capabilities: RtpCapabilities): Promise<AgentSession> {
    const seat = this.#seat
    if (this.#phase === 'ended') throw new AppError('gone', 'the call has ended')
    if (!seat || seat.agent.id !== agent.id) throw new AppError('forbidden', 'this is not your call')
    seat.attach(connection)
    this.#media?.room?.dropParticipant(seat.participantId)
    return this.#session(seat, capabilities)
  }

  /** The page's socket closed. Its media may live on: only missing voice makes the agent "away". */
  detached(connection: Connection): void {
    this.#seat?.detach(connection)
    if (this.#phase === 'answering') void this.#unanswer('the agent left')
    this.changed()
  }

  /** Whether somebody of the house looked on under this id; also after having left. */
  isSupervisor(id: ParticipantId): boolean {
    return this.#participants.some(one => one.id === id && one.role === 'supervisor')
  }

  changed(): void {
    this.#deps.changed(this.id)
  }

  /** Called a few times a second by the desk: notices that the agent is not heard any more. */
  tick(): void {
    if (this.#phase === 'talking') this.#presence?.tick()
  }

  /** The one way a call ends, whatever the cause. Later causes find it ended and wait with the first. */
  end(end: CallEnd): Promise<void> {
    if (this.#ending) return this.#ending
    // Hanging up aborts `leg.gone` at once, which comes back here: the first ending must be known before it begins.
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ending = promise
    resolve(this.#close(end))
    return promise
  }

  async #close(end: CallEnd): Promise<void> {
    const wasAnswered = this.#phase === 'talking'
    this.#phase = 'ended'
    this.#end = end
    this.#timers.close()
    this.#presence?.close()
    this.#dialled?.giveUp()
    this.agentVoice.close()
    this.#release()
    await this.#control?.consultation.close()
    await closing({
      call: this,
      end,
      media: this.#media,
      answered: this.#answered,
      wasAnswered,
      answeredAt: this.#answeredAt,
      participants: this.#participants,
      deps: this.#deps,
    })
  }

  join(participant: Participant, userAgent?: string): void {
    this.#participants.push(participant)
    this.live.log.write({ type: 'participant.joined', participant, ...(userAgent !== undefined && { userAgent }) })
  }

  async #session(seat: AgentSeat, capabilities: RtpCapabilities): Promise<AgentSession> {
    const media = this.#media
    if (!media) throw new AppError('gone', 'the call has ended')
    const transports = await openSeatTransports({ media, seat, capabilities, deps: this.#deps })
    return {
      call: this.view(),
      participantId: seat.participantId,
      entries: (this.#answered?.log.entries ?? []).filter(entry => this.onlookers.agentSees(entry)),
      ...(media.carriesVoice && { voiceCodec: media.edge.codec }),
      ...transports,
    }
  }

  #callerVoice(state: VoiceState): void {
    this.#presence?.caller(state)
    if (state.kind === 'held' || state.kind === 'retrieved') this.#holdChanged()
    if (state.kind === 'dtmf' && state.phase === 'begin') this.#keyPressed(state.digit)
  }

  #keyPressed(digit: string): void {
    if (this.#phase === 'talking') this.#answered?.capture.key(digit, this.caller.participantId)
  }

  /** Whoever holds, the picture stands still with the voice. */
  #holdChanged(): void {
    const held = this.#presence?.held === true || (this.#control !== undefined && this.#control.hold.state !== 'none')
    if (this.#phase === 'talking') this.#answered?.hold(held)
  }

  /** Of a far end that hangs up in a transfer the transfer itself knows whether it was because of that. */
  #legGone(gone: LegGone): void {
    if (this.#phase === 'talking' && gone.by === 'peer' && this.#control?.transfer.underWay === true) return
    void this.end(endOf(gone, this.#phase))
  }

  #agentHeard(): void {
    const byBrowser = this.agentVoice.by === 'browser'
    if (this.#phase === 'answering' && byBrowser && this.#answered && this.#seat)
      void this.#connect(this.#answered, this.#seat)
    else if (this.#phase === 'talking') this.#presence?.agentHeard()
  }

  /** The agent is heard: the call is answered. Entry 0 of the journal starts its clock. */
  async #connect(answered: AnsweredCall, seat: AgentSeat): Promise<void> {
    const media = this.#media
    if (!media) return
    this.#openControl(answered, seat)
    this.#begin(answered, seat)
    if (this.agentVoice.by === 'phone') answered.log.write({ type: 'agent.speaks', by: 'phone' })
    media.edge.startSilence()
    try {
      await this.leg.answer(this.#answerSdp)
    } catch (error) {
      this.#deps.logger.warn({ callId: this.id, err: error }, 'the answer did not reach the caller')
      return this.end({ cause: 'failed', message: 'the answer did not reach the caller' })
    }
    this.#deps.events.callAnswered(this.id, performance.now() - this.#answerPressedMs)
    this.changed()
  }

  /** From the answer on: who can be heard, and what the agent can do about it. */
  #openControl(answered: AnsweredCall, seat: AgentSeat): void {
    const media = this.#media
    if (!media) return
    this.#presence = new VoicePresence({
      media,
      log: answered.log,
      voiceLostEndMs: this.#deps.rules.voiceLostEndMs,
      events: {
        changed: () => this.changed(),
        lostForGood: () => void this.end({ cause: 'media-lost', silentForMs: this.#deps.rules.voiceLostEndMs }),
      },
    })
    this.#control = new VoiceControl({
      edge: media.edge,
      leg: this.leg,
      log: answered.log,
      logger: this.#deps.logger,
      mute: on => media.mute(on),
      held: () => this.#holdChanged(),
      keepsDigits: () => !answered.capture.card.isClosed,
      changed: () => this.changed(),
      transferred: () => void this.end({ cause: 'transferred' }),
      notTransferred: () => void this.end(endOf(this.leg.gone.reason as LegGone, this.#phase)),
      consultation: (hold, transfer) =>
        new Consultation({
          ...{ callId: this.id, agent: seat.agent.id, callerLeg: this.leg, media, hold, transfer },
          ...{ log: answered.log, deps: this.#deps, changed: () => this.changed() },
        }),
      mayReach: to => new NumberPatterns(this.#deps.rules.transferTo).allows(to),
    })
  }

  /** Entry 0 of the journal starts the clock; then whatever is recorded begins. */
  #begin(answered: AnsweredCall, seat: AgentSeat): void {
    const { voice } = this
    const media = this.#media
    const edge = media?.carriesVoice ? media.edge : undefined
    this.#phase = 'talking'
    this.#answeredAt = new Date()
    this.clock.start()
    answered.log.write({
      type: 'call.answered',
      callId: this.id,
      wallClock: this.#answeredAt.toISOString(),
      from: voice.from,
      to: voice.to,
      agent: seat.agent,
      ...(edge && { voiceCodec: edge.codec }),
    })
    if (voice.place !== 'here') {
      const { name, attributes, scenarioId } = voice.facts
      answered.log.write({ type: 'call.external', name, attributes })
      answered.scenario.begin(scenarioId)
    } else answered.scenario.begin()
    this.join({ id: seat.participantId, role: 'agent', displayName: seat.agent.name })
    answered.capture.begin(edge)
    if (media?.room) answered.camera.watch(media.room)
    if (media?.room) answered.share.watch(media.room)
  }

  #reached(leg: CallLeg): void {
    const [answered, seat] = [this.#answered, this.#seat]
    if (this.#phase !== 'dialling' || !answered || !seat || this.voice.place !== 'here') {
      void leg.hangUp('given up before the answer')
      return
    }
    this.voice.answered(leg)
    leg.onInfoDigit(digit => this.#keyPressed(digit))
    leg.gone.addEventListener('abort', () => this.#legGone(leg.gone.reason as LegGone), { once: true })
    this.#openControl(answered, seat)
    this.#begin(answered, seat)
    this.#deps.events.callAnswered(this.id, performance.now() - this.#beganMs)
    this.changed()
    if (leg.gone.aborted) this.#legGone(leg.gone.reason as LegGone)
  }
  #notReached(error: unknown): void {
    if (this.#phase !== 'dialling') return
    const { kind, status, reason } =
      error instanceof CallFailed ? error : { kind: 'failed' as const, status: 500, reason: 'dialling failed' }
    void this.end({ cause: 'not-reached', failure: kind, sipStatus: status, reason: reason.slice(0, 80) })
  }

  async #unanswer(why: string): Promise<void> {
    if (this.#phase !== 'answering') return
    const [seat, answered] = [this.#seat, this.#answered]
    this.#phase = 'ringing'
    this.#seat = undefined
    this.#answered = undefined
    this.agentVoice.close()
    this.#deps.logger.warn({ callId: this.id, why }, 'call rings again')
    this.#ringNoLongerThan(this.#deps.rules.ringTimeoutMs)
    if (seat) {
      this.#media?.room?.dropParticipant(seat.participantId)
      seat.notify('media.lost', { callId: this.id })
    }
    this.changed()
    this.#discarding = answered?.archive.discard()
    await this.#discarding
  }

  #tell(entry: JournalEntry): void {
    if (this.onlookers.agentSees(entry)) this.#seat?.entry(this.id, entry)
    this.onlookers.entry(entry)
    if (callerSees(entry)) this.caller.entry(entry)
    if (this.voice.place !== 'here') this.voice.noticed(entry)
  }

  #mediaEvents(): CallMediaEvents {
    return {
      agentVoice: () => this.#agentHeard(),
      browserVoice: () => this.agentVoice.browserHeard(),
      callerVoice: state => this.#callerVoice(state),
      roomOpened: room => this.#roomOpened(room),
      roomLost: () => void this.#roomLost(),
    }
  }

  #roomOpened(room: MediaRoom): void {
    tellConsumers(room, this.id, () => this.#seat)
    tellConsumers(room, this.id, () => this.caller)
    this.onlookers.watch(room)
    this.#answered?.camera.watch(room)
    this.#answered?.share.watch(room)
  }

  /** The media worker died. The phone call stands; both pages come back into a new room. */
  async #roomLost(): Promise<void> {
    const log = this.#answered?.log
    log?.write({ type: 'media.lost' })
    try {
      await this.#media?.readyRoom()
      log?.write({ type: 'media.back' })
    } catch (error) {
      this.#deps.events.fault('media room', error)
    }
    this.#seat?.notify('media.lost', { callId: this.id })
    this.caller.mediaLost()
    this.onlookers.mediaLost()
  }
}

function endOf(gone: LegGone, phase: Phase): CallEnd {
  const reason = gone.reason && { reason: gone.reason }
  if (gone.by === 'peer') return { cause: phase === 'talking' ? 'caller-hung-up' : 'abandoned', ...reason }
  if (gone.by === 'dialog-lost' || gone.by === 'session-expired') return { cause: 'line-lost', why: gone.by }
  return { cause: 'failed', message: gone.by }
}
