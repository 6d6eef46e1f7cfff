import { createHash, randomBytes, randomInt } from 'node:crypto'
import type { JoinRefusal, Language } from '../../signaling/protocol/call.ts'
import type { CallId, InviteId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { RateLimit } from '../auth/rate-limit.ts'

/** One visual assist code: a link and six spoken digits, both good once. */
export type Invite = {
  readonly id: InviteId
  readonly callId: CallId
  /** Only the hash is kept where an invite is looked up; the token itself is in the link the agent sees. */
  readonly tokenHash: string
  readonly digits: string
  readonly language: Language
  readonly expiresAtMs: number
  spentBy: { readonly deviceId: string } | undefined
  /** Withdrawn by a newer code or by the end of the call. */
  withdrawn: 'expired' | 'call-ended' | undefined
  wrongDigits: number
}

/** Any wrong guess counts against every open code, so that guessing from many addresses does not pay either. */
export const WRONG_DIGITS_PER_CODE = 20
/** Wrong guesses one address may make in ten minutes. */
export const WRONG_DIGITS_PER_ADDRESS = 5
const ADDRESS_WINDOW_MS = 600_000
/** How long a link explains itself after its call ended. */
const REMEMBER_ENDED_MS = 24 * 3600 * 1000

const hash = (token: string) => createHash('sha256').update(token).digest('hex')

/** All codes of this node, and the rules by which they are found. Never says whether a wrong code was close. */
export class InviteBook {
  readonly #byToken = new Map<string, Invite>()
  readonly #byDigits = new Map<string, Invite>()
  readonly #tickets = new Map<string, Invite>()
  readonly #guesses: RateLimit
  readonly #nowMs: () => number

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
    this.#guesses = new RateLimit({ limit: WRONG_DIGITS_PER_ADDRESS, windowMs: ADDRESS_WINDOW_MS, nowMs })
  }

  /** @returns the invite and its token (128 bits), which is not kept. */
  issue(o: { callId: CallId; language: Language; ttlMs: number }): { invite: Invite; token: string } {
    this.#forgetOld()
    const token = randomBytes(16).toString('base64url')
    let digits = ''
    do digits = String(randomInt(1_000_000)).padStart(6, '0')
    while (this.#byDigits.has(digits))
    const invite: Invite = {
      id: newId('inv'),
      callId: o.callId,
      tokenHash: hash(token),
      digits,
      language: o.language,
      expiresAtMs: this.#nowMs() + o.ttlMs,
      spentBy: undefined,
      withdrawn: undefined,
      wrongDigits: 0,
    }
    this.#byToken.set(invite.tokenHash, invite)
    this.#byDigits.set(digits, invite)
    return { invite, token }
  }

  withdraw(invite: Invite, why: 'expired' | 'call-ended'): void {
    invite.withdrawn ??= why
    this.#byDigits.delete(invite.digits)
  }

  /** The digits stop working once they have led to the page; the link carries on. */
  spend(invite: Invite, deviceId: string): void {
    invite.spentBy = { deviceId }
    this.#byDigits.delete(invite.digits)
  }

  /** The agent let another browser take the caller's place: from now on it is the one that spent the code. */
  rebind(invite: Invite, deviceId: string): void {
    invite.spentBy = { deviceId }
  }

  /** By the token of the link, or by a ticket that the right digits gave. */
  find(token: string): Invite | undefined {
    return this.#byToken.get(hash(token)) ?? this.#tickets.get(hash(token))
  }

  /** What a phone that knew the digits spends instead of the link's token. */
  ticket(invite: Invite): string {
    const token = randomBytes(16).toString('base64url')
    this.#tickets.set(hash(token), invite)
    return token
  }

  isTicket(invite: Invite, token: string): boolean {
    return invite.tokenHash !== hash(token)
  }

  /** Why this invite cannot be spent by that device, or undefined when it can. */
  refusal(invite: Invite, deviceId: string | undefined): JoinRefusal | undefined {
    if (invite.withdrawn === 'call-ended') return 'call-ended'
    if (invite.spentBy)
      return deviceId === undefined || invite.spentBy.deviceId === deviceId ? 'already-used' : 'other-device'
    if (invite.withdrawn === 'expired' || invite.expiresAtMs <= this.#nowMs()) return 'expired'
    return undefined
  }

  /**
   * The invite of six spoken digits. Both limits are checked before the digits are looked at, so that a locked
   * address learns nothing from a right guess.
   */
  byDigits(
    digits: string,
    addressKey: string,
  ): { invite: Invite } | { refusal: JoinRefusal; retryAfterMs?: number; lockedNow: Invite[] } {
    const blockedForMs = this.#guesses.blockedForMs(addressKey)
    if (blockedForMs > 0) return { refusal: 'locked', retryAfterMs: blockedForMs, lockedNow: [] }
    const invite = this.#byDigits.get(digits)
    if (invite && invite.wrongDigits < WRONG_DIGITS_PER_CODE && this.refusal(invite, undefined) === undefined) {
      this.#guesses.succeed(addressKey)
      return { invite }
    }
    this.#guesses.fail(addressKey)
    const lockedNow: Invite[] = []
    for (const open of this.#byDigits.values()) {
      open.wrongDigits++
      if (open.wrongDigits === WRONG_DIGITS_PER_CODE) lockedNow.push(open)
    }
    const left = this.#guesses.blockedForMs(addressKey)
    if (left > 0) return { refusal: 'locked', retryAfterMs: left, lockedNow }
    return { refusal: 'wrong-digits', lockedNow }
  }

  /** Codes still open: those against which a wrong guess counts. */
  open(): Invite[] {
    return [...this.#byDigits.values()]
  }

  #forgetOld(): void {
    const nowMs = this.#nowMs()
    for (const invite of this.#byToken.values()) {
      if (invite.expiresAtMs <= nowMs && this.#byDigits.get(invite.digits) === invite)
        this.#byDigits.delete(invite.digits)
      if (invite.expiresAtMs + REMEMBER_ENDED_MS <= nowMs) this.#byToken.delete(invite.tokenHash)
    }
    for (const [key, invite] of this.#tickets)
      if (invite.expiresAtMs + REMEMBER_ENDED_MS <= nowMs) this.#tickets.delete(key)
  }
}
