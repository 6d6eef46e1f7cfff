import type { Right } from '../../../signaling/protocol/rights.ts'
import { getJson, HttpRefusal, postJson } from '../http.ts'
import { Store } from './store.ts'

export type ConsoleRole = 'agent' | 'reviewer' | 'supervisor'
export type SignInTrouble = 'wrong' | 'too-many' | 'lost' | 'failed'
export type SessionState =
  | { readonly kind: 'checking' }
  /** No reply when we asked who we are; tried again by itself. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-out'; readonly expired: boolean }
  | { readonly kind: 'signed-in'; readonly id?: string; readonly name: string; readonly rights: readonly Right[] }

type Account = { id?: string; name: string; role: ConsoleRole; rights?: readonly Right[] }

const REFRESH_EVERY_MS = 5 * 60_000
const RETRY_MS = 2_000

export function signInTrouble(error: unknown): SignInTrouble {
  if (!(error instanceof HttpRefusal)) return 'failed'
  switch (error.code) {
    case 'not-signed-in':
    case 'forbidden':
    case 'bad-request':
      return 'wrong'
    case 'too-many':
      return 'too-many'
    case 'lost':
      return 'lost'
    default:
      return 'failed'
  }
}

/**
 * Remembers that somebody has signed in on this machine. Without it the page does not even ask who it is: the answer is
 * known, and a browser notes every 401 as an error.
 */
const flagOf = (role: ConsoleRole) => `tongping.signed-in.${role}`

/** Who is signed in on this page, for one role. The token itself lives in a cookie that no script can read. */
export class SessionKeeper {
  readonly state = new Store<SessionState>({ kind: 'checking' })
  readonly #role: ConsoleRole
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(role: ConsoleRole) {
    this.#role = role
  }

  /** Asks who we are; after this the state follows by itself. */
  async start(): Promise<void> {
    if (localStorage.getItem(flagOf(this.#role)) === null) {
      this.#signedOut(false)
      return
    }
    try {
      const account = await getJson<Account>(`/api/session?role=${this.#role}`)
      this.#signedIn(account)
    } catch (error) {
      if (this.#closed) return
      if (error instanceof HttpRefusal && error.code === 'lost') {
        this.state.update(() => ({ kind: 'unreachable' }))
        this.#later(RETRY_MS, () => this.start())
      } else this.#signedOut(false)
    }
  }

  /** Rejects with what `signInTrouble` understands. */
  async signIn(name: string, password: string): Promise<void> {
    const account = await postJson<Account>('/api/sign-in', { name, password, role: this.#role })
    this.#signedIn(account)
  }

  async signOut(): Promise<void> {
    clearTimeout(this.#timer)
    // Without the server the cookie stays, but the page must not pretend to be still signed in.
    await postJson('/api/sign-out', { role: this.#role }).catch(() => undefined)
    this.#signedOut(false)
  }

  /** The server does not know us any more. */
  expired(): void {
    if (this.state.get().kind !== 'signed-out') this.#signedOut(true)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #signedIn({ id, name, rights = [] }: Account): void {
    if (this.#closed) return
    localStorage.setItem(flagOf(this.#role), 'yes')
    this.state.update(() => ({ kind: 'signed-in', name, rights, ...(id !== undefined && { id }) }))
    this.#later(REFRESH_EVERY_MS, () => this.#refresh())
  }

  #signedOut(expired: boolean): void {
    clearTimeout(this.#timer)
    localStorage.removeItem(flagOf(this.#role))
    this.state.update(() => ({ kind: 'signed-out', expired }))
  }

  async #refresh(): Promise<void> {
    try {
      await postJson('/api/session/refresh', { role: this.#role })
    } catch (error) {
      if (error instanceof HttpRefusal && error.code === 'not-signed-in') {
        this.expired()
        return
      }
      // Anything else passes; the token outlives a few missed refreshes.
    }
    this.#later(REFRESH_EVERY_MS, () => this.#refresh())
  }

  #later(delayMs: number, run: () => Promise<void>): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => void run(), delayMs)
  }
}
