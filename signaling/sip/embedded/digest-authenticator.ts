import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { splitOutsideQuotes } from './name-addr.ts'
import type { SipRequest } from './sip-message.ts'

/** A user's secret: the password itself, or HA1 = MD5(user:realm:password) in hex, so that none need be stored. */
export type DigestSecret = { readonly password: string } | { readonly ha1Md5: string }

export type DigestAuthOptions = {
  readonly realm: string
  /** Looks a user up; undefined for strangers. A rejection counts as a refusal. */
  readonly users: (username: string) => Promise<DigestSecret | undefined> | DigestSecret | undefined
  /** Which new requests are challenged; INVITE and REGISTER by default. */
  readonly methods?: readonly string[]
}

export type DigestVerdict =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'refused'
      readonly status: 401 | 403
      readonly headers: readonly { readonly name: string; readonly value: string }[]
    }

const nonceLifeMs = 300_000
const maxCountedNonces = 10_000

/** Challenges new requests at the edge (RFC 3261 22, RFC 7616 with MD5, `qop=auth`). */
export class DigestAuthenticator {
  readonly #options: DigestAuthOptions
  readonly #methods: ReadonlySet<string>
  readonly #key = randomBytes(32)
  /** Highest count seen for a nonce: a copy of a request that was listened to is not accepted again. */
  readonly #counts = new Map<string, number>()

  constructor(options: DigestAuthOptions) {
    this.#options = options
    this.#methods = new Set(options.methods ?? ['INVITE', 'REGISTER'])
  }

  covers(method: string): boolean {
    return this.#methods.has(method)
  }

  /** Never rejects. */
  async verify(request: SipRequest): Promise<DigestVerdict> {
    const credentials = this.#credentialsOf(request)
    if (credentials === undefined) return this.#challenge(false)
    const nonce = credentials.get('nonce') ?? ''
    const freshness = this.#check(nonce)
    if (freshness === 'foreign') return this.#challenge(false)
    if (freshness === 'stale') return this.#challenge(true)
    const username = credentials.get('username') ?? ''
    const expected = await this.#expected(request, username, credentials)
    if (expected === undefined || !equalText(expected, (credentials.get('response') ?? '').toLowerCase())) {
      return this.#challenge(false)
    }
    return this.#countUp(nonce, credentials.get('nc')) ? { kind: 'accepted' } : this.#challenge(true)
  }

  #credentialsOf(request: SipRequest): ReadonlyMap<string, string> | undefined {
    for (const header of request.headers) {
      if (header.key !== 'authorization') continue
      const credentials = parseCredentials(header.value)
      if (credentials?.get('realm') === this.#options.realm) return credentials
    }
    return undefined
  }

  async #expected(
    request: SipRequest,
    username: string,
    credentials: ReadonlyMap<string, string>,
  ): Promise<string | undefined> {
    const algorithm = credentials.get('algorithm') ?? 'MD5'
    if (algorithm.toUpperCase() !== 'MD5' || credentials.get('qop') !== 'auth') return undefined
    let secret: DigestSecret | undefined
    try {
      secret = await this.#options.users(username)
    } catch {
      return undefined
    }
    if (secret === undefined) return undefined
    const ha1 =
      'ha1Md5' in secret ? secret.ha1Md5.toLowerCase() : md5(`${username}:${this.#options.realm}:${secret.password}`)
    const ha2 = md5(`${request.method}:${credentials.get('uri') ?? ''}`)
    const { nonce, nc, cnonce } = Object.fromEntries(credentials)
    return md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`)
  }

  #challenge(stale: boolean): DigestVerdict {
    const parts = [`realm="${this.#options.realm}"`, `nonce="${this.#newNonce()}"`, 'algorithm=MD5', 'qop="auth"']
    if (stale) parts.push('stale=true')
    return {
      kind: 'refused',
      status: 401,
      headers: [{ name: 'WWW-Authenticate', value: `Digest ${parts.join(', ')}` }],
    }
  }

  /** `<time>.<random>.<mac>`: nothing needs to be remembered for a challenge that nobody answers. */
  #newNonce(): string {
    const body = `${Date.now().toString(36)}.${randomBytes(9).toString('base64url')}`
    return `${body}.${this.#mac(body)}`
  }

  #check(nonce: string): 'fresh' | 'stale' | 'foreign' {
    const lastDot = nonce.lastIndexOf('.')
    const body = nonce.slice(0, Math.max(0, lastDot))
    if (lastDot === -1 || !equalText(nonce.slice(lastDot + 1), this.#mac(body))) return 'foreign'
    const ageMs = Date.now() - Number.parseInt(body.split('.')[0] ?? '', 36)
    return ageMs >= 0 && ageMs < nonceLifeMs ? 'fresh' : 'stale'
  }

  #countUp(nonce: string, nc: string | undefined): boolean {
    const count = Number.parseInt(nc ?? '', 16)
    if (!Number.isInteger(count) || count <= (this.#counts.get(nonce) ?? 0)) return false
    if (this.#counts.size >= maxCountedNonces) this.#dropOldest()
    this.#counts.set(nonce, count)
    return true
  }

  #dropOldest(): void {
    for (const nonce of this.#counts.keys()) {
      if (this.#counts.size < maxCountedNonces && this.#check(nonce) === 'fresh') return
      this.#counts.delete(nonce)
    }
  }

  #mac(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url').slice(0, 22)
  }
}

/** `Digest a="1", b=2` to a map with lower-case names; undefined for other schemes. */
function parseCredentials(value: string): ReadonlyMap<string, string> | undefined {
  const match = /^\s*digest\s+([\s\S]*)$/i.exec(value)
  if (match === null) return undefined
  const credentials = new Map<string, string>()
  for (const part of splitOutsideQuotes(match[1] ?? '', ',')) {
    const equals = part.indexOf('=')
    if (equals === -1) continue
    const raw = part.slice(equals + 1).trim()
    const plain = /^".*"$/s.test(raw) ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw
    credentials.set(part.slice(0, equals).trim().toLowerCase(), plain)
  }
  return credentials
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function equalText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
