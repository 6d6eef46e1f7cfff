import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CameraAbilities, CameraControl, ControlOutcome } from '../../signaling/protocol/phone.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CallerSeat } from '../calls/caller-seat.ts'
import type { CallConsents } from './call-consents.ts'
import type { CallScenario } from './call-scenario.ts'

export type CallPhoneOptions = {
  readonly callId: CallId
  readonly log: CallLog
  readonly consents: CallConsents
  readonly scenario: CallScenario
  readonly caller: Pick<CallerSeat, 'notify'>
  readonly changed: () => void
}

/** The caller's phone as a tool of the call: what its camera can do, what it is asked to do, and what came of it. */
export class CallPhone {
  readonly #o: CallPhoneOptions
  #abilities: CameraAbilities | undefined
  #holdStill = false

  constructor(o: CallPhoneOptions) {
    this.#o = o
  }

  get abilities(): CameraAbilities | undefined {
    return this.#abilities
  }
  get holdStill(): boolean {
    return this.#holdStill
  }

  /** The camera runs (anew): what it can do, and nothing is set on it yet. */
  can(by: ParticipantId, abilities: CameraAbilities): void {
    if (JSON.stringify(abilities) !== JSON.stringify(this.#abilities))
      this.#o.log.write({ type: 'camera.abilities', by, abilities })
    this.#abilities = abilities
    this.#o.changed()
  }

  /**
   * Lets the phone put a question to the caller. The answer comes as an entry.
   * @throws AppError `unavailable` while the phone has no connection
   */
  ask(by: ParticipantId, kind: ConsentKind): void {
    const { callId, caller, log } = this.#o
    if (!caller.notify('consent.wanted', { callId, kind })) throw notThere()
    log.write({ type: 'consent.asked', by, kind })
  }

  /**
   * Has the camera operated. Who operates needs the caller's leave: the phone asks when it was never given, and a
   * refusal stands until the agent asks again in so many words.
   * @throws AppError `forbidden`, `unavailable` while the phone has no connection
   */
  operate(by: ParticipantId, control: CameraControl): void {
    const { callId, caller, consents, log, scenario } = this.#o
    scenario.require('camera-control')
    const asks = control.kind !== 'hold-still' && !consents.has('control')
    if (asks && consents.view.control === false) consents.require('control')
    if (!caller.notify('camera.control', { callId, control })) throw notThere()
    if (asks) log.write({ type: 'consent.asked', by, kind: 'control' })
  }

  controlled(by: ParticipantId, control: CameraControl, outcome: ControlOutcome): void {
    this.#o.log.write({ type: 'camera.controlled', by, control, outcome })
    if (control.kind !== 'hold-still' || outcome !== 'done') return
    this.#holdStill = control.on
    this.#o.changed()
  }

  /** Another browser took the caller's place: it has another camera, and holds nothing still. */
  forget(): void {
    this.#abilities = undefined
    this.#holdStill = false
  }
}

const notThere = () => new AppError('unavailable', 'the phone is not connected at the moment')
