import { AppError } from '../../signaling/protocol/errors.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import type { SipDoor } from '../../signaling/sip/sip-door.ts'
import type { Trunk } from '../../signaling/sip/trunk.ts'
import type { DialPlace, DialPolicy } from './dial-policy.ts'

export type PlacedCall = {
  /** @throws CallFailed */
  readonly answered: Promise<{ leg: CallLeg; answerSdp: string }>
  readonly from: string
  giveUp(): void
}

/** The way out: one trunk, and the policy before it. */
export class Dialler {
  readonly #trunk: Trunk
  readonly #policy: DialPolicy
  readonly #call: SipDoor['call']

  constructor(o: { trunk: Trunk; policy: DialPolicy; call: SipDoor['call'] }) {
    this.#trunk = o.trunk
    this.#policy = o.policy
    this.#call = o.call
  }

  get isOpen(): boolean {
    return this.#policy.isOpen
  }

  get fromNumber(): string {
    return this.#trunk.fromNumber
  }

  /** A place for a call of this agent to that number, to be given back when it is over. @throws AppError `forbidden`, `too-many` */
  reserve(agent: UserId, to: string): DialPlace {
    return this.#policy.begin(agent, to)
  }

  place(o: { to: string; sdp: string; onProvisional: (status: number, sdp: string | undefined) => void }): PlacedCall {
    const abort = new AbortController()
    const answered = this.#call({ ...o, trunk: this.#trunk, signal: abort.signal })
    answered.catch(() => {})
    return { answered, from: this.#trunk.fromNumber, giveUp: () => abort.abort() }
  }
}

/** @throws AppError `unavailable` where there is no trunk */
export function requireDialler(dialler: Dialler | undefined): Dialler {
  if (dialler === undefined) throw new AppError('unavailable', 'this server has no trunk to call out by')
  return dialler
}
