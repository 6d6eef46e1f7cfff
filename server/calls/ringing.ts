import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { AgentSeat } from './agent-seat.ts'
import type { AgentVoice } from './agent-voice.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { Beginning } from './beginning.ts'
import type { CallMedia } from './call-media.ts'
import { Timers } from './timers.ts'

/** From the agent's press on "answer" to the first packet of the microphone. */
const ANSWER_TIMEOUT_MS = 15_000

type RingingOptions = Beginning & {
  readonly leg: CallLeg
  readonly media: CallMedia
  /** What the 200 OK will say. */
  readonly answerSdp: string
  readonly agentVoice: AgentVoice
}

type Taken = { readonly seat: AgentSeat; readonly pressedMs: number; answered: AnsweredCall | undefined }

/**
 * A call that came in, until it is answered: it rings, an agent takes it, and it rings again when that agent is not heard.
 * The caller hears ringing all the time.
 */
export class Ringing {
  readonly #o: RingingOptions
  readonly #timers = new Timers()
  #taken: Taken | undefined
  /** Until it is done, the folder that the next record is to have may be another's. */
  #clearing: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(o: RingingOptions) {
    this.#o = o
    this.#ringOn()
  }

  get phase(): 'ringing' | 'answering' {
    return this.#taken ? 'answering' : 'ringing'
  }
  get seat(): AgentSeat | undefined {
    return this.#taken?.seat
  }
  get answered(): AnsweredCall | undefined {
    return this.#taken?.answered
  }

  /**
   * An agent takes the call. The 200 OK leaves when the microphone is heard, or the agent's phone has answered.
   * @param entered makes what the agent's page needs; when it fails the call rings again
   * @throws AppError `conflict`, `gone`, those of the phone; what `entered` throws
   */
  async take<T>(seat: AgentSeat, by: SpeaksBy, entered: () => Promise<T>): Promise<T> {
    if (this.#isOver || this.#taken) throw new AppError('conflict', 'somebody else has answered this call')
    const taken: Taken = { seat, pressedMs: performance.now(), answered: undefined }
    this.#taken = taken
    this.#o.events.changed()
    try {
      const opening = this.#open(taken)
      this.#clearing = opening.then(
        () => {},
        () => {},
      )
      taken.answered = await opening
      if (by === 'phone') await this.#o.agentVoice.byPhone(seat.agent.id)
      else this.byMicrophone()
      return await entered()
    } catch (error) {
      if (this.#isWaitedFor(taken)) await this.giveBack('answering failed')
      throw error
    }
  }

  /** The microphone of the page that has taken the call is to be heard in time. */
  byMicrophone(): void {
    const taken = this.#taken
    this.#o.agentVoice.byBrowser()
    this.#timers.after(ANSWER_TIMEOUT_MS, () => {
      if (taken && this.#isWaitedFor(taken) && this.#o.agentVoice.by === 'browser')
        void this.giveBack('the microphone was not heard in time')
    })
  }

  /** By a packet of the microphone, or by the phone: the call is answered. */
  async agentHeard(): Promise<void> {
    const taken = this.#taken
    if (!taken?.answered || this.#isOver) return
    const { callId, leg, media, answerSdp, agentVoice, deps, events } = this.#o
    this.close()
    events.answered({ seat: taken.seat, answered: taken.answered, media, leg })
    if (agentVoice.by === 'phone') taken.answered.log.write({ type: 'agent.speaks', by: 'phone' })
    media.edge.startSilence()
    try {
      await leg.answer(answerSdp)
    } catch (error) {
      deps.logger.warn({ callId, err: error }, 'the answer did not reach the caller')
      events.ended({ cause: 'failed', message: 'the answer did not reach the caller' })
      return
    }
    deps.events.callAnswered(callId, performance.now() - taken.pressedMs)
    events.changed()
  }

  /** The agent who has taken the call is not there: it rings for all again. */
  async giveBack(why: string): Promise<void> {
    const taken = this.#taken
    if (!taken || this.#isOver) return
    const { callId, media, agentVoice, deps, events } = this.#o
    this.#taken = undefined
    agentVoice.close()
    deps.logger.warn({ callId, why }, 'call rings again')
    this.#ringOn()
    media.room?.dropParticipant(taken.seat.participantId)
    taken.seat.notify('media.lost', { callId })
    events.changed()
    if (taken.answered) this.#clearing = taken.answered.archive.discard()
    await this.#clearing
  }

  /** Answered, or ended before that. */
  close(): void {
    this.#isOver = true
    this.#timers.close()
  }

  /** One that nobody waits for any more is cleared away again. */
  async #open(taken: Taken): Promise<AnsweredCall> {
    await this.#clearing
    const answered = await this.#o.openAnswered()
    if (this.#isWaitedFor(taken)) return answered
    await answered.archive.discard()
    throw new AppError('gone', 'the caller gave up')
  }

  #isWaitedFor(taken: Taken): boolean {
    return !this.#isOver && this.#taken === taken
  }

  #ringOn(): void {
    const { ringTimeoutMs } = this.#o.deps.rules
    this.#timers.after(ringTimeoutMs, () => {
      if (!this.#taken) this.#o.events.ended({ cause: 'no-answer', rangForMs: ringTimeoutMs })
    })
  }
}
