import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { ExternalVoice } from './external-voice.ts'

/** The voice of a call that we carry: its leg towards the telephone network, as soon as there is one. */
export class CarriedVoice {
  readonly place = 'here'
  readonly direction: 'in' | 'out'
  readonly from: string
  readonly to: string
  #leg: CallLeg | undefined
  #handedOver = false

  /** @param o the leg of a call that came in; or whom a call of ours is to reach */
  constructor(o: CallLeg | { readonly direction: 'out'; readonly from: string; readonly to: string }) {
    this.direction = o.direction
    this.from = o.from
    this.to = o.to
    if ('gone' in o) this.#leg = o
  }

  /** @throws AppError `conflict` before a call of ours is answered */
  get leg(): CallLeg {
    if (this.#leg === undefined) throw new AppError('conflict', 'nobody has answered yet')
    return this.#leg
  }
  get answeredLeg(): CallLeg | undefined {
    return this.#leg
  }

  answered(leg: CallLeg): void {
    this.#leg = leg
  }

  /** The leg goes on without this call, which has no more to end. @throws AppError `conflict` */
  handOver(): CallLeg {
    this.#handedOver = true
    return this.leg
  }
  get handedOver(): boolean {
    return this.#handedOver
  }
}

/** Where the voice of a call is. A call owns one, from its first moment to its last. */
export type CallVoice = CarriedVoice | ExternalVoice

/** The number of the person at the other end: who called, or whom the agent called. */
export function otherNumber(voice: CallVoice): string {
  return voice.place === 'here' && voice.direction === 'out' ? voice.to : voice.from
}

/** What asks for a leg or for packets of a voice that runs in another system. */
export class VoiceElsewhere extends AppError {
  constructor() {
    super('conflict', 'the voice of this call runs in another system')
  }
}
