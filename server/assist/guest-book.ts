import { createHash, randomBytes } from 'node:crypto'
import type { Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'

/** An expert let into one call by a link. */
export type Guest = {
  readonly participantId: ParticipantId
  readonly callId: CallId
  readonly name: string
  readonly language: Language
  readonly expiresAtMs: number
  spent: boolean
  removed: boolean
}

/** From issuing the link to opening it; the seat behind it lives as long as the call. */
export const GUEST_LINK_TTL_MS = 30 * 60_000
const MAX_GUESTS_PER_CALL = 4

const hash = (token: string) => createHash('sha256').update(token).digest('hex')

/** The links of experts: 128 random bits, hashed, good once, bound to one call. */
export class GuestBook {
  readonly #byToken = new Map<string, Guest>()
  readonly #byId = new Map<ParticipantId, Guest>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  /** @throws AppError `too-many` */
  issue(o: { callId: CallId; name: string; language: Language }): { guest: Guest; token: string } {
    this.#forgetOld()
    const there = [...this.#byId.values()].filter(one => one.callId === o.callId && !one.removed)
    if (there.length >= MAX_GUESTS_PER_CALL) throw new AppError('too-many', 'no more experts in one call')
    const token = randomBytes(16).toString('base64url')
    const guest: Guest = {
      ...o,
      participantId: newId('part'),
      expiresAtMs: this.#nowMs() + GUEST_LINK_TTL_MS,
      spent: false,
      removed: false,
    }
    this.#byToken.set(hash(token), guest)
    this.#byId.set(guest.participantId, guest)
    return { guest, token }
  }

  /** Looks without spending: what a GET does. */
  find(token: string): Guest | undefined {
    return this.#byToken.get(hash(token))
  }

  /** @throws AppError `not-found`, `gone` (run out, shown out, call over), `conflict` (used) */
  spend(token: string): Guest {
    const guest = this.find(token)
    if (!guest) throw new AppError('not-found', 'this link leads nowhere')
    if (guest.removed || guest.expiresAtMs <= this.#nowMs()) throw new AppError('gone', 'this link has run out')
    if (guest.spent) throw new AppError('conflict', 'this link was used already')
    guest.spent = true
    return guest
  }

  /** The guest behind a session cookie, unless shown out. */
  seated(id: ParticipantId): Guest | undefined {
    const guest = this.#byId.get(id)
    return guest?.spent && !guest.removed ? guest : undefined
  }

  remove(id: ParticipantId): void {
    const guest = this.#byId.get(id)
    if (guest) guest.removed = true
  }

  callEnded(callId: CallId): void {
    for (const [key, guest] of this.#byToken) if (guest.callId === callId) this.#byToken.delete(key)
    for (const [key, guest] of this.#byId) if (guest.callId === callId) this.#byId.delete(key)
  }

  #forgetOld(): void {
    for (const [key, guest] of this.#byToken) {
      if (guest.spent || guest.expiresAtMs > this.#nowMs()) continue
      this.#byToken.delete(key)
      this.#byId.delete(guest.participantId)
    }
  }
}
