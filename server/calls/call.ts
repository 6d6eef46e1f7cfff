import type { MediaRoom } from '../../media/room/media-room.ts'
import type { CallEnd, CallView } from '../../signaling/protocol/call.ts'
import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import type { CallLeg, LegGone } from '../../signaling/sip/call-leg.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import { requireDialler } from '../dialling/dialler.ts'
import { type Agent, AgentSeat } from './agent-seat.ts'
import { AgentVoice } from './agent-voice.ts'
import { AnsweredCall } from './answered-call.ts'
import type { Answered, Beginning } from './beginning.ts'
import { CallAudience } from './call-audience.ts'
import { CallClock } from './call-clock.ts'
import { lineGone } from './call-end.ts'
import { CallMedia, type CallMediaEvents } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import { callView } from './call-view.ts'
import { type CallVoice, CarriedVoice, otherNumber, VoiceElsewhere } from './call-voice.ts'
import { CallerSeat } from './caller-seat.ts'
import { closing } from './closing.ts'
import type { DialProgress } from './dialled-leg.ts'
import { Dialling } from './dialling.ts'
import type { ExternalVoice } from './external-voice.ts'
import { LiveVoice } from './live-voice.ts'
import { Onlookers } from './onlookers.ts'
import { phoneEvents } from './phone-events.ts'
import { Ringing } from './ringing.ts'
import { openSeatTransports } from './seat-media.ts'
import { Timers } from './timers.ts'
import type { GivenLine } from './transfer-bridge.ts'
import type { VoiceControl } from './voice-control.ts'

export type Phase = 'ringing' | 'dialling' | 'answering' | 'talking' | 'ended'

/** From the moment the agent is heard. Without a voice of its own when the call is held elsewhere. */
type Talk = { readonly seat: AgentSeat; readonly answered: AnsweredCall; readonly voice: LiveVoice | undefined }

/** One live call: it has one clock, one owner, one journal. Everything that happens in it is decided here. */
export class Call {
  readonly id: CallId
  readonly voice: CallVoice
  readonly clock = new CallClock()
  readonly rangAt = new Date()
  readonly caller = new CallerSeat(this)
  readonly onlookers = new Onlookers(this)
  readonly agentVoice: AgentVoice
  readonly #audience = new CallAudience(this)
  readonly #deps: CallDeps
  readonly #timers = new Timers()
  #media: CallMedia | undefined
  /** What leads to the talk; a call that is held elsewhere has none. */
  #beginning: Ringing | Dialling | undefined
  #talk: Talk | undefined
  #end: CallEnd | undefined
  #ending: Promise<void> | undefined

