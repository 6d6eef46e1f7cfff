import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { ExternalVoice } from './external-voice.ts'

/** The voice of a call that we carry: its leg towards the telephone network. */
export class CarriedVoice {
  readonly place = 'here'
  readonly leg: CallLeg

  constructor(leg: CallLeg) {
    this.leg = leg
  }

  get from(): string {
    return this.leg.from
  }
  get to(): string {
    return this.leg.to
  }
}

/** Where the voice of a call is. A call owns one, from its first moment to its last. */
export type CallVoice = CarriedVoice | ExternalVoice

/** What asks for a leg or for packets of a voice that runs in another system. */
export class VoiceElsewhere extends AppError {
  constructor() {
    super('conflict', 'the voice of this call runs in another system')
  }
}
