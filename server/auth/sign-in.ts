import { randomBytes } from 'node:crypto'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import type { User, Users } from '../store/users.ts'
import { addressKey } from './address-key.ts'
import { checkPassword, hashPassword } from './password.ts'
import { RateLimit } from './rate-limit.ts'
import { STAFF_TOKEN_S, type StaffClaims, type StaffRole, type Tokens } from './tokens.ts'

const MAX_SESSION_MS = 12 * 3600 * 1000

type Session = { readonly userId: UserId; readonly role: StaffRole; readonly startedAtMs: number; untilMs: number }

/**
 * Signing in of agents and reviewers, and the sessions behind their tokens. A session lives in memory:
 * after a restart tokens still open the door until they run out, and are then renewed by a new session id.
 */
export class SignIn {
  readonly #users: Users
  readonly #tokens: Tokens
  readonly #ended = new Map<string, number>()
  readonly #sessions = new Map<string, Session>()
  readonly #perAddress = new RateLimit({ limit: 10, windowMs: 600_000 })
  readonly #perName = new RateLimit({ limit: 10, windowMs: 600_000 })
  /** Spends the time of a real check on unknown names, so that names cannot be told apart by the clock. */
  readonly #decoy: Promise<string>

  constructor(users: Users, tokens: Tokens) {
    this.#users = users
    this.#tokens = tokens
    this.#decoy = hashPassword(randomBytes(16).toString('hex'))
  }

  /** @throws AppError `not-signed-in` (wrong name, password or role: never told apart) or `too-many`. */
  async signIn(o: { name: string; password: string; role: StaffRole; address: string }) {
    const address = addressKey(o.address)
    const name = o.name.trim().toLowerCase()
    if (this.#perAddress.blockedForMs(address) > 0 || this.#perName.blockedForMs(name) > 0) {
      throw new AppError('too-many', 'too many failed attempts; try again in ten minutes')
    }
    await this.#users.look()
    const user = this.#users.byName(name)
    const good = await checkPassword(o.password, user?.passwordHash ?? (await this.#decoy))
    if (!good || user === undefined || user.disabled || user.role !== o.role) {
      this.#perAddress.fail(address)
      this.#perName.fail(name)
      throw new AppError('not-signed-in', 'name or password is wrong')
    }
    this.#perName.succeed(name)
    const sid = randomBytes(16).toString('base64url')
    const claims = { sub: user.id, name: user.displayName, sid, rights: [...user.rights] }
    const nowMs = Date.now()
    this.#sessions.set(claims.sid, {
      userId: user.id,
      role: o.role,
      startedAtMs: nowMs,
      untilMs: nowMs + STAFF_TOKEN_S * 1000,
    })
    return { claims, token: this.#tokens.staff(o.role, claims) }
  }

  /** The person a name belongs to, whoever typed it. */
  whoIs(name: string): { readonly id: UserId; readonly name: string } | undefined {
    const user = this.#users.byName(name.trim().toLowerCase())
    return user && { id: user.id, name: user.displayName }
  }

  /** The claims of a valid token whose session was not ended, with the rights its user has now. */
  read(role: StaffRole, token: string | undefined): StaffClaims | undefined {
    const claims = this.#tokens.readStaff(role, token)
    if (!claims || this.#ended.has(claims.sid)) return undefined
    const user = this.#users.byId(claims.sub)
    if (!user || user.disabled || isBefore(claims, user)) return undefined
    return { ...claims, rights: [...user.rights] }
  }

  /** A fresh token for a valid one, up to twelve hours after signing in. */
  refresh(role: StaffRole, token: string | undefined) {
    const claims = this.read(role, token)
    if (!claims) return undefined
    const nowMs = Date.now()
    const session = this.#sessions.get(claims.sid) ?? { userId: claims.sub, role, startedAtMs: nowMs, untilMs: 0 }
    if (nowMs - session.startedAtMs > MAX_SESSION_MS) return undefined
    session.untilMs = nowMs + STAFF_TOKEN_S * 1000
    this.#sessions.set(claims.sid, session)
    this.#sweep(nowMs)
    const { sub, name, sid, rights } = claims
    return { claims, token: this.#tokens.staff(role, { sub, name, sid, rights }) }
  }

  signOut(role: StaffRole, token: string | undefined): StaffClaims | undefined {
    const claims = this.read(role, token)
    if (!claims) return undefined
    this.#sessions.delete(claims.sid)
    this.#ended.set(claims.sid, Date.now() + STAFF_TOKEN_S * 1000)
    return claims
  }

  /** Whether an open WebSocket of this session may stay open: it must have been renewed in time. */
  isCurrent(claims: StaffClaims & { exp?: number }): boolean {
    if (this.#ended.has(claims.sid)) return false
    const user = this.#users.byId(claims.sub)
    if (!user || user.disabled || isBefore(claims, user)) return false
    const session = this.#sessions.get(claims.sid)
    return session === undefined || session.untilMs > Date.now()
  }

  #sweep(nowMs: number): void {
    for (const [sid, session] of this.#sessions) if (session.untilMs < nowMs) this.#sessions.delete(sid)
    for (const [sid, untilMs] of this.#ended) if (untilMs < nowMs) this.#ended.delete(sid)
  }
}

/** A token counts whole seconds; one of the very second in which sessions were ended is good. */
function isBefore({ iat }: StaffClaims, { sessionsFromMs }: User): boolean {
  return iat !== undefined && iat < Math.floor(sessionsFromMs / 1000)
}
