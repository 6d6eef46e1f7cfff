import type { RequestData } from '../../signaling/protocol/catalogue.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import { RequestRefused, type SocketState } from '../shared/socket.ts'

/** What is before the caller's eyes while the page is in the foreground. */
export type LooksAt = 'live' | 'share' | PageId
type Receipt = 'page.loaded' | 'page.seen' | 'page.copied' | 'caller.look'
/** The part of the signalling connection that is needed here. */
export type LookSignaling = {
  request<N extends Receipt>(name: N, data: RequestData<N>): Promise<unknown>
  opened(): Promise<void>
  onState(listener: (state: SocketState) => void): () => void
}
/** The page itself: whether it is in the foreground, and time. */
export type Foreground = {
  visible(): boolean
  onChange(listener: () => void): () => void
  setTimer(run: () => void, delayMs: number): () => void
}

/** What stands before a person for less than this was not seen. */
export const SEEN_MS = 600

export const BROWSER_FOREGROUND: Foreground = {
  visible: () => document.visibilityState === 'visible',
  onChange: listener => {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
  setTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/**
 * Tells the agent what became of pages on this phone: arrived, seen, copied, and what the caller looks at. Each is told
 * until the server has it, also over a lost socket; saying it twice does no harm there.
 */
export class PageLook {
  readonly #foreground: Foreground
  readonly #said = new Set<string>()
  readonly #stops: (() => void)[] = []
  #signaling: LookSignaling | undefined
  /** Said before there was a connection. */
  #waiting: ((signaling: LookSignaling) => void)[] = []
  #at: LooksAt | undefined
  #told: LooksAt | 'away' | undefined
  #cancelSeen: (() => void) | undefined

  constructor(foreground: Foreground = BROWSER_FOREGROUND) {
    this.#foreground = foreground
    this.#stops.push(foreground.onChange(() => this.#turned()))
  }

  attach(signaling: LookSignaling): void {
    this.#signaling = signaling
    this.#told = undefined
    let wasOpen = true
    this.#stops.push(
      signaling.onState(state => {
        // The server takes a phone without a socket for away; what it looks at has to be said anew.
        if (state.kind === 'open' && !wasOpen) {
          this.#told = undefined
          this.#tellLook()
        }
        wasOpen = state.kind === 'open'
      }),
    )
    for (const tell of this.#waiting.splice(0)) tell(signaling)
    this.#tellLook()
  }

  /** The picture is decoded, or the card is laid out. */
  loaded(pageId: PageId): void {
    this.#say('page.loaded', { pageId })
  }

  copied(pageId: PageId, row: number): void {
    this.#say('page.copied', { pageId, row })
  }

  /** What is shown from now on; undefined when the live screen is left. */
  shows(at: LooksAt | undefined): void {
    if (at === this.#at) return
    this.#at = at
    this.#turned()
  }

  close(): void {
    this.#cancelSeen?.()
    for (const stop of this.#stops.splice(0)) stop()
  }

  #turned(): void {
    this.#cancelSeen?.()
    this.#cancelSeen = undefined
    this.#tellLook()
    const at = this.#at
    if (at === undefined || at === 'live' || at === 'share' || !this.#foreground.visible()) return
    if (this.#said.has(key('page.seen', { pageId: at }))) return
    this.#cancelSeen = this.#foreground.setTimer(() => this.#say('page.seen', { pageId: at }), SEEN_MS)
  }

  #tellLook(): void {
    const signaling = this.#signaling
    const at = this.#at === undefined || !this.#foreground.visible() ? 'away' : this.#at
    if (signaling === undefined || this.#told === at || (this.#told === undefined && this.#at === undefined)) return
    this.#told = at
    // Only the newest look matters: one that got lost is said anew when the socket is back.
    signaling.request('caller.look', { at }).catch(() => {})
  }

  #say<N extends 'page.loaded' | 'page.seen' | 'page.copied'>(name: N, data: RequestData<N>): void {
    const once = key(name, data)
    if (this.#said.has(once)) return
    this.#said.add(once)
    const tell = (signaling: LookSignaling) => void this.#insist(signaling, name, data)
    if (this.#signaling === undefined) this.#waiting.push(tell)
    else tell(this.#signaling)
  }

  /** Until it is accepted, refused for a reason of its own, or the call is over. */
  async #insist<N extends Receipt>(signaling: LookSignaling, name: N, data: RequestData<N>): Promise<void> {
    for (;;) {
      try {
        await signaling.opened()
      } catch {
        return
      }
      try {
        await signaling.request(name, data)
        return
      } catch (error) {
        if (!(error instanceof RequestRefused && (error.code === 'lost' || error.code === 'timeout'))) return
      }
    }
  }
}

function key(name: string, data: object): string {
  return `${name} ${JSON.stringify(data)}`
}
