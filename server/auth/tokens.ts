import jwt from 'jsonwebtoken'
import * as z from 'zod'
import { CallId, ParticipantId, UserId } from '../../signaling/protocol/ids.ts'
import { Right } from './rights.ts'

const ISSUER = 'tongping'
/** Pinned: a token that names another algorithm is refused, `none` included. */
const ALGORITHM = 'HS256'

const StaffClaims = z.object({
  sub: UserId,
  name: z.string(),
  sid: z.string(),
  rights: z.array(Right).default([]),
  /** When the token was made, seconds since 1970; set by the signing. */
  iat: z.number().optional(),
})
export type StaffClaims = z.infer<typeof StaffClaims>
const CallerClaims = z.object({ sub: ParticipantId, call: CallId })
export type CallerClaims = z.infer<typeof CallerClaims>

export const STAFF_ROLES = ['agent', 'reviewer', 'supervisor'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]
/** Pages renew every five minutes; a stolen token is worth no more than a quarter of an hour. */
export const STAFF_TOKEN_S = 15 * 60
/** A caller's token also needs its call to be alive, which is what really bounds it. */
const CALLER_TOKEN_S = 12 * 3600

/** Signed tokens, one audience per role, so that none is of use at another's door. */
export class Tokens {
  readonly #secret: string
  constructor(secret: string) {
    this.#secret = secret
  }

  staff(role: StaffRole, claims: StaffClaims): string {
    const { sub, iat: _, ...rest } = claims
    return this.#sign(rest, sub, role, STAFF_TOKEN_S)
  }

  caller(claims: CallerClaims): string {
    return this.#sign({ call: claims.call }, claims.sub, 'caller', CALLER_TOKEN_S)
  }

  /** Undefined for everything that is not a valid, unexpired token of that role. */
  readStaff(role: StaffRole, token: string | undefined): StaffClaims | undefined {
    return StaffClaims.safeParse(this.#verify(token, role)).data
  }

  /** An expert let into one call. */
  guest(claims: CallerClaims): string {
    return this.#sign({ call: claims.call }, claims.sub, 'guest', CALLER_TOKEN_S)
  }

  readGuest(token: string | undefined): CallerClaims | undefined {
    return CallerClaims.safeParse(this.#verify(token, 'guest')).data
  }

  readCaller(token: string | undefined): CallerClaims | undefined {
    return CallerClaims.safeParse(this.#verify(token, 'caller')).data
  }

  #sign(payload: object, subject: string, audience: string, expiresIn: number): string {
    return jwt.sign(payload, this.#secret, { algorithm: ALGORITHM, subject, audience, issuer: ISSUER, expiresIn })
  }

  #verify(token: string | undefined, audience: string): unknown {
    if (token === undefined) return undefined
    try {
      return jwt.verify(token, this.#secret, { algorithms: [ALGORITHM], audience, issuer: ISSUER })
    } catch {
      return undefined
    }
  }
}
