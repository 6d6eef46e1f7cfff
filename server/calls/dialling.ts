import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { DialPlace } from '../dialling/dial-policy.ts'
import { requireDialler } from '../dialling/dialler.ts'
import type { AgentSeat } from './agent-seat.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { Beginning } from './beginning.ts'
import { notReached } from './call-end.ts'
import type { CallMedia } from './call-media.ts'
import { DialledLeg, type DialProgress } from './dialled-leg.ts'
import { Timers } from './timers.ts'

type DiallingOptions = Beginning & {
  readonly to: string
  readonly seat: AgentSeat
  /** That this call takes among those that go out. */
  readonly place: DialPlace
}

/** A call of an agent's to somebody, until it is answered; its place among those that go out it takes to the end. */
export class Dialling {
  readonly phase = 'dialling'
  readonly seat: AgentSeat
  readonly #o: DiallingOptions
  readonly #timers = new Timers()
  readonly #beganMs = performance.now()
  #answered: AnsweredCall | undefined
  #leg: DialledLeg | undefined
  #isOver = false
  #gavePlace = false

  constructor(o: DiallingOptions) {
    this.#o = o
    this.seat = o.seat
  }

  get answered(): AnsweredCall | undefined {
    return this.#answered
  }
  get progress(): DialProgress {
    return this.#leg?.progress ?? 'trying'
  }

  /** The INVITE leaves. @throws AppError `gone` when the call has ended meanwhile, `unavailable`; the file system's error */
  async start(media: CallMedia): Promise<void> {
    const { callId, to, deps, events } = this.#o
    const answered = await this.#o.openAnswered()
    if (this.#isOver) {
      await answered.archive.discard()
      throw new AppError('gone', 'the call has ended')
    }
    this.#answered = answered
    const dialler = requireDialler(deps.dialler())
    this.#leg = new DialledLeg({ callId, to, edge: media.edge, dialler, deps, changed: events.changed })
    const { ringTimeoutMs } = deps.rules
    this.#timers.after(ringTimeoutMs, () => events.ended({ cause: 'no-answer', rangForMs: ringTimeoutMs }))
    this.#leg.answered.then(
      leg => this.#reached(leg, answered, media),
      error => {
        if (!this.#isOver) events.ended(notReached(error))
      },
    )
  }

  /** The call has ended, answered or not. */
  close(): void {
    this.#over()
    this.#leg?.giveUp()
    if (!this.#gavePlace) this.#o.place.release()
  }

  /** The line goes on when this call has ended, and keeps its place. */
  givePlace(): DialPlace {
    this.#gavePlace = true
    return this.#o.place
  }

  #reached(leg: CallLeg, answered: AnsweredCall, media: CallMedia): void {
    if (this.#isOver) {
      void leg.hangUp('given up before the answer')
      return
    }
    this.#over()
    const { callId, deps, events } = this.#o
    events.answered({ seat: this.seat, answered, media, leg })
    deps.events.callAnswered(callId, performance.now() - this.#beganMs)
    events.changed()
  }

  #over(): void {
    this.#isOver = true
    this.#timers.close()
  }
}
