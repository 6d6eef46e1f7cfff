import type { DeskPhone, SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import type { SipDoor } from '../../signaling/sip/sip-door.ts'
import type { Trunk } from '../../signaling/sip/trunk.ts'
import { NumberPatterns } from '../calls/number-patterns.ts'
import type { User } from '../store/users.ts'
import type { PlacedCall } from './dialler.ts'

type KnownUsers = {
  byId(id: UserId): Pick<User, 'deskPhone' | 'speaksBy'> | undefined
  change(id: UserId, o: { speaksBy: SpeaksBy }): Promise<void>
}

type DeskPhonesOptions = {
  readonly users: KnownUsers
  /** Patterns of what may be somebody's phone (see NumberPatterns). */
  readonly allow: readonly string[]
  /** By which numbers are reached; SIP addresses are called directly. */
  readonly trunk: Trunk | undefined
  readonly call: SipDoor['call']
}

/** The telephones of the house's agents: which of them may be rung, and how. */
export class DeskPhones {
  readonly #o: DeskPhonesOptions
  readonly #patterns: NumberPatterns

  constructor(o: DeskPhonesOptions) {
    this.#o = o
    this.#patterns = new NumberPatterns(o.allow)
  }

  /** Undefined for whom the operator gave none, or none that may and can be called. */
  of(agent: UserId): DeskPhone | undefined {
    const user = this.#o.users.byId(agent)
    const address = user?.deskPhone
    if (user === undefined || address === undefined || !this.#patterns.allows(address)) return undefined
    return this.#wayTo(address) && { address, by: user.speaksBy }
  }

  /** @throws AppError `conflict` for an agent without a phone */
  async choose(agent: UserId, by: SpeaksBy): Promise<void> {
    if (by === 'phone') this.require(agent)
    await this.#o.users.change(agent, { speaksBy: by })
  }

  /** @throws AppError `conflict` */
  require(agent: UserId): DeskPhone {
    const phone = this.of(agent)
    if (phone === undefined) throw new AppError('conflict', 'no desk phone is set for you')
    return phone
  }

  /** `caller`: the number that the phone shows. */
  place(o: {
    to: string
    caller: string
    sdp: string
    onProvisional: (status: number, sdp: string | undefined) => void
  }): PlacedCall {
    const { to, caller, sdp, onProvisional } = o
    const trunk = this.#wayTo(to)
    if (trunk === undefined) throw new AppError('unavailable', 'this server has no trunk to call a phone by')
    const abort = new AbortController()
    // A trunk takes our own number only; a phone of the house may be told by whom the call is.
    const from = trunk === this.#o.trunk ? trunk.fromNumber : caller || trunk.fromNumber
    const answered = this.#o.call({ to, from, displayName: caller, trunk, sdp, onProvisional, signal: abort.signal })
    answered.catch(() => {})
    return { answered, from, giveUp: () => abort.abort() }
  }

  #wayTo(address: string): Trunk | undefined {
    const host = /^(sips?):[^@]+@(.+)$/i.exec(address)
    if (host === null) return this.#o.trunk
    return { name: 'desk phone', proxy: `${host[1]}:${host[2]}`, fromNumber: 'anonymous' }
  }
}