  private constructor(voice: CallVoice, deps: CallDeps) {
    this.id = newId('call')
    this.voice = voice
    this.#deps = deps
    this.agentVoice = new AgentVoice({
      callId: this.id,
      caller: otherNumber(voice),
      media: () => this.#media,
      deps,
      events: phoneEvents(this, () => this.#ringing),
    })
  }

  /** Media first, then ringing. @throws what the media edge throws; the leg is then still to be rejected. */
  static async ring(leg: CallLeg, deps: CallDeps): Promise<Call> {
    const call = new Call(new CarriedVoice(leg), deps)
    const { media, sdp } = await CallMedia.open({ callId: call.id, leg, deps, events: call.#mediaEvents() })
    call.#media = media
    if (leg.gone.aborted) {
      await media.close()
      throw new AppError('gone', 'the caller gave up')
    }
    const { agentVoice } = call
    call.#beginning = new Ringing({ ...call.#forBeginning(), leg, media, answerSdp: sdp, agentVoice })
    call.#listen(leg)
    leg.ring()
    deps.events.callRang(call.id)
    return call
  }

  /**
   * A call that another system holds and its agent speaks in already: the picture comes to it, the voice does not.
   * @throws the file system's error: without a folder there is no record
   */
  static async external(voice: ExternalVoice, agent: Agent, deps: CallDeps): Promise<Call> {
    const call = new Call(voice, deps)
    const media = CallMedia.withoutVoice({ callId: call.id, deps, events: call.#mediaEvents() })
    call.#media = media
    const answered = await call.#openAnswered()
    call.#begin({ seat: new AgentSeat(newId('part'), agent), answered, media, leg: undefined })
    const { limitMs } = voice.facts
    call.#timers.after(limitMs, () => void call.end({ cause: 'time-limit', limitMs }))
    deps.events.callAnswered(call.id, 0)
    return call
  }

  /** A call of an agent's to somebody; it is begun with `dial`. @throws AppError `forbidden`, `too-many`, `unavailable` */
  static out(agent: Agent, to: string, deps: CallDeps): Call {
    const dialler = requireDialler(deps.dialler())
    const place = dialler.reserve(agent.id, to)
    const call = new Call(new CarriedVoice({ direction: 'out', from: dialler.fromNumber, to }), deps)
    const seat = new AgentSeat(newId('part'), agent)
    call.#beginning = new Dialling({ ...call.#forBeginning(), to, seat, place })
    return call
  }

  /** The INVITE leaves; the agent hears what the network plays. @throws AppError, PortsExhausted, RoomError; the call has then ended */
  async dial(connection: Connection, capabilities: RtpCapabilities): Promise<AgentSession> {
    const dialling = this.#beginning
    if (this.phase !== 'dialling' || !(dialling instanceof Dialling) || this.#media)
      throw new AppError('conflict', 'a call is dialled once')
    dialling.seat.attach(connection)
    try {
      this.#media = await CallMedia.forCallOut({ callId: this.id, deps: this.#deps, events: this.#mediaEvents() })
      await dialling.start(this.#media)
      return await this.#session(dialling.seat, capabilities)
    } catch (error) {
      await this.end({ cause: 'failed', message: 'dialling failed' })
      // It may have ended before it had media to close.
      await this.#media?.close()
      throw error
    }
  }

  get dialling(): DialProgress | undefined {
    return this.phase === 'dialling' && this.#beginning instanceof Dialling ? this.#beginning.progress : undefined
  }

  get phase(): Phase {
    if (this.#end) return 'ended'
    if (this.#talk) return 'talking'
    return this.#beginning?.phase ?? 'answering'
  }
  get seat(): AgentSeat | undefined {
    return (this.#talk ?? this.#beginning)?.seat
  }
  /** From the moment an agent has taken the call, or calls. */
  get #answered(): AnsweredCall | undefined {
    return (this.#talk ?? this.#beginning)?.answered
  }
  get deps(): CallDeps {
    return this.#deps
  }
  /** @throws AppError when the call is not being talked on */
  get live(): AnsweredCall {
    if (this.#end) throw new AppError('gone', 'the call has ended')
    if (!this.#talk) throw new AppError('conflict', 'the call has not been answered')
    return this.#talk.answered
  }
  /** @throws AppError when the call is not being talked on; VoiceElsewhere */
  get voiceControl(): VoiceControl {
    const voice = this.live && this.#talk?.voice
    if (!voice) throw new VoiceElsewhere()
    return voice.control
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
    if (!media || this.#end) throw new AppError('gone', 'the call has ended')
    return media.readyRoom()
  }

  view(): CallView {
    return callView({ call: this, record: this.#answered, liveVoice: this.#talk?.voice, end: this.#end })
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
    const ringing = this.#beginning
    if (this.phase !== 'ringing' || !(ringing instanceof Ringing))
      throw new AppError('conflict', 'somebody else has answered this call')
    const seat = new AgentSeat(newId('part'), agent, connection)
    return ringing.take(seat, by, () => this.#session(seat, capabilities))
  }

  /** The agent changes to the phone or to the page, also while the phone still rings. @throws AppError, PortsExhausted */
  async speakBy(by: SpeaksBy): Promise<void> {
    const { phase, seat } = this
    if (this.voice.place !== 'here') throw new VoiceElsewhere()
    if (!seat || (phase !== 'answering' && phase !== 'talking'))
      throw new AppError('conflict', 'the call has not been answered')
    if (by === 'phone') await this.agentVoice.byPhone(seat.agent.id)
    else if (phase === 'answering') this.#ringing?.byMicrophone()
    else this.agentVoice.byBrowser()
  }

  /** The agent's page came back, or the agent opened another: it takes the seat and gets new transports. */
  async attach(agent: Agent, connection: Connection, capabilities: RtpCapabilities): Promise<AgentSession> {
    const { seat } = this
    if (this.#end) throw new AppError('gone', 'the call has ended')
    if (!seat || seat.agent.id !== agent.id) throw new AppError('forbidden', 'this is not your call')
    seat.attach(connection)
    this.#media?.room?.dropParticipant(seat.participantId)
    return this.#session(seat, capabilities)
  }

  /** The page's socket closed. Its media may live on: only missing voice makes the agent "away". */
  detached(connection: Connection): void {
    this.seat?.detach(connection)
    if (this.phase === 'answering') void this.#ringing?.giveBack('the agent left')
    this.changed()
  }

  /** Whether somebody of the house looked on under this id; also after having left. */
  isSupervisor(id: ParticipantId): boolean {
    return this.#answered?.participants.isSupervisor(id) === true
  }

  changed(): void {
    this.#deps.changed(this.id)
  }

  /** Called a few times a second by the desk: notices that the agent is not heard any more. */
  tick(): void {
    this.#talk?.voice?.tick()
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
    this.#end = end
    this.#timers.close()
    this.#beginning?.close()
    this.agentVoice.close()
    await this.#talk?.voice?.close()
    await closing({ call: this, end, media: this.#media, answered: this.#answered, deps: this.#deps })
  }

  get #ringing(): Ringing | undefined {
    return this.#beginning instanceof Ringing ? this.#beginning : undefined
  }

  async #session(seat: AgentSeat, capabilities: RtpCapabilities): Promise<AgentSession> {
    const media = this.#media
    if (!media) throw new AppError('gone', 'the call has ended')
    const transports = await openSeatTransports({ media, seat, capabilities, deps: this.#deps })
    return {
      call: this.view(),
      participantId: seat.participantId,
      entries: this.#audience.agentSees(this.#answered?.log.entries ?? []),
      ...(media.carriesVoice && { voiceCodec: media.edge.codec }),
      ...transports,
    }
  }

  #openAnswered(): Promise<AnsweredCall> {
    return AnsweredCall.open({
      callId: this.id,
      voice: this.voice,
      deps: this.#deps,
      clock: this.clock,
      caller: this.caller,
      events: { tell: entry => this.#audience.entry(entry), changed: () => this.changed() },
    })
  }

  #forBeginning(): Beginning {
    return {
      callId: this.id,
      deps: this.#deps,
      openAnswered: () => this.#openAnswered(),
      events: {
        changed: () => this.changed(),
        answered: o => {
          if (this.voice.place === 'here' && this.voice.answeredLeg === undefined) {
            this.voice.answered(o.leg)
            this.#listen(o.leg)
          }
          this.#begin(o)
        },
        ended: end => void this.end(end),
      },
    }
  }

  /** The call is answered: from here on it is talked on, and recorded. */
  #begin({ seat, answered, media, leg }: Omit<Answered, 'leg'> & { readonly leg: CallLeg | undefined }): void {
    const events = {
      changed: () => this.changed(),
      ended: (end: CallEnd) => void this.end(end),
      handOver: () => this.#handOver(),
    }
    const voice =
      leg && new LiveVoice({ callId: this.id, agent: seat.agent.id, leg, media, answered, deps: this.#deps, events })
    this.#talk = { seat, answered, voice }
    answered.begin(seat, media)
  }

  /** The caller's line goes on without this call; undefined where the call is ending already. */
  #handOver(): GivenLine | undefined {
    const { voice } = this
    const media = this.#media
    if (this.#end || !media || voice.place !== 'here' || voice.leg.gone.aborted) return undefined
    const place = this.#beginning instanceof Dialling ? this.#beginning.givePlace() : undefined
    return { leg: voice.handOver(), edge: media.handOver(), place }
  }

  #listen(leg: CallLeg): void {
    const gone = () => this.#lineGone(leg.gone.reason as LegGone)
    leg.onInfoDigit(digit => this.#talk?.voice?.callerPressed(digit))
    leg.gone.addEventListener('abort', gone, { once: true })
    // Whoever answers and hangs up at once has been answered first.
    if (leg.gone.aborted) queueMicrotask(gone)
  }

  /** Of a far end that hangs up in a transfer the transfer itself knows whether it was because of that. */
  #lineGone(gone: LegGone): void {
    if (gone.by === 'peer' && this.#talk?.voice?.isTransferring === true) return
    void this.end(lineGone(gone, this.#talk !== undefined))
  }

  #agentHeard(): void {
    if (this.#talk) this.#talk.voice?.agentHeard()
    else if (this.agentVoice.by === 'browser') void this.#ringing?.agentHeard()
  }

  #mediaEvents(): CallMediaEvents {
    return {
      agentVoice: () => this.#agentHeard(),
      browserVoice: () => this.agentVoice.browserHeard(),
      callerVoice: state => this.#talk?.voice?.caller(state),
      roomOpened: room => {
        this.#audience.watch(room)
        this.#answered?.watch(room)
      },
      roomLost: () => void this.#roomLost(),
    }
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
    this.#audience.mediaLost()
  }
}
