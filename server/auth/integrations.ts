import { createHash, timingSafeEqual } from 'node:crypto'
import jwt from 'jsonwebtoken'

/** Pinned: a token that names another algorithm is refused, `none` included. */
const ALGORITHM = 'HS256'
const AUDIENCE = 'tongping-external-calls'
/** A token in the hands of an integration is worth no more than this. */
const MAX_AGE = '1h'

/** The other systems that may register their calls here, each with a name and a secret of its own. */
export class Integrations {
  readonly #secrets: ReadonlyMap<string, string>

  /** @param secrets by name */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#secrets = secrets
  }

  get names(): readonly string[] {
    return [...this.#secrets.keys()]
  }

  /**
   * Who asks: `Authorization: Bearer <name>:<secret>`, or a JWT (HS256, `iss` the name, `aud` `tongping-external-calls`,
   * `iat` at most an hour old, `exp`) signed with the secret. Undefined for everything else.
   */
  identify(authorization: string | undefined): string | undefined {
    const token = /^Bearer (.{1,4096})$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return undefined
    return this.#byKey(token) ?? this.#byJwt(token)
  }

  #byKey(token: string): string | undefined {
    const colon = token.indexOf(':')
    if (colon < 1) return undefined
    const name = token.slice(0, colon)
    const secret = this.#secrets.get(name)
    return secret !== undefined && same(token.slice(colon + 1), secret) ? name : undefined
  }

  #byJwt(token: string): string | undefined {
    try {
      const unread = jwt.decode(token)
      const name = typeof unread === 'object' ? unread?.iss : undefined
      const secret = name === undefined ? undefined : this.#secrets.get(name)
      if (name === undefined || secret === undefined) return undefined
      const claims = jwt.verify(token, secret, { algorithms: [ALGORITHM], audience: AUDIENCE, maxAge: MAX_AGE })
      return typeof claims === 'object' && claims.exp !== undefined ? name : undefined
    } catch {
      return undefined
    }
  }
}

/** Hashes have one length, so that the comparison tells nothing of the secret's. */
function same(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(wanted))
}
